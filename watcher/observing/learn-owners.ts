/**
 * Asks for the owners of an object until the API server answers: identities are made of owners. For each owner once at a time.
 *
 * Does not wait for ever: an incident under the name of its ReplicaSet is better than none. Never throws.
 */
import type { Logger } from 'pino';
import { createBackoff, pause } from '../loops/backoff.ts';
import { createFairLimit, type FairLimit } from '../starting/fair-limit.ts';
import type { Metadata } from '../views/metadata.ts';
import type { Owners } from './owners.ts';

export type Owned = Pick<Metadata, 'uid' | 'namespace' | 'createdAt' | 'owner'>;

export interface Learning {
  owners: Owners;
  nowMs: () => number;
  log: Logger;
  signal: AbortSignal;
}

/** From the moment at which the object was seen, however many are asked for before. */
export const learnForMs = 30_000;

/** Requests at once for one namespace, and owners of one namespace that may be waited for. */
const parallel = 4;
const mostOfOne = 500;

export function createLearn(learning: Learning): (object: Owned) => Promise<void> {
  const namespaces = new Map<string, { limit: FairLimit; asking: Map<string, Promise<void>> }>();
  return async (object) => {
    const { namespace, owner } = object;
    if (owner === undefined || learning.owners.knows(object)) return;
    const fresh = { limit: createFairLimit(parallel), asking: new Map<string, Promise<void>>() };
    const { limit, asking } = namespaces.get(namespace) ?? fresh;
    const known = asking.get(owner.uid);
    if (known !== undefined) return known;
    if (asking.size >= mostOfOne) return;
    namespaces.set(namespace, { limit, asking });
    const untilMs = learning.nowMs() + learnForMs;
    const answered = limit(() => learnUntil(untilMs, learning, object));
    asking.set(owner.uid, answered);
    await answered;
    asking.delete(owner.uid);
    if (asking.size === 0) namespaces.delete(namespace);
  };
}

async function learnUntil(untilMs: number, { owners, nowMs, log, signal }: Learning, object: Owned): Promise<void> {
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
