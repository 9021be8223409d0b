/**
 * pod-restart: a container ended and was started again, or its next start is being held back.
 *
 * Called through the list in index.ts. Reads restartCount and the last termination, because the first restart of a
 * container produces no Warning Event. A container that ended for good is no restart.
 */
import type { ContainerView, Termination } from '../pod-view.ts';
import { bounded, type Detector, type Finding, type Sight, wholeSeconds } from './detector.ts';
import { terminationsOf } from './terminations.ts';

export const podRestart: Detector = {
  type: 'pod-restart',
  summary: 'A container was started again after it ended, or waits in CrashLoopBackOff.',
  detect: (sight) => ({ findings: sight.now.containers.flatMap((container) => findingsOf(sight, container)) }),
};

function findingsOf(sight: Sight, container: ContainerView): Finding[] {
  const { now, clockMs } = sight;
  if (now.isBeingDeleted) return [];
  return terminationsOf(now, container)
    .filter(({ isRestart }) => isRestart)
    .map(({ id, ordinal, record }) => ({
      type: 'pod-restart',
      nature: 'edge',
      container: container.name,
      occurrence: {
        id,
        member: `${now.uid}/${container.name}`,
        order: ordinal,
        reason: container.waiting?.reason === 'CrashLoopBackOff' ? 'CrashLoopBackOff' : reasonOf(record),
        message: bounded(messageOf(container, record)),
        at: wholeSeconds(record.finishedAt, clockMs),
        times: restartsSince(sight, container),
        exitCode: record.exitCode,
        restartCount: container.restartCount,
        ...(now.nodeName !== undefined && { nodeName: now.nodeName }),
        cause: causeOf(record),
      },
    }));
}

/** The kubelet keeps only the last termination: a jump of the count stands for restarts whose records are gone. */
function restartsSince({ before }: Sight, container: ContainerView): number {
  const earlier = before?.containers.find(({ name }) => name === container.name);
  if (earlier === undefined) return 1;
  return Math.max(1, container.restartCount - earlier.restartCount);
}

function reasonOf(record: Termination): string {
  return record.reason === '' ? 'Restarted' : record.reason;
}

function causeOf(record: Termination): string {
  if (record.reason === 'OOMKilled') return 'oom';
  if (record.reason === 'ContainerStatusUnknown' || (record.reason === 'Unknown' && record.exitCode === 255))
    return 'node-reboot';
  if (record.exitCode === 0) return 'completed';
  return 'exit-code';
}

function messageOf(container: ContainerView, record: Termination): string {
  const ended = `Container ${container.name} ended with exit code ${record.exitCode} (${reasonOf(record)})`;
  const then =
    container.waiting === undefined
      ? `and was restarted (restarts so far: ${container.restartCount})`
      : `and is held back (${container.waiting.reason})`;
  return record.message === '' ? `${ended} ${then}` : `${ended} ${then}: ${record.message}`;
}
