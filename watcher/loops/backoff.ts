/**
 * Waiting between tries to reach a server that is away: doubling, with jitter, forever.
 *
 * For connections only: everything else is retried by Temporal.
 */
import { setTimeout as delay } from 'node:timers/promises';

export interface Backoff {
  /** The next delay in milliseconds; grows until `reset`. `atLeastMs` is what the server asked for. */
  nextMs(atLeastMs?: number): number;
  reset(): void;
}

/** 0.8 s doubling to 30 s, as client-go does, with up to 20 % jitter so that many clients spread out. */
export function createBackoff(firstMs = 800, maxMs = 30_000, random: () => number = Math.random): Backoff {
  let baseMs = firstMs;
  return {
    nextMs(atLeastMs = 0) {
      const waitMs = Math.max(baseMs * (1 + random() * 0.2), atLeastMs);
      baseMs = Math.min(baseMs * 2, maxMs);
      return Math.round(waitMs);
    },
    reset() {
      baseMs = firstMs;
    },
  };
}

/** A timer set for longer than this fires at once. */
const longestMs = 2 ** 31 - 1;

/** Waits; resolves early, without error, when the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(Math.min(ms, longestMs), undefined, { signal }).catch(() => undefined);
}
