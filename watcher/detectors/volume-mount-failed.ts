/**
 * volume-mount-failed: a Pod waits for a volume that cannot be attached or mounted.
 *
 * Called through the list in index.ts. The status says ContainerCreating and no more; the cause stands in Events only. One
 * failed try while a node starts is harmless; a Multi-Attach error is told only once: so it is twice, or once for a while.
 */
import type { EventView } from '../views/event-view.ts';
import type { PodView } from '../views/pod-view.ts';
import { bounded, type Detector, type Finding, type Sight, wholeSeconds } from './detector.ts';
import { eventLines, evidenceOf } from './evidence-lines.ts';
import { notStartedFact, volumeEvents } from './not-started.ts';
import { ofPod } from './occurrence-of.ts';

/** For a try that was told once. */
const holdMs = 90_000;

export const volumeMountFailed: Detector<'Pod'> = {
  type: 'volume-mount-failed',
  watches: 'Pod',
  summary:
    'A Pod that has not started has a volume of which two tries to attach or mount it failed, or one that is 90 seconds ago.',
  detect({ now, clockMs, events }) {
    if (now.isBeingDeleted) return [];
    const byVolume = Map.groupBy(volumeEvents(now, events), volumeOf);
    return [...byVolume].map(([volume, tries]) => findingOf({ now, clockMs }, volume, tries));
  },
};

type Place = Pick<Sight<PodView>, 'now' | 'clockMs'>;

/** The texts of two tries may differ, which makes two Events. The newest one tells the most. */
function findingOf({ now, clockMs }: Place, volume: string, tries: readonly EventView[]): Finding {
  const id = `${now.uid}/volume/${volume}`;
  const newest = tries.at(-1);
  const count = tries.reduce((sum, event) => sum + event.count, 0);
  const firstMs = Math.min(...tries.map((event) => event.firstMs));
  const reason = newest?.reason ?? 'FailedMount';
  return {
    type: 'volume-mount-failed',
    nature: 'state',
    fact: notStartedFact(now),
    holdMs: count >= 2 ? 0 : holdMs,
    occurrence: {
      ...ofPod(now),
      id,
      member: id,
      order: firstMs,
      reason,
      message: bounded(newest?.message ?? ''),
      at: wholeSeconds(undefined, Math.min(firstMs, clockMs)),
      cause: causes.get(reason) ?? 'mount',
      ...evidenceOf(...eventLines(tries)),
    },
  };
}

const causes = new Map([
  ['FailedAttachVolume', 'attach'],
  ['FailedMapVolume', 'map'],
]);

/** The name that the kubelet quotes; without one, all of a reason are one. */
function volumeOf({ message, reason }: EventView): string {
  return /for volume "([^"]{1,253})"/.exec(message)?.[1] ?? reason;
}
