/**
 * Where an object waits whose owners have to be asked for, so that the stream that has shown it goes on for all others.
 *
 * Changes of one object stay in order; nothing is lost: what waits here the checkpoint does not pass. One namespace can fill
 * only its own part of the room, and then its objects go on without being asked for.
 */
import { createGate, type Gate } from '../starting/gate.ts';
import type { Metadata } from '../views/metadata.ts';
import { type Learning, learnForMs, learnOwners } from './learn-owners.ts';

type Visitor = Pick<Metadata, 'uid' | 'namespace' | 'createdAt' | 'owner'>;

export interface WaitingRoom {
  /** Does the work when the owners of the object are known: now, or later, while nobody waits for it. */
  enter: (visitor: Visitor, work: () => Promise<void>) => Promise<void>;
  /** Does the work behind what waits of the same object: now, where nothing does. */
  follow: (visitor: Pick<Visitor, 'uid'>, work: () => Promise<void>) => Promise<void>;
  /** The moment before which nothing can have happened that still waits; undefined when nothing waits. */
  oldestMs: () => number | undefined;
  /** Resolves when all that waits now has gone on. */
  settled: () => Promise<void>;
}

interface Line {
  namespace: string;
  sinceMs: number;
  done: Promise<void>;
}

/** Requests at once for one namespace, and owners of one namespace that may be waited for. */
const parallel = 4;
const mostOfOne = 500;

export function createWaitingRoom(learning: Learning): WaitingRoom {
  const lines = new Map<string, Line>();
  const gates = new Map<string, { gate: Gate; asking: Map<string, Promise<void>> }>();

  async function learn(visitor: Visitor): Promise<void> {
    const { namespace, owner } = visitor;
    if (owner === undefined || learning.owners.knows(visitor)) return;
    const own = gates.get(namespace) ?? { gate: createGate(parallel), asking: new Map<string, Promise<void>>() };
    const known = own.asking.get(owner.uid);
    if (known !== undefined) return known;
    if (own.asking.size >= mostOfOne) return;
    gates.set(namespace, own);
    const untilMs = learning.nowMs() + learnForMs;
    const answered = own.gate(() => learnOwners(learning, visitor, untilMs));
    own.asking.set(owner.uid, answered);
    await answered;
    own.asking.delete(owner.uid);
    if (own.asking.size === 0) gates.delete(namespace);
  }

  /** Whoever showed the object does not hear how it went, so it is logged here. */
  function hold(uid: string, line: Omit<Line, 'done'>, steps: () => Promise<void>): void {
    const { log } = learning;
    const before = lines.get(uid)?.done ?? Promise.resolve();
    const done: Promise<void> = before
      .then(steps)
      .catch((error: unknown) => log.warn({ uid, error: String(error) }, 'a change could not be handled'))
      .then(() => {
        if (lines.get(uid)?.done === done) lines.delete(uid);
      });
    lines.set(uid, { ...line, sinceMs: Math.min(line.sinceMs, lines.get(uid)?.sinceMs ?? line.sinceMs), done });
  }

  return {
    enter: async (visitor, work) => {
      const { uid, namespace, createdAt } = visitor;
      if (!lines.has(uid) && learning.owners.knows(visitor)) return work();
      const createdMs = Date.parse(createdAt);
      const sinceMs = Math.min(learning.nowMs(), Number.isNaN(createdMs) ? learning.nowMs() : createdMs);
      hold(uid, { namespace, sinceMs }, () => learn(visitor).then(work));
    },
    follow: async ({ uid }, work) => {
      const line = lines.get(uid);
      if (line === undefined) return work();
      hold(uid, line, work);
    },
    oldestMs: () => (lines.size === 0 ? undefined : [...lines.values()].reduce(earliest, Number.POSITIVE_INFINITY)),
    settled: async () => {
      await Promise.all([...lines.values()].map(({ done }) => done));
    },
  };
}

function earliest(ms: number, { sinceMs }: Line): number {
  return Math.min(ms, sinceMs);
}
