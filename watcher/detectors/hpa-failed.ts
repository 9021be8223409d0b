/**
 * hpa-failed: a HorizontalPodAutoscaler cannot do its work.
 *
 * Reads its conditions; the reason may flip from one failure to the next while the trouble goes on. Scaling that is switched
 * off or at its limit is none, and missing metrics after a rollout pass.
 */
import type { AutoscalerView } from '../views/autoscaler-view.ts';
import type { Condition } from '../views/metadata.ts';
import { bounded, type Detector, type Finding, type Look, sinceOf, wholeSeconds } from './detector.ts';
import { conditionLine, eventLines, evidenceOf } from './evidence-lines.ts';
import { ofObject } from './occurrence-of.ts';

const holdMs = 300_000;

export const hpaFailed: Detector<'HorizontalPodAutoscaler'> = {
  type: 'hpa-failed',
  watches: 'HorizontalPodAutoscaler',
  summary: 'A HorizontalPodAutoscaler has not been able to read its metrics or to scale for 5 minutes.',
  detect(look) {
    const { isBeingDeleted, scalingActive, ableToScale } = look.now;
    if (isBeingDeleted) return [];
    // One trouble at a time: without its target an autoscaler leaves the other condition as it was.
    if (isInactive(scalingActive)) return [findingOf(look, { type: 'ScalingActive', condition: scalingActive })];
    if (isUnable(ableToScale)) return [findingOf(look, { type: 'AbleToScale', condition: ableToScale })];
    return [];
  },
};

/** Every reason but that somebody scaled the target to zero. */
function isInactive(condition: Condition | undefined): condition is Condition {
  return condition?.status === 'False' && condition.reason !== 'ScalingDisabled';
}

/** FailedGetScale and FailedUpdateScale; older controllers also say so while they wait between two steps. */
function isUnable(condition: Condition | undefined): condition is Condition {
  return condition?.status === 'False' && condition.reason.startsWith('Failed');
}

function findingOf(
  { now, clockMs, events }: Look<AutoscalerView>,
  { type, condition }: { type: 'ScalingActive' | 'AbleToScale'; condition: Condition },
): Finding {
  const since = sinceOf(condition);
  const id = `${now.uid}/${type}/${condition.since ?? 'unknown'}`;
  const reason = condition.reason === '' ? 'ScalingInactive' : condition.reason;
  return {
    type: 'hpa-failed',
    nature: 'state',
    fact: id,
    holdMs,
    ...since,
    occurrence: {
      id,
      ...ofObject(now),
      order: since.sinceMs ?? 0,
      reason,
      message: bounded(`HorizontalPodAutoscaler ${now.name} (${reason}): ${condition.message}`),
      at: wholeSeconds(condition.since, clockMs),
      cause: type === 'AbleToScale' ? 'scale' : inactiveCause(reason),
      ...evidenceOf(conditionLine(type, condition), ...eventLines(events)),
    },
  };
}

/** Two autoscalers for the same Pods, or a selector that cannot be read, need another repair than missing metrics. */
function inactiveCause(reason: string): string {
  return reason.endsWith('Selector') ? 'selector' : 'metrics';
}
