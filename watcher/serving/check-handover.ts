/**
 * The health check of the queue to Temporal.
 */
import type { Check } from '../../runtime/health.ts';

/** It fails while so many wait that the streams of the cluster are paused. */
export function checkHandover(handover: { waiting: () => number; isFull: () => boolean }): Check {
  const waiting = handover.waiting();
  const rest = handover.isFull() ? ', so the cluster is not read on until Temporal takes them' : '';
  return { name: 'handover', ok: !handover.isFull(), message: `${waiting} occurrence(s) wait${rest}` };
}
