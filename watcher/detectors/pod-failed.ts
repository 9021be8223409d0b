/**
 * pod-failed: a Pod has failed for good, and nobody put it off its node.
 *
 * Reads the phase, because the end of a container that is not started again is no restart and has no Event. Pods of Jobs are
 * tried again, until job-failed takes the Job. Never what is pod-evicted.
 */
import type { PodView, Termination } from '../views/pod-view.ts';
import { type Detector, type Found, type Look, msOf } from './detector.ts';
import { conditionLine, eventLines, eventLinesOf, terminationLine } from './evidence-lines.ts';
import { isOfProbe, killOf, killsOf } from './kill-events.ts';
import { newestTimeOf, whyEvicted } from './pod-evicted.ts';
import { failureOfRun } from './start-failures.ts';
import { isStatusLost, terminationsOf, type VisibleTermination } from './terminations.ts';

export const podFailed: Detector<'Pod'> = {
  type: 'pod-failed',
  summary:
    'A Pod has failed for good, such as one that is never restarted; one that was evicted or refused is pod-evicted instead, and Pods of Jobs count only on request.',
  detect(look) {
    const { now } = look;
    if (now.phase !== 'Failed' || whyEvicted(now) !== undefined) return [];
    const isOverdue = now.reason === 'DeadlineExceeded';
    const end = isOverdue ? undefined : decisiveEnd(now);
    return [end === undefined ? findingOf(look, isOverdue ? 'deadline' : 'unknown') : findingOfEnd(look, end)];
  },
};

/** The container for which the Pod failed: one that ran out of memory, else the first that failed; a sidecar ends after the others. */
function decisiveEnd(pod: PodView): VisibleTermination | undefined {
  return pod.containers
    .filter(({ kind }) => kind !== 'ephemeral')
    .flatMap((container) => terminationsOf(pod, container).findLast(({ isRestart }) => !isRestart) ?? [])
    .filter(({ record }) => record.exitCode !== 0)
    .toSorted((a, b) => rankOf(a) - rankOf(b) || endMs(a) - endMs(b))[0];
}

function rankOf({ container, record }: VisibleTermination): number {
  if (record.reason === 'OOMKilled') return 0;
  return container.kind === 'sidecar' ? 2 : 1;
}

function endMs({ record }: VisibleTermination): number {
  return msOf(record.finishedAt) ?? Number.MAX_SAFE_INTEGER;
}

/** What a container ended by is the trouble; an OOM kill or the kill for a probe is the same one, seen from nearer. */
function findingOfEnd(look: Look<PodView>, run: VisibleTermination): Found {
  const { now, events } = look;
  const { container, id, record } = run;
  const { exitCode, reason, message } = record;
  const { cause, wasKilled } = causeOf(look, run);
  const finding = findingOf(look, cause);
  const why = `container ${container.name} ended with exit code ${exitCode} (${reason === '' ? 'Error' : reason})`;
  const said = [now.message, why, message].filter((part) => part !== '').join(': ');
  return {
    ...finding,
    container,
    fact: id,
    occurrence: {
      ...finding.occurrence,
      member: now.uid,
      reason: now.reason || reason || finding.occurrence.reason,
      message: `Pod ${now.name} has failed: ${said}`,
      exitCode,
      ...(cause === 'exit-code' && !wasKilled && exitCode === 137 && { confidence: 'possible-oom' }),
      evidence: [terminationLine(record), ...eventLinesOf(container.name, events)],
    },
  };
}

function causeOf({ events }: Look<PodView>, run: VisibleTermination): { cause: string; wasKilled: boolean } {
  const kills = killsOf(events, run.container);
  const probe = killOf(kills.filter(isOfProbe), run)?.cause;
  const otherwise = failureOfRun(run, events) === undefined ? 'exit-code' : 'config';
  return { cause: causeOfRecord(run.record) ?? probe ?? otherwise, wasKilled: killOf(kills, run) !== undefined };
}

function causeOfRecord(record: Termination): string | undefined {
  if (record.reason === 'OOMKilled') return 'oom';
  return isStatusLost(record) ? 'unknown' : undefined;
}

/** One that shows no container that failed. */
function findingOf({ now, events }: Look<PodView>, cause: string): Found {
  const reason = now.reason === '' ? 'Failed' : now.reason;
  return {
    nature: 'edge',
    ...(now.owner?.kind === 'Job' && { optIn: 'job-pods' }),
    occurrence: {
      id: `${now.uid}/failed`,
      order: 1,
      reason,
      message: `Pod ${now.name} has failed (${reason})${now.message === '' ? '' : `: ${now.message}`}`,
      at: newestTimeOf(now),
      cause,
      evidence: [conditionLine('ContainersReady', now.conditions.ContainersReady), ...eventLines(events)],
    },
  };
}
