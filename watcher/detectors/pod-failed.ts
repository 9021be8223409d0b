/**
 * pod-failed: a Pod has failed for good, and nobody put it off its node.
 *
 * Reads the phase, because the end of a container that is not started again is no restart and has no Event. Pods of Jobs are
 * tried again, until job-failed takes the Job. Never what is pod-evicted.
 */
import type { ContainerView, PodView, Termination } from '../views/pod-view.ts';
import { bounded, type Detector, type Finding, type Look, wholeSeconds } from './detector.ts';
import { conditionLine, eventLines, eventLinesOf, evidenceOf, terminationLine } from './evidence-lines.ts';
import { type Kill, killOf, killsOf } from './kill-events.ts';
import { ofContainer, ofPod } from './occurrence-of.ts';
import { newestTimeOf, whyEvicted } from './pod-evicted.ts';
import { failureOfRun } from './start-failures.ts';
import { isStatusLost, terminationsOf, type VisibleTermination } from './terminations.ts';

export const podFailed: Detector<'Pod'> = {
  type: 'pod-failed',
  watches: 'Pod',
  summary:
    'A Pod has failed for good, such as one that is never restarted; one that was evicted or refused is pod-evicted instead, and Pods of Jobs count only on request.',
  detect(look) {
    const { now } = look;
    // A Pod that somebody deletes ends as Failed as well.
    if (now.phase !== 'Failed' || now.isBeingDeleted || whyEvicted(now) !== undefined) return [];
    const isOverdue = now.reason === 'DeadlineExceeded';
    const end = isOverdue ? undefined : decisiveEnd(now);
    return [end === undefined ? findingOf(look, isOverdue ? 'deadline' : 'unknown') : findingOfEnd(look, end)];
  },
};

interface End {
  container: ContainerView;
  run: VisibleTermination;
}

/** The container for which the Pod failed: one that ran out of memory, else the first that failed; a sidecar ends after the others. */
function decisiveEnd(pod: PodView): End | undefined {
  const ends = pod.containers.flatMap((container): End[] => {
    if (container.kind === 'ephemeral') return [];
    const run = terminationsOf(pod, container).findLast(({ isRestart }) => !isRestart);
    return run === undefined || run.record.exitCode === 0 ? [] : [{ container, run }];
  });
  return ends.toSorted((a, b) => rankOf(a) - rankOf(b) || endMs(a) - endMs(b))[0];
}

function rankOf({ container, run }: End): number {
  if (run.record.reason === 'OOMKilled') return 0;
  return container.kind === 'sidecar' ? 2 : 1;
}

function endMs({ run }: End): number {
  const ms = Date.parse(run.record.finishedAt ?? '');
  return Number.isNaN(ms) ? Number.MAX_SAFE_INTEGER : ms;
}

/** What a container ended by is the trouble; an OOM kill or the kill for a probe is the same one, seen from nearer. */
function findingOfEnd(look: Look<PodView>, end: End): Finding {
  const { now, events } = look;
  const { container, run } = end;
  const { exitCode, reason, message } = run.record;
  const { cause, wasKilled } = causeOf(look, end);
  const finding = findingOf(look, cause);
  const why = `container ${container.name} ended with exit code ${exitCode} (${reason === '' ? 'Error' : reason})`;
  const said = [now.message, why, message].filter((part) => part !== '').join(': ');
  return {
    ...finding,
    container: container.name,
    fact: run.id,
    occurrence: {
      ...finding.occurrence,
      ...ofContainer(now, container),
      member: finding.occurrence.member,
      reason: now.reason || reason || finding.occurrence.reason,
      message: bounded(`Pod ${now.name} has failed: ${said}`),
      exitCode,
      ...(cause === 'exit-code' && !wasKilled && exitCode === 137 && { confidence: 'possible-oom' }),
      ...evidenceOf(terminationLine(run.record), ...eventLinesOf(container.name, events)),
    },
  };
}

function causeOf({ events }: Look<PodView>, { container, run }: End): { cause: string; wasKilled: boolean } {
  const kills = killsOf(events, container);
  const probe = killOf(kills.filter(isOfProbe), run, container)?.cause;
  const otherwise = failureOfRun(run, container, events) === undefined ? 'exit-code' : 'config';
  return {
    cause: causeOfRecord(run.record) ?? probe ?? otherwise,
    wasKilled: killOf(kills, run, container) !== undefined,
  };
}

function causeOfRecord(record: Termination): string | undefined {
  if (record.reason === 'OOMKilled') return 'oom';
  return isStatusLost(record) ? 'unknown' : undefined;
}

function isOfProbe({ cause }: Kill): boolean {
  return cause === 'liveness-probe' || cause === 'startup-probe';
}

/** One that shows no container that failed. */
function findingOf({ now, clockMs, events }: Look<PodView>, cause: string): Finding {
  const id = `${now.uid}/failed`;
  const reason = now.reason === '' ? 'Failed' : now.reason;
  return {
    type: 'pod-failed',
    nature: 'edge',
    fact: id,
    ...(now.owner?.kind === 'Job' && { optIn: 'job-pods' }),
    occurrence: {
      ...ofPod(now),
      id,
      order: 1,
      reason,
      message: bounded(`Pod ${now.name} has failed (${reason})${now.message === '' ? '' : `: ${now.message}`}`),
      at: wholeSeconds(newestTimeOf(now), clockMs),
      cause,
      ...evidenceOf(conditionLine('ContainersReady', now.conditions.ContainersReady), ...eventLines(events)),
    },
  };
}
