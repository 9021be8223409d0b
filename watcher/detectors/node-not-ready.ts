/**
 * node-not-ready: a Node's condition Ready has not been True for longer than the threshold.
 *
 * Called through the list in index.ts. Reads the condition, because the Events about it are type Normal and name no real uid.
 * Nodes that are being taken away on purpose are none.
 */
import type { NodeView } from '../views/node-view.ts';
import { bounded, type Detector, wholeSeconds } from './detector.ts';
import { conditionLine, eventLines, evidenceOf } from './evidence-lines.ts';

const holdMs = 60_000;

/** Set by cluster autoscalers on a Node that they are about to remove. */
const leaving: ReadonlySet<string> = new Set([
  'ToBeDeletedByClusterAutoscaler',
  'karpenter.sh/disrupted',
  'karpenter.sh/disruption',
]);

export const nodeNotReady: Detector<'Node'> = {
  type: 'node-not-ready',
  watches: 'Node',
  summary:
    'A Node has not been ready for 1 minute; one that an autoscaler removes is none, a cordoned one only on request.',
  detect({ now, clockMs, events }) {
    const { ready } = now;
    if (now.isBeingDeleted || ready === undefined || ready.status === 'True') return [];
    const sinceMs = Date.parse(ready.since ?? '');
    const id = `${now.uid}/Ready/${ready.since ?? 'unknown'}`;
    const reason = ready.reason === '' ? 'NotReady' : ready.reason;
    return [
      {
        type: 'node-not-ready',
        nature: 'state',
        fact: id,
        holdMs,
        ...(!Number.isNaN(sinceMs) && { sinceMs }),
        ...plansOf(now),
        occurrence: {
          id,
          member: now.uid,
          objectName: now.name,
          order: Number.isNaN(sinceMs) ? 0 : sinceMs,
          reason,
          message: bounded(`Node ${now.name} is not ready (${reason}): ${ready.message}`),
          at: wholeSeconds(ready.since, clockMs),
          times: 1,
          nodeName: now.name,
          cause: ready.status === 'Unknown' ? 'unreachable' : 'kubelet',
          ...evidenceOf(conditionLine('Ready', ready), ...eventLines(events)),
        },
      },
    ];
  },
};

function plansOf({ taints, isUnschedulable }: NodeView) {
  if (taints.some((taint) => leaving.has(taint))) return { dismissed: 'The Node is being removed by an autoscaler.' };
  return isUnschedulable ? { optIn: 'drains' as const } : {};
}
