/**
 * Work about objects whose owners have to be asked for: it waits here, so that the stream goes on for all other objects.
 *
 * Work about one object stays in order, and the checkpoint does not pass what waits. One namespace can only fill its own part;
 * then its objects go on without being asked for.
 */
import { createFairLimit, type FairLimit } from '../starting/fair-limit.ts';
import type { Metadata } from '../views/metadata.ts';
import { type Learning, learnForMs, learnOwners } from './learn-owners.ts';

type Owned = Pick<Metadata, 'uid' | 'namespace' | 'createdAt' | 'owner'>;
type Work = () => Promise<void>;

export interface PendingOwners {
  /** Does the work when the owners of the object are known: now, or later, while nobody waits for it. */
  whenKnown: (object: Owned, work: Work) => Promise<void>;
  /** Does the work after all that waits of the same object: now, where nothing does. */
  after: (object: Pick<Owned, 'uid'>, work: Work) => Promise<void>;
  /** The moment before which nothing can have happened that still waits; undefined when nothing waits. */
  oldestMs: () => number | undefined;
  /** Resolves when all that waits now is done. */
  settled: () => Promise<void>;
}

interface Pending {
  sinceMs: number;
  done: Promise<void>;
}

/** Requests at once for one namespace, and owners of one namespace that may be waited for. */
const parallel = 4;
const mostOfOne = 500;

export function createPendingOwners(learning: Learning): PendingOwners {
  const pending = new Map<string, Pending>();
  const learn = createLearn(learning);

  /** Nobody waits for the work, so its failure is logged here. */
  function add(uid: string, sinceMs: number, work: Work): void {
    const { log } = learning;
    const before = pending.get(uid);
    const done: Promise<void> = (before?.done ?? Promise.resolve())
      .then(work)
      .catch((error: unknown) => log.warn({ uid, error: String(error) }, 'a change could not be handled'))
      .then(() => {
        if (pending.get(uid)?.done === done) pending.delete(uid);
      });
    pending.set(uid, { sinceMs: Math.min(sinceMs, before?.sinceMs ?? sinceMs), done });
  }

  return {
    whenKnown: async (object, work) => {
      const { uid, createdAt } = object;
      if (!pending.has(uid) && learning.owners.knows(object)) return work();
      const [createdMs, nowMs] = [Date.parse(createdAt), learning.nowMs()];
      add(uid, Number.isNaN(createdMs) ? nowMs : Math.min(nowMs, createdMs), () => learn(object).then(work));
    },
    after: async ({ uid }, work) => {
      const before = pending.get(uid);
      if (before === undefined) return work();
      add(uid, before.sinceMs, work);
    },
    oldestMs: () => {
      let oldestMs: number | undefined;
      for (const { sinceMs } of pending.values()) oldestMs = Math.min(oldestMs ?? sinceMs, sinceMs);
      return oldestMs;
    },
    settled: async () => {
      await Promise.all([...pending.values()].map(({ done }) => done));
    },
  };
}

/** Asks for each owner once at a time. */
function createLearn(learning: Learning): (object: Owned) => Promise<void> {
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
    const answered = limit(() => learnOwners(learning, object, untilMs));
    asking.set(owner.uid, answered);
    await answered;
    asking.delete(owner.uid);
    if (asking.size === 0) namespaces.delete(namespace);
  };
}
