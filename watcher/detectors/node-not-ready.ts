/**
 * node-not-ready: a Node's condition Ready has not been True for longer than the threshold.
 *
 * Reads the condition, because the Events about it are type Normal and name no real uid. Nodes that are being taken away on
 * purpose are for those who ask, and new ones are given time to begin.
 */
import type { NodeView } from '../views/node-view.ts';
import { type Detector, type Found, msOf } from './detector.ts';
import { conditionLine, eventLines } from './evidence-lines.ts';

const holdMs = 60_000;

/**
 * For a Node that was never ready, from its creation: as long as Cluster API gives a machine to become a Node. Until then its
 * network and its drivers are being set up.
 */
const newMs = 10 * 60_000;
/** After its creation, until when a condition may still be the one that its kubelet wrote first. */
const firstWriteMs = 60_000;

/** Taints that announce the end of a Node, by whoever is about to take it away or knows that it is gone. */
const leaving: ReadonlySet<string> = new Set([
  'ToBeDeletedByClusterAutoscaler',
  'DeletionCandidateOfClusterAutoscaler',
  'karpenter.sh/disrupted',
  'karpenter.sh/disruption',
  'aws-node-termination-handler/spot-itn',
  'aws-node-termination-handler/rebalance-recommendation',
  'aws-node-termination-handler/scheduled-maintenance',
  'aws-node-termination-handler/asg-lifecycle-termination',
  'cloud.google.com/impending-node-termination',
  'remediator.kubernetes.azure.com/unschedulable',
  'remediator.aks.microsoft.com/unschedulable',
  'node.cloudprovider.kubernetes.io/shutdown',
  'node.kubernetes.io/shutdown',
  'node.kubernetes.io/out-of-service',
]);

export const nodeNotReady: Detector<'Node'> = {
  type: 'node-not-ready',
  summary:
    'A Node has not been ready for 1 minute; one that was never ready is new until it is 10 minutes old. One that is cordoned, or whose end a taint announces (autoscaler, spot, shutdown), only on request.',
  detect({ before, now, events }) {
    const { ready } = now;
    if (ready === undefined || ready.status === 'True') return [];
    const reason = ready.reason === '' ? 'NotReady' : ready.reason;
    return [
      {
        nature: 'state',
        holdMs,
        ...(isLeaving(now) && { optIn: 'drains' }),
        ...timingOf(before, now),
        occurrence: {
          id: `${now.uid}/Ready/${ready.since ?? 'unknown'}`,
          order: msOf(ready.since) ?? 0,
          reason,
          message: `Node ${now.name} is not ready (${reason}): ${ready.message}`,
          at: ready.since,
          nodeName: now.name,
          cause: ready.status === 'Unknown' ? 'unreachable' : 'kubelet',
          evidence: [conditionLine('Ready', ready), ...eventLines(events)],
        },
      },
    ];
  },
};

function isLeaving({ taints, isUnschedulable }: NodeView): boolean {
  return isUnschedulable || taints.some((taint) => leaving.has(taint));
}

/** What was seen ready counts at once, and goes on doing so: of one occurrence the least time counts. */
function timingOf(before: NodeView | undefined, now: NodeView): Pick<Found, 'sinceMs' | 'allowedMs'> {
  const sinceMs = msOf(now.ready?.since);
  const createdMs = msOf(now.createdAt);
  if ([before, now].some(wasReady) || createdMs === undefined) return { sinceMs };
  return { sinceMs, allowedMs: createdMs + newMs - holdMs - (sinceMs ?? createdMs) };
}

/** A kubelet says first that it is not ready, and says so again later only if it was ready or silent meanwhile. */
function wasReady(node: NodeView | undefined): boolean {
  if (node?.ready === undefined) return false;
  const { status, since = '' } = node.ready;
  return status === 'True' || (status === 'False' && Date.parse(since) > Date.parse(node.createdAt) + firstWriteMs);
}
