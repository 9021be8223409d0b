/**
 * oom-kill: a container (or a process in it) was killed because it ran out of memory.
 *
 * Reads the termination record, because no Event reports it in any Kubernetes version. Exit code 137 alone is never called an
 * OOM kill: evictions and liveness kills end the same way.
 */
import type { ContainerView, PodView, Termination } from '../views/pod-view.ts';
import type { Detector, Found, Look } from './detector.ts';
import { eventLinesOf, terminationLine } from './evidence-lines.ts';
import { endOf, terminationsOf } from './terminations.ts';

export const oomKill: Detector<'Pod'> = {
  type: 'oom-kill',
  summary: 'A container has a termination record with reason OOMKilled, whether or not it is started again.',
  detect: (look) => look.now.containers.flatMap((container) => findingsOf(look, container)),
};

function findingsOf({ now, events }: Look<PodView>, container: ContainerView): Found[] {
  return terminationsOf(now, container)
    .filter(({ record }) => record.reason === 'OOMKilled')
    .map(({ id, ordinal, record }) => ({
      nature: 'edge',
      container,
      occurrence: {
        id,
        order: ordinal,
        reason: 'OOMKilled',
        message: messageOf(container.name, record),
        at: endOf(now, container, record),
        exitCode: record.exitCode,
        cause: 'oom',
        confidence: record.exitCode === 137 ? 'certain' : 'child-process',
        evidence: [terminationLine(record), ...eventLinesOf(container.name, events)],
      },
    }));
}

function messageOf(container: string, record: Termination): string {
  const said = record.message === '' ? '' : `: ${record.message}`;
  if (record.exitCode === 137) return `Container ${container} was OOM-killed (exit code 137)${said}`;
  return `A process in container ${container} was OOM-killed; the container ended with exit code ${record.exitCode}${said}`;
}
