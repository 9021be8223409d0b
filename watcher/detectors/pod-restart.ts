/**
 * pod-restart: a container ended and was started again, or its next start is being held back.
 *
 * Reads restartCount and the last termination, because the first restart of a container produces no Warning Event. A container
 * that ended for good is no restart.
 */
import type { ContainerView, PodView, Termination } from '../views/pod-view.ts';
import { type Detector, type Found, type Look, msOf } from './detector.ts';
import { eventLinesOf, terminationLine } from './evidence-lines.ts';
import { type Kill, killOf, killsOf } from './kill-events.ts';
import { notStartedFact } from './not-started.ts';
import { restartOfAll } from './restart-of-all.ts';
import { failureOfRun } from './start-failures.ts';
import {
  endOf,
  isForgottenByRuntime,
  isRestartOfAll,
  isStatusLost,
  restartsSince,
  terminationsOf,
} from './terminations.ts';
import { unrecordedRestart } from './unrecorded-restart.ts';

export const podRestart: Detector<'Pod'> = {
  type: 'pod-restart',
  summary:
    'A container was started again after it ended, whether or not a record of its end is left, or waits in CrashLoopBackOff; what the kubelet fills in for a Pod that has failed or succeeded is none.',
  detect: (look) => [
    ...restartOfAll(look),
    ...look.now.containers.flatMap((container) => [
      ...findingsOf(look, container),
      ...unrecordedRestart(look, container).map((found) => ({ ...found, ...specialsOf(look, 'unknown') })),
    ]),
  ],
};

function findingsOf(look: Look<PodView>, container: ContainerView): Found[] {
  const { now, events } = look;
  return terminationsOf(now, container)
    .filter(({ isRestart, record }) => isRestart && !isRestartOfAll(record))
    .map((termination) => {
      const { id, ordinal, record } = termination;
      const kills = killsOf(events, container);
      const explained = kills.filter(({ cause }) => cause !== 'stopped');
      const cause = causeOf(look, record, killOf(explained, termination)?.cause);
      const wasKilled = killOf(kills, termination) !== undefined;
      return {
        nature: 'edge',
        container,
        // What cannot be started is one trouble, however often it is tried.
        fact: failureOfRun(termination, events) === undefined ? id : notStartedFact(now),
        ...specialsOf(look, cause),
        occurrence: {
          id,
          order: ordinal,
          reason: container.waiting?.reason === 'CrashLoopBackOff' ? 'CrashLoopBackOff' : reasonOf(record),
          message: messageOf(container, record, cause),
          at: endOf(now, container, record),
          times: restartsSince(look, container),
          exitCode: record.exitCode,
          cause,
          ...(isPossibleOom(cause, record) && !wasKilled && { confidence: 'possible-oom' as const }),
          evidence: [terminationLine(record), ...eventLinesOf(container.name, events)],
        },
      };
    });
}

/** What was intended is no incident for anybody. */
const intended = new Map([
  ['resize', 'The container was restarted to be resized in place.'],
  ['spec-change', 'The container was restarted because its definition was changed.'],
]);

/** What makes this restart no incident for all, for some, or one of its node. */
function specialsOf({ now }: Look<PodView>, cause: string): Pick<Found, 'dismissed' | 'optIn' | 'fallout'> {
  if (cause === 'node-reboot')
    return now.nodeName === undefined ? {} : { fallout: { kind: 'Node', name: now.nodeName } };
  const dismissed = intended.get(cause);
  if (dismissed !== undefined) return { dismissed };
  return now.owner?.kind === 'Job' && now.restartPolicy === 'OnFailure' ? { optIn: 'job-restarts' } : {};
}

/** What ended before the resize began was not ended by it. */
function isResizing({ conditions }: PodView, { finishedAt }: Termination): boolean {
  const resize = conditions.PodResizeInProgress;
  if (resize?.status !== 'True') return false;
  const sinceMs = msOf(resize.since) ?? Number.NEGATIVE_INFINITY;
  return (msOf(finishedAt) ?? sinceMs) >= sinceMs;
}

/** Some runtimes lose the race for the reason, and say OOMKilled later or never. */
function isPossibleOom(cause: string, { exitCode, reason }: Termination): boolean {
  return cause === 'exit-code' && exitCode === 137 && reason === 'Error';
}

function reasonOf(record: Termination): string {
  return record.reason === '' ? 'Restarted' : record.reason;
}

function causeOf({ now: pod, events }: Look<PodView>, record: Termination, killed: Kill['cause'] | undefined): string {
  if (record.reason === 'OOMKilled') return 'oom';
  // The node controller says so to each Pod of a node that is silent.
  const wasNodeAway = events.some(({ reason }) => reason === 'NodeNotReady');
  if (isStatusLost(record)) return isForgottenByRuntime(record) || wasNodeAway ? 'node-reboot' : 'unknown';
  if (killed !== undefined && (!intended.has(killed) || mayHaveBeenChanged(pod, record))) return killed;
  if (isResizing(pod, record)) return 'resize';
  return record.exitCode === 0 ? 'completed' : 'exit-code';
}

/** How a container ends that is asked to, or made to. */
const endsOfKills: ReadonlySet<number> = new Set([0, 137, 143]);

/** An Event alone dismisses nothing: the Pod itself must show a change, or where it cannot, an end that fits. */
function mayHaveBeenChanged({ generation }: PodView, { exitCode }: Termination): boolean {
  return generation === undefined ? endsOfKills.has(exitCode) : generation > 1;
}

/** Why it ended, where its record does not say it. */
const endings = new Map([
  ['liveness-probe', ' because its liveness probe failed'],
  ['startup-probe', ' because its startup probe failed'],
  ['node-reboot', ' when its node or the runtime there was restarted'],
]);

function messageOf(container: ContainerView, record: Termination, cause: string): string {
  const code = `exit code ${record.exitCode} (${reasonOf(record)})`;
  const ended = `Container ${container.name} ended with ${code}${endings.get(cause) ?? ''}`;
  const then =
    container.waiting === undefined
      ? `and was restarted (restarts so far: ${container.restartCount})`
      : `and is held back (${container.waiting.reason})`;
  return record.message === '' ? `${ended} ${then}` : `${ended} ${then}: ${record.message}`;
}
