/**
 * oom-kill: a container (or a process in it) was killed because it ran out of memory.
 *
 * Reads the termination record, because no Event reports it in any Kubernetes version. Exit code 137 alone is never called an
 * OOM kill: evictions and liveness kills end the same way.
 */
import type { ContainerView, PodView, Termination } from '../views/pod-view.ts';
import { bounded, type Detector, type Finding, type Look, wholeSeconds } from './detector.ts';
import { eventLinesOf, evidenceOf, terminationLine } from './evidence-lines.ts';
import { ofContainer } from './occurrence-of.ts';
import { endOf, terminationsOf } from './terminations.ts';

export const oomKill: Detector<'Pod'> = {
  type: 'oom-kill',
  watches: 'Pod',
  summary: 'A container has a termination record with reason OOMKilled, whether or not it is started again.',
  detect: (look) =>
    look.now.isBeingDeleted ? [] : look.now.containers.flatMap((container) => findingsOf(look, container)),
};

function findingsOf({ now, clockMs, events }: Look<PodView>, container: ContainerView): Finding[] {
  return terminationsOf(now, container)
    .filter(({ record }) => record.reason === 'OOMKilled')
    .map(({ id, ordinal, record }) => ({
      type: 'oom-kill',
      nature: 'edge',
      container: container.name,
      fact: id,
      occurrence: {
        ...ofContainer(now, container),
        id,
        order: ordinal,
        reason: 'OOMKilled',
        message: bounded(messageOf(container.name, record)),
        at: wholeSeconds(endOf(now, container, record), clockMs),
        exitCode: record.exitCode,
        cause: 'oom',
        confidence: record.exitCode === 137 ? 'certain' : 'child-process',
        ...evidenceOf(terminationLine(record), ...eventLinesOf(container.name, events)),
      },
    }));
}

function messageOf(container: string, record: Termination): string {
  const said = record.message === '' ? '' : `: ${record.message}`;
  if (record.exitCode === 137) return `Container ${container} was OOM-killed (exit code 137)${said}`;
  return `A process in container ${container} was OOM-killed; the container ended with exit code ${record.exitCode}${said}`;
}
