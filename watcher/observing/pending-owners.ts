/**
 * Work about objects whose owners have to be asked for: it waits here, so that the stream goes on for all other objects.
 *
 * Work about one object stays in order, and the checkpoint does not pass what waits. One namespace can only fill its own part;
 * then its objects go on without being asked for.
 */
import { createLearn, type Learning, type Owned } from './learn-owners.ts';

type Work = () => Promise<void>;

interface Pending {
  sinceMs: number;
  done: Promise<void>;
}

export function createPendingOwners(learning: Learning) {
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
    /** Does the work when the owners of the object are known: now, or later, while nobody waits for it. */
    whenKnown: async (object: Owned, work: Work): Promise<void> => {
      const { uid, createdAt } = object;
      if (!pending.has(uid) && learning.owners.knows(object)) return work();
      const [createdMs, nowMs] = [Date.parse(createdAt), learning.nowMs()];
      add(uid, Number.isNaN(createdMs) ? nowMs : Math.min(nowMs, createdMs), () => learn(object).then(work));
    },
    /** Does the work after all that waits of the same object: now, where nothing does. */
    after: async ({ uid }: Pick<Owned, 'uid'>, work: Work): Promise<void> => {
      const before = pending.get(uid);
      if (before === undefined) return work();
      add(uid, before.sinceMs, work);
    },
    /** The moment before which nothing can have happened that still waits; undefined when nothing waits. */
    oldestMs: (): number | undefined => {
      let oldestMs: number | undefined;
      for (const { sinceMs } of pending.values()) oldestMs = Math.min(oldestMs ?? sinceMs, sinceMs);
      return oldestMs;
    },
    /** Resolves when all that waits now is done. */
    settled: async (): Promise<void> => {
      await Promise.all([...pending.values()].map(({ done }) => done));
    },
  };
}
