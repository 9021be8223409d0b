/**
 * Steps 1 and 2 on the live cluster: each change becomes announcements, and each announcement enters the queue to Temporal.
 *
 * Decides nothing: the tracker says what is new, Temporal what was handled before.
 */
import type { Listener, Listeners } from '../hooks/listeners.ts';
import type { Announcement } from '../tracking/announce.ts';
import type { Holds } from '../tracking/arbitration.ts';
import { createEvidence, isAbout } from '../tracking/evidence.ts';
import { createStaticPods, type StaticPods } from '../tracking/static-pods.ts';
import { createTracker, type Tracker } from '../tracking/tracker.ts';
import type { EventView } from '../views/event-view.ts';
import type { PodView } from '../views/pod-view.ts';
import type { ObjectView, Views } from '../views/view.ts';
import { createEnqueue, type Queueing } from './enqueue.ts';
import type { Owners } from './owners.ts';
import { createPendingOwners } from './pending-owners.ts';
import { trueNow } from './true-now.ts';

export interface ObserverOptions extends Queueing {
  listeners: Listeners;
  owners: Owners;
  /** The Pod that an Event is about, if it is there. */
  podOf: (uid: string) => PodView | undefined;
  /** A moment since which this object has changed while nobody watched; undefined where that is not known. */
  changedSinceMs?: ((object: ObjectView) => number | undefined) | undefined;
  holds: Holds;
}

interface Observing extends ObserverOptions {
  tracker: Tracker;
  staticPods: StaticPods;
  enqueue: ReturnType<typeof createEnqueue>;
  timer: NodeJS.Timeout | undefined;
  stopped: AbortController;
}

export type Observer = ReturnType<typeof createObserver>;

/** Node's timers hold no longer one. */
const longestTimerMs = 2 ** 31 - 1;

export function createObserver(options: ObserverOptions) {
  const { listeners, owners, holds, nowMs, log } = options;
  const stopped = new AbortController();
  const evidence = createEvidence();
  const tracker = createTracker({ listeners, evidence, ownersOf: owners.of, holds });
  const pending = createPendingOwners({ owners, nowMs, log, signal: stopped.signal });
  const parts = { tracker, staticPods: createStaticPods(), enqueue: createEnqueue(options), stopped };
  const observing: Observing = { ...options, ...parts, timer: undefined };
  return {
    changed:
      <K extends keyof Views>(kind: K) =>
      async (before: Views[K] | undefined, now: Views[K] | undefined): Promise<void> => {
        observing.staticPods.changed(before, now);
        if (now === undefined)
          return before && pending.after(before, () => announce(observing, tracker.gone(before.uid)));
        const changedSinceMs = before === undefined ? options.changedSinceMs?.(now) : undefined;
        const change = { before, now, isWitnessed: before !== undefined, changedSinceMs };
        return pending.whenKnown(now, () => announce(observing, tracker.see(kind, { ...change, clockMs: nowMs() })));
      },
    eventChanged: async (before: EventView | undefined, now: EventView | undefined): Promise<void> => {
      if (now === undefined) return before && evidence.remove(before);
      const pod = evidence.add(now) ? podAbout(observing, now) : undefined;
      if (pod !== undefined) await pending.after(pod, () => lookAgain(observing, now));
    },
    /** A Hook is new or was edited: everything that is visible now is shown to it. */
    hookChanged: (listener: Listener) => announce(observing, tracker.hookChanged(listener, nowMs())),
    /** A Hook was deleted, and listens no more: nothing is looked at again for it. */
    hookGone: (uid: string) => {
      tracker.hookGone(uid);
      arm(observing);
    },
    /** Workflow ids of all incidents whose state is true now, taken by a Hook or not; read by reconciliation. */
    trueNow: () => trueNow(observing),
    /** What was seen and waits until its owners are known. */
    held: pending,
    stop: () => {
      stopped.abort();
      clearTimeout(observing.timer);
    },
  };
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
  await announce(observing, observing.tracker.see('Pod', change));
}

function announce(observing: Observing, announcements: readonly Announcement[]): Promise<void> {
  arm(observing);
  return observing.enqueue(announcements);
}

/** Nothing more may ever be written to an object in trouble, so the clock has to bring us back to it. */
function arm(observing: Observing): void {
  clearTimeout(observing.timer);
  const { tracker, nowMs, log, stopped } = observing;
  const dueMs = tracker.nextDueMs();
  if (dueMs === undefined || stopped.signal.aborted) return;
  observing.timer = setTimeout(
    () => {
      announce(observing, tracker.passed(nowMs())).catch((error: unknown) => {
        log.error({ error: String(error) }, 'a deadline could not be handled');
      });
    },
    Math.min(Math.max(dueMs - nowMs(), 1), longestTimerMs),
  );
}
