/**
 * pod-evicted: a Pod was put off its node, or its node would not take it.
 *
 * Such a Pod is often gone within a second, so its last words count as well. The condition DisruptionTarget says who did it,
 * but not for the limits of ephemeral storage, which stand only in status.reason.
 */
import type { PodView } from '../views/pod-view.ts';
import { type Detector, type Found, msOf } from './detector.ts';
import { conditionLine, eventLines } from './evidence-lines.ts';
import { isRefusal } from './refusals.ts';

export const podEvicted: Detector<'Pod'> = {
  type: 'pod-evicted',
  summary:
    'A Pod was evicted: by its kubelet, for a Pod of higher priority, by a taint, with its node; or its node refused it, for whatever reason. Drains count only on request.',
  readsLastWords: true,
  detect({ now, events }) {
    const why = whyEvicted(now);
    if (why === undefined) return [];
    const { cause, reason, message, since } = why;
    const done = cause === 'admission' ? 'refused by its node' : 'evicted';
    return [
      {
        nature: 'edge',
        ...specialsOf(now, cause),
        occurrence: {
          id: `${now.uid}/evicted`,
          order: 1,
          reason,
          message: `Pod ${now.name} was ${done} (${reason})${message === '' ? '' : `: ${message}`}`,
          at: since ?? newestTimeOf(now),
          cause,
          evidence: [conditionLine('DisruptionTarget', now.conditions.DisruptionTarget), ...eventLines(events)],
        },
      },
    ];
  },
};

interface Why {
  cause: string;
  reason: string;
  message: string;
  since?: string | undefined;
}

/** A map: anybody may write any word as a reason, also `toString`. */
const targeted = new Map([
  ['EvictionByEvictionAPI', 'api'],
  ['PreemptionByScheduler', 'preemption'],
  ['DeletionByTaintManager', 'taint'],
  ['DeletionByPodGC', 'node-gone'],
  ['TerminationByKubelet', 'kubelet'],
]);

/** Undefined for a Pod that ended in another way, or goes on. */
export function whyEvicted(pod: PodView): Why | undefined {
  const { phase, reason, message, conditions } = pod;
  if (phase === 'Failed' && reason === 'Evicted')
    return { cause: 'node-pressure', reason, message, since: conditions.DisruptionTarget?.since };
  if (phase === 'Succeeded') return undefined;
  return whyTargeted(pod) ?? whyRefused(pod);
}

function whyTargeted({ reason, conditions: { DisruptionTarget: target } }: PodView): Why | undefined {
  if (target?.status !== 'True') return undefined;
  const by = targeted.get(target.reason);
  if (by === undefined) return undefined;
  return { ...target, cause: by === 'kubelet' && reason === 'Terminated' ? 'node-shutdown' : by };
}

function whyRefused(pod: PodView): Why | undefined {
  const { phase, reason, message } = pod;
  if (phase !== 'Failed') return undefined;
  // For a Pod without which the node cannot work.
  if (reason === 'Preempting') return { cause: 'kubelet', reason, message };
  if (!isRefusal(pod)) return undefined;
  const cause = reason === 'NodeShutdown' || reason === 'Terminated' ? 'node-shutdown' : 'admission';
  return { cause, reason, message };
}

/** Such Pods stay for days, and are no news then: the newest time that they show is about that of their end. */
export function newestTimeOf({ conditions, containers, createdAt }: PodView): string | undefined {
  const times = [
    createdAt,
    conditions.PodScheduled?.since,
    conditions.ContainersReady?.since,
    ...containers.map(({ terminated }) => terminated?.finishedAt),
  ];
  const newestMs = Math.max(...times.map(msOf).filter((ms) => ms !== undefined));
  return Number.isFinite(newestMs) ? new Date(newestMs).toISOString() : undefined;
}

/** A drain is meant; what a lost or ending node does to its Pods belongs to that node. */
function specialsOf({ nodeName }: PodView, cause: string): Pick<Found, 'optIn' | 'fallout'> {
  if (cause === 'api') return { optIn: 'drains' };
  const isOfNode = ['taint', 'node-gone', 'node-shutdown'].includes(cause);
  return isOfNode && nodeName !== undefined ? { fallout: { kind: 'Node', name: nodeName } } : {};
}
