/**
 * A restart that only restartCount shows: the record of the run that ended was gone before the kubelet wrote the status.
 *
 * Why the run ended is not known, so no cause is made up, and never an OOM kill.
 */
import type { ContainerView, PodView } from '../views/pod-view.ts';
import { bounded, type Finding, type Look, wholeSeconds } from './detector.ts';
import { eventLinesOf, evidenceOf } from './evidence-lines.ts';
import { ofContainer } from './occurrence-of.ts';
import { endOf, restartsSince, unrecordedRunOf } from './terminations.ts';

export function unrecordedRestart(look: Look<PodView>, container: ContainerView): Finding[] {
  const { now, clockMs, events } = look;
  const run = unrecordedRunOf(now, container);
  if (run === undefined) return [];
  const { id, ordinal } = run;
  const { name, waiting, restartCount } = container;
  const then = waiting === undefined ? `was restarted (restarts so far: ${restartCount})` : 'is held back';
  return [
    {
      type: 'pod-restart',
      nature: 'edge',
      container: name,
      fact: id,
      isUnrecorded: true,
      occurrence: {
        ...ofContainer(now, container),
        id,
        order: ordinal,
        reason: waiting?.reason ?? 'Restarted',
        message: bounded(`Container ${name} ${then}; how its last run ended is not recorded`),
        at: wholeSeconds(endOf(now, container), clockMs),
        times: restartsSince(look, container),
        cause: 'unknown',
        ...evidenceOf(...eventLinesOf(name, events)),
      },
    },
  ];
}
