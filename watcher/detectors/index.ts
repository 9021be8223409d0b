/**
 * The catalogue of what we notice: every detector, in the order in which the README lists them.
 *
 * Read by observe. To add an incident type: one file beside this one, one line here, one word in `contract/hook.ts`.
 */
import type { Detection, Detector, Sight } from './detector.ts';
import { oomKill } from './oom-kill.ts';
import { podPending } from './pod-pending.ts';
import { podRestart } from './pod-restart.ts';
import { probeFailed } from './probe-failed.ts';

export const detectors: readonly Detector[] = [oomKill, podRestart, podPending, probeFailed];

/** Everything that all detectors see in one Pod, and the earliest moment to look again. */
export function detect(sight: Sight): Detection {
  const detections = detectors.map((detector) => detector.detect(sight));
  const due = detections.flatMap(({ dueMs }) => (dueMs === undefined ? [] : [dueMs]));
  return {
    findings: detections.flatMap(({ findings }) => findings),
    ...(due.length > 0 && { dueMs: Math.min(...due) }),
  };
}
