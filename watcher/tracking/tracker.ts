/**
 * From changes of objects to announcements: what occurred for which Hook, when it is over, and why a Hook refuses it.
 *
 * A state machine without I/O: it gets what changed and what time it is, asks nobody, and starts nothing. Whether something
 * was handled before is Temporal's to say.
 */
import type { Finding, Look } from '../detectors/detector.ts';
import { detect } from '../detectors/index.ts';
import type { Listener, Listeners } from '../hooks/listeners.ts';
import type { Sighting } from '../matching/match.ts';
import type { ObjectView, Views } from '../views/view.ts';
import { type Announcement, announce, endingsOf } from './announce.ts';
import { type Arbitration, type Holds, newArbitration } from './arbitration.ts';
import { createDeadlines } from './deadlines.ts';
import type { Evidence } from './evidence.ts';
import { type Fresh, forgetHook, forgetInvisible, type Memory, newMemory, remember, standingsOf } from './memory.ts';
import { asKnownBefore } from './same-run.ts';

export interface TrackerOptions {
  listeners: Listeners;
  evidence: Evidence;
  /** Owners by controller reference, nearest first, as far as they are known. */
  ownersOf: (object: ObjectView) => Sighting['owners'];
  holds: Holds;
}

export type Tracker = ReturnType<typeof createTracker>;

interface Change<V extends ObjectView> extends Omit<Look<V>, 'events'> {
  /** Whether what is new on it happened while we watched; otherwise its own time decides whether it is news. */
  isWitnessed: boolean;
  /** A moment since which it has changed while nobody watched. */
  changedSinceMs?: number | undefined;
}

interface Tracking extends TrackerOptions {
  memories: Map<string, Memory>;
  deadlines: ReturnType<typeof createDeadlines>;
}

export function createTracker(options: TrackerOptions) {
  const tracking: Tracking = { ...options, memories: new Map(), deadlines: createDeadlines() };
  return {
    see: <K extends keyof Views>(kind: K, change: Change<Views[K]>) => see(tracking, kind, change),
    gone: (uid: string) => gone(tracking, uid),
    /** A Hook is new or was edited: everything that is visible now is shown to it. */
    hookChanged: (listener: Listener, clockMs: number) => hookChanged(tracking, listener, clockMs),
    /** A Hook is no listener any more: nothing is waited for on its behalf. */
    hookGone: (uid: string) => hookGone(tracking, uid),
    /** The moment of a deadline has come. */
    passed: (clockMs: number) => passed(tracking, clockMs),
    nextDueMs: tracking.deadlines.nextMs,
    /** Everything that is visible now. */
    visible: () => visible(tracking),
  };
}

function see<K extends keyof Views>(tracking: Tracking, kind: K, change: Change<Views[K]>): Announcement[] {
  const { before, now, isWitnessed, clockMs, changedSinceMs } = change;
  const { memories, evidence } = tracking;
  const findings = detect(kind, { before, now, clockMs, events: evidence.about(now) });
  if (findings.length === 0 && !memories.has(now.uid)) return [];
  const memory = memories.get(now.uid) ?? { ...newMemory(now), changedSinceMs };
  memories.set(now.uid, memory);
  memory.object = now;
  memory.owners = tracking.ownersOf(now);
  memory.detect = (laterMs) => detect(kind, { before: now, now, clockMs: laterMs, events: evidence.about(now) });
  const fresh = { firstMs: clockMs, isWitnessed, begunHere: isWitnessed && before !== undefined };
  return update(tracking, memory, { ...fresh, findings });
}

function update(tracking: Tracking, memory: Memory, news: Fresh & { findings: Finding[] }): Announcement[] {
  const { findings, ...fresh } = news;
  remember(memory, asKnownBefore(memory.seen, findings), fresh);
  const announcements = announceVisible(tracking, memory, fresh.firstMs);
  announcements.push(...endingsOf(memory));
  forgetInvisible(memory);
  if (memory.seen.size === 0) tracking.memories.delete(memory.object.uid);
  setDeadline(tracking, memory);
  return announcements;
}

function announceVisible(tracking: Tracking, memory: Memory, clockMs: number): Announcement[] {
  const { holds } = tracking;
  const ofHooks = new Map<Listener, Arbitration>();
  const arbitrationOf = (listener: Listener) => {
    const known = ofHooks.get(listener) ?? newArbitration({ memory, listener, isNew: false, holds, clockMs });
    ofHooks.set(listener, known);
    return known;
  };
  return [...memory.seen.values()].flatMap((seen) =>
    [...tracking.listeners.of(seen.finding.type, memory.object.namespace)].flatMap((listener) =>
      announce(arbitrationOf(listener), seen),
    ),
  );
}

/** An object that is gone has no trouble any more; states that were true on it have ended. */
function gone(tracking: Tracking, uid: string): Announcement[] {
  const memory = tracking.memories.get(uid);
  if (memory === undefined) return [];
  memory.object = { ...memory.object, isBeingDeleted: true };
  memory.seen = new Map();
  tracking.memories.delete(uid);
  tracking.deadlines.set(uid, undefined);
  return endingsOf(memory);
}

/** Nothing of what is visible was witnessed for this Hook, so the time of an edge decides whether it is news. */
function hookChanged(tracking: Tracking, listener: Listener, clockMs: number): Announcement[] {
  const { holds } = tracking;
  return [...tracking.memories.values()].flatMap((memory) => {
    forgetHook(memory, listener.hook.uid);
    const arbitration = newArbitration({ memory, listener, isNew: true, holds, clockMs });
    const announcements = [...memory.seen.values()].flatMap((seen) =>
      [...tracking.listeners.of(seen.finding.type, memory.object.namespace)].some(
        ({ hook }) => hook.uid === listener.hook.uid,
      )
        ? announce(arbitration, seen)
        : [],
    );
    setDeadline(tracking, memory);
    return announcements;
  });
}

function hookGone(tracking: Tracking, uid: string): void {
  for (const memory of tracking.memories.values()) {
    forgetHook(memory, uid);
    memory.stances.delete(uid);
    setDeadline(tracking, memory);
  }
}

function passed(tracking: Tracking, clockMs: number): Announcement[] {
  return tracking.deadlines.take(clockMs).flatMap((uid) => {
    const memory = tracking.memories.get(uid);
    if (memory === undefined) return [];
    const fresh = { firstMs: clockMs, isWitnessed: false, begunHere: false };
    return update(tracking, memory, { ...fresh, findings: memory.detect(clockMs) });
  });
}

function setDeadline({ deadlines }: Tracking, memory: Memory): void {
  const { object, seen } = memory;
  const due = standingsOf(memory).flatMap((standing) => (standing.state === 'waiting' ? [standing.dueMs] : []));
  deadlines.set(object.uid, seen.size === 0 || due.length === 0 ? undefined : Math.min(...due));
}

function* visible({ memories }: Tracking): Generator<{ memory: Memory; sighting: Sighting }> {
  for (const memory of memories.values()) {
    const { object, owners, seen } = memory;
    for (const { finding, isWitnessed } of seen.values()) {
      yield { memory, sighting: { object, owners, finding, isWitnessed } };
    }
  }
}
