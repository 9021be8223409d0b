/**
 * A restart that only restartCount shows: the record of the run that ended was gone before the kubelet wrote the status.
 *
 * Why the run ended is not known, so no cause is made up, and never an OOM kill.
 */
import type { ContainerView, PodView } from '../views/pod-view.ts';
import type { Found, Look } from './detector.ts';
import { eventLinesOf } from './evidence-lines.ts';
import { hasEnded } from './not-started.ts';
import { endOf, numberOfRun, restartsSince, runId } from './terminations.ts';

export function unrecordedRestart(look: Look<PodView>, container: ContainerView): Found[] {
  const { now, events } = look;
  const ordinal = unrecordedRunOf(now, container);
  if (ordinal === undefined) return [];
  const { name, waiting, restartCount } = container;
  const then = waiting === undefined ? `was restarted (restarts so far: ${restartCount})` : 'is held back';
  return [
    {
      nature: 'edge',
      container,
      isUnrecorded: true,
      occurrence: {
        id: runId(now, container, numberOfRun(ordinal)),
        order: ordinal,
        reason: waiting?.reason ?? 'Restarted',
        message: `Container ${name} ${then}; how its last run ended is not recorded`,
        at: endOf(now, container),
        times: restartsSince(look, container),
        cause: 'unknown',
        evidence: eventLinesOf(name, events),
      },
    },
  ];
}

/**
 * Which run ended without leaving a record, of a container that was started again or is being held back. An init container may
 * be run again because its Pod got a new sandbox, and then nothing of its first run is left.
 */
function unrecordedRunOf(pod: PodView, container: ContainerView): number | undefined {
  const { kind, running, waiting, lastTerminated, restartCount } = container;
  if (lastTerminated !== undefined || kind === 'ephemeral' || hasEnded(pod)) return undefined;
  if (waiting?.reason === 'CrashLoopBackOff') return restartCount + 1;
  return running && restartCount > 0 && kind !== 'init' ? restartCount : undefined;
}
