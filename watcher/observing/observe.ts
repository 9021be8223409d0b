/**
 * Steps 1 and 2 on the live cluster: each change becomes announcements, and each announcement enters the queue to Temporal.
 *
 * Decides nothing: the tracker says what is new, Temporal what was handled before.
 */
import type { Logger } from 'pino';
import type { Listener, Listeners } from '../hooks/listeners.ts';
import { createFiring, type Firing } from '../starting/firing.ts';
import type { Handover } from '../starting/handover.ts';
import { type Installation, incidentOf, workflowIdFor } from '../starting/incident-of.ts';
import type { Announcement } from '../tracking/announce.ts';
import type { Holds } from '../tracking/arbitration.ts';
import { createEvidence, type Evidence, isAbout } from '../tracking/evidence.ts';
import { createStaticPods, type StaticPods } from '../tracking/static-pods.ts';
import { createTracker, type Tracker } from '../tracking/tracker.ts';
import type { EventView } from '../views/event-view.ts';
import type { PodView } from '../views/pod-view.ts';
import type { ObjectView, Views } from '../views/view.ts';
import type { Owners } from './owners.ts';
import { createPendingOwners, type PendingOwners } from './pending-owners.ts';
import { trueNow } from './true-now.ts';

export interface Observer {
  changed: <K extends keyof Views>(
    kind: K,
  ) => (before: Views[K] | undefined, now: Views[K] | undefined) => Promise<void>;
  eventChanged: (before: EventView | undefined, now: EventView | undefined) => Promise<void>;
  /** A Hook is new or was edited: everything that is visible now is shown to it. */
  hookChanged: (listener: Listener) => Promise<void>;
  /** A Hook was deleted, and listens no more: nothing is looked at again for it. */
  hookGone: (uid: string) => void;
  /** Workflow ids of all incidents whose state is true now, taken by a Hook or not; read by reconciliation. */
  trueNow: () => Set<string>;
  /** What was seen and waits until its owners are known. */
  held: Pick<PendingOwners, 'oldestMs' | 'settled'>;
  stop: () => void;
}

export interface ObserverOptions {
  installation: Installation;
  listeners: Listeners;
  owners: Owners;
  /** The Pod that an Event is about, if it is there. */
  podOf: (uid: string) => PodView | undefined;
  /** A moment since which this object has changed while nobody watched; undefined where that is not known. */
  changedSinceMs?: ((object: ObjectView) => number | undefined) | undefined;
  holds: Holds;
  handover: Handover;
  log: Logger;
  nowMs: () => number;
  /** Called for each occurrence that a Hook with its type takes or refuses, before anything becomes of it. */
  onSeen?: () => void;
  /** Called for each refusal. */
  onRefused?: (refused: Announcement & { kind: 'refused' }) => void;
}

interface Observing extends ObserverOptions {
  tracker: Tracker;
  staticPods: StaticPods;
  firing: Firing;
  /** Resolves when everything that was seen so far is in the queue, in that order. */
  enqueued: Promise<void>;
  timer: NodeJS.Timeout | undefined;
  stopped: AbortController;
}

/** Node's timers hold no longer one. */
const longestTimerMs = 2 ** 31 - 1;

export function createObserver(options: ObserverOptions): Observer {
  const { listeners, owners, holds, nowMs, log } = options;
  const stopped = new AbortController();
  const evidence = createEvidence();
  const tracker = createTracker({ listeners, evidence, ownersOf: owners.of, holds });
  const pending = createPendingOwners({ owners, nowMs, log, signal: stopped.signal });
  const observing: Observing = {
    ...options,
    tracker,
    staticPods: createStaticPods(),
    firing: createFiring(),
    enqueued: Promise.resolve(),
    timer: undefined,
    stopped,
  };
  return {
    changed: (kind) => async (before, now) => {
      observing.staticPods.changed(before, now);
      if (now === undefined) return before && pending.after(before, () => enqueue(observing, tracker.gone(before.uid)));
      const changedSinceMs = before === undefined ? options.changedSinceMs?.(now) : undefined;
      const change = { before, now, isWitnessed: before !== undefined, changedSinceMs };
      return pending.whenKnown(now, () => enqueue(observing, tracker.see(kind, { ...change, clockMs: nowMs() })));
    },
    eventChanged: async (before, now) => {
      const pod = podToLookAt(observing, evidence, { before, now });
      if (pod !== undefined && now !== undefined) await pending.after(pod, () => lookAgain(observing, now));
    },
    hookChanged: (listener) => enqueue(observing, tracker.hookChanged(listener, nowMs())),
    hookGone: (uid) => {
      tracker.hookGone(uid);
      arm(observing);
    },
    trueNow: () => trueNow(observing),
    held: pending,
    stop: () => {
      observing.stopped.abort();
      clearTimeout(observing.timer);
    },
  };
}

