/**
 * pod-pending: a Pod has been Pending for longer than the threshold.
 *
 * Called through the list in index.ts. A clock decides, not an Event: the scheduler complains at the first try, also
 * when a node is on its way, and some Pods wait in silence. Pods held back by scheduling gates wait by design.
 */
import type { PodView } from '../pod-view.ts';
import { bounded, type Detector, wholeSeconds } from './detector.ts';

export const podPending: Detector = {
  type: 'pod-pending',
  summary:
    'A Pod has been Pending for 5 minutes, counted from its creation; held back by a scheduling gate does not count.',
  detect({ now, clockMs, thresholds }) {
    if (now.isBeingDeleted || now.phase !== 'Pending' || now.scheduled?.reason === 'SchedulingGated')
      return { findings: [] };
    const sinceMs = Date.parse(now.createdAt);
    const dueMs = sinceMs + thresholds.pendingAfterMs;
    if (clockMs < dueMs) return { findings: [], dueMs };
    const { reason, message } = whyPending(now);
    return {
      findings: [
        {
          type: 'pod-pending',
          nature: 'state',
          occurrence: {
            id: `${now.uid}/Pending/${now.createdAt}`,
            member: now.uid,
            order: sinceMs,
            reason,
            message: bounded(message),
            at: wholeSeconds(now.createdAt, clockMs),
            times: 1,
            ...(now.nodeName !== undefined && { nodeName: now.nodeName }),
          },
        },
      ],
    };
  },
};

function whyPending(pod: PodView): { reason: string; message: string } {
  const { scheduled } = pod;
  if (scheduled === undefined) {
    return { reason: 'NoSchedulerDecision', message: 'No scheduler has looked at this Pod; check spec.schedulerName.' };
  }
  if (scheduled.status !== 'True') {
    const reason = scheduled.reason === '' ? 'Unschedulable' : scheduled.reason;
    return { reason, message: scheduled.message === '' ? reason : scheduled.message };
  }
  const waiting = pod.containers.find((container) => container.waiting !== undefined);
  if (waiting?.waiting !== undefined) {
    const { reason, message } = waiting.waiting;
    const said = message === '' ? '' : `: ${message}`;
    return {
      reason: reason === '' ? 'ContainersNotStarted' : reason,
      message: `Container ${waiting.name} waits (${reason})${said}`,
    };
  }
  return {
    reason: 'ContainersNotStarted',
    message: `Bound to node ${pod.nodeName ?? 'unknown'}, but no container has started.`,
  };
}
