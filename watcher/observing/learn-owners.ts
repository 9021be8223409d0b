/**
 * Asks for the owners of an object until the API server answers: identities are made of owners.
 *
 * Does not wait for ever: an incident under the name of its ReplicaSet is better than none. Never throws.
 */
import type { Logger } from 'pino';
import { createBackoff, pause } from '../loops/backoff.ts';
import type { Owners } from './owners.ts';

export interface Learning {
  owners: Owners;
  nowMs: () => number;
  log: Logger;
  signal: AbortSignal;
}

/** From the moment at which the object was seen, however many are asked for before. */
export const learnForMs = 30_000;

export async function learnOwners(
  { owners, nowMs, log, signal }: Learning,
  object: Parameters<Owners['learn']>[0],
  untilMs: number,
): Promise<void> {
  const backoff = createBackoff();
  let failure = 'too much was asked for before it';
  while (nowMs() < untilMs && !signal.aborted) {
    try {
      await owners.learn(object);
      return;
    } catch (error) {
      failure = String(error);
      await pause(Math.min(backoff.nextMs(), Math.max(0, untilMs - nowMs())), signal);
    }
  }
  log.warn({ owner: object.owner, error: failure }, 'an owner could not be asked for; going on without its own');
}