/** The Pod that this Event brings something new about. */
function podToLookAt(
  observing: Observing,
  evidence: Evidence,
  { before, now }: { before: EventView | undefined; now: EventView | undefined },
): PodView | undefined {
  if (now !== undefined) return evidence.add(now) ? podAbout(observing, now) : undefined;
  if (before !== undefined) evidence.remove(before);
  return undefined;
}

function podAbout({ podOf, staticPods }: Observing, event: EventView): PodView | undefined {
  const pod = event.about.kind === 'Pod' ? podOf(staticPods.uidOf(event)) : undefined;
  return pod !== undefined && isAbout(event, pod) ? pod : undefined;
}

/** An Event may be old when we see it first: the time of an edge that it brings to light decides whether it is news. */
async function lookAgain(observing: Observing, event: EventView): Promise<void> {
  const pod = podAbout(observing, event);
  if (pod === undefined) return;
  const change = { before: pod, now: pod, isWitnessed: false, clockMs: observing.nowMs() };
  await enqueue(observing, observing.tracker.see('Pod', change));
}

/** Resolves when these announcements, and all before them, are in the queue. */
function enqueue(observing: Observing, announcements: readonly Announcement[]): Promise<void> {
  arm(observing);
  if (announcements.length === 0) return Promise.resolve();
  const done = observing.enqueued.then(async () => {
    for (const announcement of announcements) await enqueueOne(observing, announcement);
  });
  observing.enqueued = done.catch(() => undefined); // a failure is the caller's; those behind it go on
  return done;
}

async function enqueueOne(observing: Observing, announcement: Announcement): Promise<void> {
  if (announcement.kind === 'refused') {
    logRefusal(observing, announcement);
    return;
  }
  const { installation, handover, firing } = observing;
  const { listener, sighting } = announcement;
  const workflowId = workflowIdFor(installation, announcement);
  const { id } = sighting.finding.occurrence;
  if (announcement.kind !== 'ended') {
    if (sighting.finding.nature === 'state') firing.begins(workflowId, id);
    const isUpdate = announcement.kind === 'updated';
    if (!isUpdate) observing.onSeen?.();
    await handover.occurred(workflowId, incidentOf(installation, announcement), {
      isPaused: listener.hook.isPaused,
      isUpdate,
    });
    return;
  }
  const last = firing.ends(workflowId, id);
  if (last === undefined) return; // other members still fire
  const { kind, name } = sighting.object;
  const message = announcement.isGone
    ? `The ${kind} ${name} is gone.`
    : `The ${kind} ${name} recovered (${sighting.finding.type}).`;
  await handover.resolved(workflowId, { occurrenceId: last, at: new Date(observing.nowMs()).toISOString(), message });
}

function logRefusal(observing: Observing, refused: Announcement & { kind: 'refused' }): void {
  const { listener, sighting, refusal } = refused;
  const { hook } = listener;
  const { type, occurrence } = sighting.finding;
  observing.onSeen?.();
  observing.onRefused?.(refused);
  observing.log.debug(
    { hook: `${hook.namespace}/${hook.name}`, type, occurrence: occurrence.id, ...refusal },
    'refused',
  );
}

/** Nothing more may ever be written to an object in trouble, so the clock has to bring us back to it. */
function arm(observing: Observing): void {
  clearTimeout(observing.timer);
  const { tracker, nowMs, log, stopped } = observing;
  const dueMs = tracker.nextDueMs();
  if (dueMs === undefined || stopped.signal.aborted) return;
  observing.timer = setTimeout(
    () => {
      enqueue(observing, tracker.passed(nowMs())).catch((error: unknown) => {
        log.error({ error: String(error) }, 'a deadline could not be handled');
      });
    },
    Math.min(Math.max(dueMs - nowMs(), 1), longestTimerMs),
  );
}
