/**
 * hpa-failed: a HorizontalPodAutoscaler cannot do its work.
 *
 * Reads its conditions; the reason may flip from one failure to the next while the trouble goes on. Scaling that is switched
 * off or at its limit is none, and missing metrics after a rollout pass.
 */
import type { AutoscalerView } from '../views/autoscaler-view.ts';
import { type Detector, msOf } from './detector.ts';
import { conditionLine, eventLines } from './evidence-lines.ts';

const holdMs = 300_000;

export const hpaFailed: Detector<'HorizontalPodAutoscaler'> = {
  type: 'hpa-failed',
  summary: 'A HorizontalPodAutoscaler has not been able to read its metrics or to scale for 5 minutes.',
  detect({ now, events }) {
    const trouble = troubleOf(now);
    if (trouble === undefined) return [];
    const { type, condition } = trouble;
    const sinceMs = msOf(condition.since);
    const reason = condition.reason === '' ? 'ScalingInactive' : condition.reason;
    return [
      {
        nature: 'state',
        holdMs,
        sinceMs,
        occurrence: {
          id: `${now.uid}/${type}/${condition.since ?? 'unknown'}`,
          order: sinceMs ?? 0,
          reason,
          message: `HorizontalPodAutoscaler ${now.name} (${reason}): ${condition.message}`,
          at: condition.since,
          cause: type === 'AbleToScale' ? 'scale' : inactiveCause(reason),
          evidence: [conditionLine(type, condition), ...eventLines(events)],
        },
      },
    ];
  },
};

/** One at a time: without its target an autoscaler leaves the other condition as it was. */
function troubleOf({ scalingActive, ableToScale }: AutoscalerView) {
  // Every reason but that somebody scaled the target to zero.
  if (scalingActive?.status === 'False' && scalingActive.reason !== 'ScalingDisabled')
    return { type: 'ScalingActive', condition: scalingActive };
  // FailedGetScale and FailedUpdateScale; older controllers also say so while they wait between two steps.
  if (ableToScale?.status === 'False' && ableToScale.reason.startsWith('Failed'))
    return { type: 'AbleToScale', condition: ableToScale };
  return undefined;
}

/** Two autoscalers for the same Pods, or a selector that cannot be read, need another repair than missing metrics. */
function inactiveCause(reason: string): string {
  return reason.endsWith('Selector') ? 'selector' : 'metrics';
}
