/**
 * volume-mount-failed: a Pod waits for a volume that cannot be attached or mounted.
 *
 * The status says ContainerCreating and no more; the cause stands in Events only. How many tries they count says nothing: the
 * first ones lie half a second apart. So one has to fail well after the first, and a Multi-Attach error, which is written
 * only once, has to stand for a while.
 */
import type { EventView } from '../views/event-view.ts';
import type { PodView } from '../views/pod-view.ts';
import type { Detector, Found, Look } from './detector.ts';
import { eventLines } from './evidence-lines.ts';
import { notStartedFact, volumeEvents } from './not-started.ts';

/**
 * From the first failure to one that proves that it lasts. The kubelet waits half a second before it tries again, then twice
 * as long each time: it tries after half a minute and after a whole one, and this lies between.
 */
const lastingMs = 45_000;
/** For what is written only once. */
const holdMs = 90_000;

export const volumeMountFailed: Detector<'Pod'> = {
  type: 'volume-mount-failed',
  summary:
    'A Pod that has not started has a volume that still could not be attached or mounted 45 seconds after that failed first, or one that is attached elsewhere (Multi-Attach) for 90 seconds.',
  detect(look) {
    const byVolume = Map.groupBy(volumeEvents(look.now, look.events), volumeOf);
    return [...byVolume].flatMap(([volume, tries]) => findingsOf(look, volume, tries));
  },
};

/** The texts of two tries may differ, which makes two Events; so does a kubelet that was restarted. The newest says most. */
function findingsOf({ now, clockMs }: Look<PodView>, volume: string, tries: readonly EventView[]): Found[] {
  const newest = tries.at(-1);
  if (newest === undefined) return [];
  const firstMs = Math.min(...tries.map((event) => event.firstMs));
  const isLasting = newest.lastMs - firstMs >= lastingMs;
  if (!isLasting && !tries.some(speaksAlone)) return [];
  const id = `${now.uid}/volume/${volume}`;
  const { reason } = newest;
  return [
    {
      nature: 'state',
      fact: notStartedFact(now),
      sinceMs: firstMs,
      holdMs: isLasting ? 0 : holdMs,
      occurrence: {
        id,
        member: id,
        order: firstMs,
        reason,
        message: newest.message,
        at: Math.min(firstMs, clockMs),
        cause: causes.get(reason) ?? 'mount',
        evidence: eventLines(tries),
      },
    },
  ];
}

/**
 * The controller reports a volume that is attached elsewhere at its first try, and then is silent for as long as it is. A
 * kubelet that says that it could not mount has waited for two minutes.
 */
function speaksAlone({ message }: EventView): boolean {
  return message.startsWith('Multi-Attach error') || message.startsWith('Unable to ');
}

const causes = new Map([
  ['FailedAttachVolume', 'attach'],
  ['FailedMapVolume', 'map'],
]);

/** The name that the kubelet quotes; without one, all of a reason are one. */
function volumeOf({ message, reason }: EventView): string {
  return /for volume "([^"]{1,253})"/.exec(message)?.[1] ?? reason;
}
