/**
 * Identities are made of owners, so it is worth waiting for one that cannot be asked for now.
 *
 * Called by observe for each changed object. Does not wait for ever: an incident under the name of its ReplicaSet is better
 * than none. Never throws.
 */
import type { Logger } from 'pino';
import { createBackoff, pause } from '../backoff.ts';
import type { Owners } from './owners.ts';

interface Learning {
  owners: Owners;
  nowMs: () => number;
  log: Logger;
  signal: AbortSignal;
}

const learnForMs = 30_000;

export async function learnOwners(learning: Learning, object: Parameters<Owners['learn']>[0]): Promise<void> {
  const { owners, nowMs, log, signal } = learning;
  const untilMs = nowMs() + learnForMs;
  const backoff = createBackoff();
  for (;;) {
    try {
      await owners.learn(object);
      return;
    } catch (error) {
      if (nowMs() >= untilMs || signal.aborted) {
        log.warn(
          { owner: object.owner, error: String(error) },
          'an owner could not be asked for; going on without its own',
        );
        return;
      }
      await pause(backoff.nextMs(), signal);
    }
  }
}
