/**
 * hpa-failed: a HorizontalPodAutoscaler cannot do its work.
 *
 * Called through the list in index.ts. Reads its conditions; the reason may flip from one failure to the next while the
 * trouble goes on. Scaling that is switched off or at its limit is none, and missing metrics after a rollout pass.
 */
import type { AutoscalerView } from '../views/autoscaler-view.ts';
import type { Condition } from '../views/metadata.ts';
import { bounded, type Detector, type Finding, wholeSeconds } from './detector.ts';
import { conditionLine, eventLine, evidenceOf } from './evidence-lines.ts';

const holdMs = 300_000;

export const hpaFailed: Detector<'HorizontalPodAutoscaler'> = {
  type: 'hpa-failed',
  watches: 'HorizontalPodAutoscaler',
  summary: 'A HorizontalPodAutoscaler has not been able to read its metrics or to scale for 5 minutes.',
  detect(sight) {
    const { now } = sight;
    if (now.isBeingDeleted) return [];
    const failing: [string, Condition | undefined][] = [
      ['ScalingActive', now.scalingActive],
      ['AbleToScale', now.ableToScale],
    ];
    const [first] = failing.flatMap(([type, condition]) => (isFailing(condition) ? [{ type, condition }] : []));
    return first === undefined ? [] : [findingOf(sight, first)];
  },
};

function isFailing(condition: Condition | undefined): condition is Condition {
  return condition?.status === 'False' && condition.reason !== 'ScalingDisabled' && condition.reason !== 'BackoffBoth';
}

function findingOf(
  { now, clockMs, events }: Parameters<typeof hpaFailed.detect>[0] & { now: AutoscalerView },
  { type, condition }: { type: string; condition: Condition },
): Finding {
  const sinceMs = Date.parse(condition.since ?? '');
  const id = `${now.uid}/${type}/${condition.since ?? 'unknown'}`;
  return {
    type: 'hpa-failed',
    nature: 'state',
    fact: id,
    holdMs,
    ...(!Number.isNaN(sinceMs) && { sinceMs }),
    occurrence: {
      id,
      member: now.uid,
      objectName: now.name,
      order: Number.isNaN(sinceMs) ? 0 : sinceMs,
      reason: condition.reason,
      message: bounded(`HorizontalPodAutoscaler ${now.name} (${condition.reason}): ${condition.message}`),
      at: wholeSeconds(condition.since, clockMs),
      times: 1,
      cause: type === 'ScalingActive' ? 'metrics' : 'scale',
      ...evidenceOf(conditionLine(type, condition), ...events.map(eventLine)),
    },
  };
}
