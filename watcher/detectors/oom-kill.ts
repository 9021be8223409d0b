/**
 * oom-kill: a container (or a process in it) was killed because it ran out of memory.
 *
 * Called through the list in index.ts. Reads the termination record, because no Event tells of it in any Kubernetes
 * version. Exit code 137 alone is never called an OOM kill: evictions and liveness kills end the same way.
 */
import { bounded, type Detector, type Finding, type Sight, wholeSeconds } from './detector.ts';
import { terminationsOf } from './terminations.ts';

export const oomKill: Detector = {
  type: 'oom-kill',
  summary: 'A container has a termination record with reason OOMKilled, whether or not it is started again.',
  detect: (sight) => ({ findings: sight.now.containers.flatMap((container) => findingsOf(sight, container)) }),
};

function findingsOf({ now, clockMs }: Sight, container: Sight['now']['containers'][number]): Finding[] {
  if (now.isBeingDeleted) return [];
  return terminationsOf(now, container)
    .filter(({ record }) => record.reason === 'OOMKilled')
    .map(({ id, ordinal, record }) => ({
      type: 'oom-kill',
      nature: 'edge',
      container: container.name,
      occurrence: {
        id,
        member: `${now.uid}/${container.name}`,
        order: ordinal,
        reason: 'OOMKilled',
        message: bounded(messageOf(container.name, record)),
        at: wholeSeconds(record.finishedAt, clockMs),
        times: 1,
        exitCode: record.exitCode,
        restartCount: container.restartCount,
        ...(now.nodeName !== undefined && { nodeName: now.nodeName }),
        cause: 'oom',
        confidence: record.exitCode === 137 ? 'certain' : 'child-process',
      },
    }));
}

function messageOf(container: string, record: { exitCode: number; message: string }): string {
  const said = record.message === '' ? '' : `: ${record.message}`;
  if (record.exitCode === 137) return `Container ${container} was OOM-killed (exit code 137)${said}`;
  return `A process in container ${container} was OOM-killed; the container ended with exit code ${record.exitCode}${said}`;
}
