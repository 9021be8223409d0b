/**
 * Seeing incidents: Pod updates and Events a second from their JSON to the last detector, memory for the picture of the
 * Pods, and whether Hooks that do not care cost anything.
 *
 * On one thread. The objects are as large as a kubelet makes them, and as varied as JSON text is.
 */
import { createListeners } from '../../../watcher/hooks/listeners.ts';
import { createEvidence } from '../../../watcher/tracking/evidence.ts';
import { createTracker, type Tracker } from '../../../watcher/tracking/tracker.ts';
import { viewEvent } from '../../../watcher/views/event-view.ts';
import { type PodView, viewPod } from '../../../watcher/views/pod-view.ts';
import { aHook } from '../../make.ts';
import { heapBytes } from '../heap.ts';
import { eventText, podText } from './cluster-text.ts';

const pods = 10_000;
const updates = 30_000;
const events = 60_000;
const hooks = 1000;
const clockMs = Date.parse('2026-09-01T12:00:00Z');

interface Bench {
  tracker: Tracker;
  evidence: ReturnType<typeof createEvidence>;
  picture: Map<string, PodView>;
  announcements: number;
}

export async function benchDetect(): Promise<Record<string, string>> {
  const few = aBench(1);
  const heapBefore = heapBytes();
  list(few);
  const heapAfter = heapBytes();
  const one = secondsOf(() => update(few));
  const many = aBench(hooks);
  list(many);
  const thousand = secondsOf(() => update(many));
  const storm = secondsOf(() => storms(many));
  return {
    'Pod updates per second, 1 Hook': (updates / one).toFixed(0),
    [`the same with ${hooks} Hooks`]: `${(updates / thousand).toFixed(0)} (of which one cares)`,
    [`Events per second, ${hooks} Hooks`]: (events / storm).toFixed(0),
    [`memory for ${pods} Pods`]: `${((heapAfter - heapBefore) / 1024 / 1024).toFixed(1)} MiB`,
    announcements: `${few.announcements} and ${many.announcements}`,
    'JSON of one Pod': `${(podText(0, 0).length / 1024).toFixed(1)} KiB`,
  };
}

/** One Hook cares for the namespace of the Pods, the others for theirs. */
function aBench(count: number): Bench {
  const listeners = createListeners(() => false);
  for (let n = 0; n < count; n += 1) {
    const namespace = n === 0 ? 'shop' : `namespace-${n}`;
    const types = ['oom-kill', 'pod-restart', 'pod-pending', 'probe-failed'];
    listeners.set({ hook: aHook(types, { namespace, uid: `hook-${n}` }), edgesFromMs: 0 });
  }
  const evidence = createEvidence();
  const tracker = createTracker({ listeners, evidence, ownersOf: ({ owner }) => (owner ? [owner] : []), holds: {} });
  return { tracker, evidence, picture: new Map(), announcements: 0 };
}

function list(bench: Bench): void {
  for (let n = 0; n < pods; n += 1) seePod(bench, podText(n, 0));
}

function update(bench: Bench): void {
  for (let n = 0; n < updates; n += 1) seePod(bench, podText(n % pods, 1 + Math.floor(n / pods)));
}

function seePod(bench: Bench, text: string): void {
  const now = viewPod(JSON.parse(text));
  if (now === undefined) throw new Error('The bench made a Pod that cannot be read.');
  const before = bench.picture.get(now.uid);
  bench.picture.set(now.uid, now);
  bench.announcements += bench.tracker.see('Pod', { before, now, isWitnessed: before !== undefined, clockMs }).length;
}

function storms(bench: Bench): void {
  for (let n = 0; n < events; n += 1) {
    const event = viewEvent(JSON.parse(eventText(n, pods)));
    const pod = event !== undefined && bench.evidence.add(event) ? bench.picture.get(event.about.uid) : undefined;
    if (pod === undefined) continue;
    bench.announcements += bench.tracker.see('Pod', { before: pod, now: pod, isWitnessed: false, clockMs }).length;
  }
}

function secondsOf(work: () => void): number {
  const startedMs = performance.now();
  work();
  return (performance.now() - startedMs) / 1000;
}
