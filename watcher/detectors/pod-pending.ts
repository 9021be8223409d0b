/**
 * pod-pending: a Pod has been Pending for longer than the threshold.
 *
 * A clock decides, not an Event: the scheduler complains at the first try, also when a node is on its way, and some Pods wait
 * in silence. Pods held back by scheduling gates wait by design, and the clock begins anew when the last gate goes.
 */
import type { EventView } from '../views/event-view.ts';
import type { ContainerView, PodView } from '../views/pod-view.ts';
import { whatIsWaitedFor } from './deciding-sentence.ts';
import { type Detector, msOf } from './detector.ts';
import { conditionLine, eventLines } from './evidence-lines.ts';
import { configurationReasons, imageReasons, isUntouched, notStartedFact, volumeEvents } from './not-started.ts';

const holdMs = 300_000;
/** After its creation: an autoscaler that has not brought a node by then has not taken care, whatever its Events say. */
const longestScaleUpMs = 30 * 60_000;

export const podPending: Detector<'Pod'> = {
  type: 'pod-pending',
  summary:
    'A Pod has been Pending for 5 minutes, counted from its creation, from the end of its last scheduling gate or from the last scale-up for it, by the cluster autoscaler or Karpenter; held back by a gate counts only on request.',
  detect({ now, events }) {
    if (now.phase !== 'Pending') return [];
    const { reason, message, cause } = whyPending(now, events);
    return [
      {
        nature: 'state',
        fact: notStartedFact(now),
        sinceMs: sinceMs(now, events),
        progress: now.isGated ? 'gated' : `open/${scaleUpMs(now, events)}`,
        holdMs,
        ...(cause === 'gated' && { optIn: 'scheduling-gates' }),
        occurrence: {
          ...episodeOf(now),
          reason,
          message,
          at: now.createdAt,
          cause,
          evidence: [
            conditionLine('PodScheduled', now.conditions.PodScheduled),
            ...eventLines(events.filter(({ type }) => type === 'Warning')),
          ],
        },
      },
    ];
  },
};

/**
 * For whom did not see it begin: from its creation, or from when the autoscaler last took care. Nothing says since when a Pod
 * is Pending again. A bound Pod shows since when it is bound, but not whether a gate held it back before.
 */
function sinceMs(pod: PodView, events: readonly EventView[]): number | undefined {
  const createdMs = msOf(pod.createdAt);
  if (hasRun(pod) || createdMs === undefined || wasGated(pod)) return undefined;
  const { PodScheduled: scheduled } = pod.conditions;
  const boundMs = scheduled?.status === 'True' ? msOf(scheduled.since) : undefined;
  return Math.max(createdMs, scaleUpMs(pod, events), boundMs ?? 0);
}

/** Its last gate is gone, and no scheduler has looked at it since: the condition still is that of the gate. */
function wasGated({ isGated, conditions }: PodView): boolean {
  return !isGated && conditions.PodScheduled?.reason === 'SchedulingGated';
}

/** When the autoscaler last took care, or 0. */
function scaleUpMs({ createdAt }: PodView, events: readonly EventView[]): number {
  const scaleUp = events.findLast(isScaleUp);
  const createdMs = msOf(createdAt);
  return Math.min(scaleUp?.lastMs ?? 0, createdMs === undefined ? 0 : createdMs + longestScaleUpMs);
}

/** The cluster autoscaler's, and Karpenter's, which names the node that it has ordered. */
function isScaleUp({ reason, message }: EventView): boolean {
  return reason === 'TriggeredScaleUp' || (reason === 'Nominated' && message.startsWith('Pod should schedule on'));
}

/** Each time that a Pod is Pending is one occurrence; the counts of restarts make them different. */
function episodeOf(pod: PodView): { id: string; order: number } {
  const first = msOf(pod.createdAt) ?? 0;
  if (!hasRun(pod)) return { id: `${pod.uid}/Pending/${pod.createdAt}`, order: first };
  const restarts = Math.max(...pod.containers.map(({ restartCount }) => restartCount));
  return { id: `${pod.uid}/Pending/run-${restarts}`, order: first + restarts };
}

/** A Pod all of whose containers ran once was not Pending then: its sandbox or all of its containers are made anew. */
function hasRun({ containers }: PodView): boolean {
  const main = containers.filter(({ kind }) => kind === 'container');
  return (
    main.length > 0 &&
    main.every(({ restartCount, lastTerminated }) => restartCount > 0 || lastTerminated !== undefined)
  );
}

type Why = Record<'reason' | 'message' | 'cause', string>;

function whyPending(pod: PodView, events: readonly EventView[]): Why {
  const scheduled = pod.conditions.PodScheduled;
  if (pod.isGated) {
    return { reason: 'SchedulingGated', message: 'The scheduling gates of this Pod hold it back.', cause: 'gated' };
  }
  if (wasGated(pod) || (scheduled === undefined && pod.nodeName === undefined)) {
    const sinceWhen = wasGated(pod) ? ' since its scheduling gates went' : '';
    const message = `No scheduler has looked at this Pod${sinceWhen}; check spec.schedulerName.`;
    return { reason: 'NoSchedulerDecision', message, cause: 'no-scheduler' };
  }
  if (scheduled !== undefined && scheduled.status !== 'True') {
    const reason = scheduled.reason === '' ? 'Unschedulable' : scheduled.reason;
    return { reason, message: scheduled.message === '' ? reason : scheduled.message, cause: 'unschedulable' };
  }
  return whyNotStarted(pod, events);
}

/** Once bound: a container that shows why, else what Events say of volumes and sandbox. */
function whyNotStarted(pod: PodView, events: readonly EventView[]): Why {
  const shown = pod.containers.map(whyOf).find((why) => why !== undefined);
  if (shown !== undefined) return shown;
  const volume = volumeEvents(pod, events).at(-1);
  if (volume !== undefined) return { reason: volume.reason, message: volume.message, cause: 'volume' };
  const sandbox = isUntouched(pod) ? events.findLast(({ reason }) => reason === 'FailedCreatePodSandBox') : undefined;
  if (sandbox !== undefined) return { reason: sandbox.reason, message: sandbox.message, cause: 'sandbox' };
  const message = `Bound to node ${pod.nodeName ?? 'unknown'}, but not all of its containers have started.${whatIsWaitedFor(pod)}`;
  return { reason: 'ContainersNotStarted', message, cause: 'containers-not-started' };
}

/** Between two tries an init container shows only how the last one ended. */
function whyOf(container: ContainerView): Why | undefined {
  const cause = causeOf(container);
  if (cause === undefined) return undefined;
  const { name, waiting, terminated } = container;
  const who = isInit(container) ? 'init container' : 'container';
  const reason = waiting?.reason ?? terminated?.reason ?? '';
  const said = waiting === undefined || waiting.message === '' ? '' : `: ${waiting.message}`;
  return {
    reason,
    message: `The ${who} ${name} ${waiting === undefined ? 'failed' : 'waits'} (${reason})${said}`,
    cause,
  };
}

function causeOf(container: ContainerView): string | undefined {
  const { waiting, terminated } = container;
  if (waiting === undefined) return isInit(container) && (terminated?.exitCode ?? 0) !== 0 ? 'init-crash' : undefined;
  if (imageReasons.has(waiting.reason)) return 'image';
  if (configurationReasons.has(waiting.reason)) return 'config';
  // A container that crashes has started; it is another one for which its Pod waits.
  return waiting.reason === 'CrashLoopBackOff' && isInit(container) ? 'init-crash' : undefined;
}

function isInit({ kind }: ContainerView): boolean {
  return kind === 'init' || kind === 'sidecar';
}
