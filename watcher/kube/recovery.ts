/**
 * How to go on after a watch or a list has failed: from where, and after how long.
 *
 * Decides only; waiting and logging are the reflector's.
 */
import type { Backoff } from '../loops/backoff.ts';
import { KubeError } from './api-server.ts';
import { UnreadableEventError } from './watch-events.ts';

export interface Recovery {
  /** Something went well: the next failure is the first again. */
  calm: () => void;
  /** `mustList`: what was missed can no longer be had by watching. */
  after: (error: unknown) => { mustList: boolean; waitMs: number };
}

export function createRecovery(backoff: Backoff): Recovery {
  let isCalm = true;
  return {
    calm: () => {
      isCalm = true;
      backoff.reset();
    },
    after: (error) => {
      const answer = error instanceof KubeError ? error : undefined;
      // Only the first 410 after good times is followed by a list at once: lists are expensive.
      const waitMs = answer?.status === 410 && isCalm ? 0 : backoff.nextMs(answer?.retryAfterMs);
      isCalm = false;
      return { mustList: mustList(error), waitMs };
    },
  };
}

/** A broken connection is taken up where it ended, and so is a server with too much to do. */
function mustList(error: unknown): boolean {
  return error instanceof KubeError ? error.status !== 429 : error instanceof UnreadableEventError;
}
