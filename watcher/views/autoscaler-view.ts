/**
 * What the watcher keeps of a HorizontalPodAutoscaler: the two conditions that show whether it works.
 *
 * Called by the reflector of autoscalers, which runs only when a Hook asks for hpa-failed.
 */
import { z } from 'zod';
import {
  type Condition,
  conditionOf,
  type Metadata,
  metadataOf,
  optional,
  RawConditions,
  RawMetadata,
} from './metadata.ts';

export interface AutoscalerView extends Metadata {
  kind: 'HorizontalPodAutoscaler';
  scalingActive?: Condition;
  ableToScale?: Condition;
}

const RawAutoscaler = z.object({
  metadata: RawMetadata,
  status: z.object({ conditions: RawConditions }).nullish(),
});

export function viewAutoscaler(object: unknown): AutoscalerView | undefined {
  const parsed = RawAutoscaler.safeParse(object);
  if (!parsed.success) return undefined;
  const { metadata, status } = parsed.data;
  return {
    kind: 'HorizontalPodAutoscaler',
    ...metadataOf(metadata),
    ...optional('scalingActive', conditionOf(status?.conditions, 'ScalingActive')),
    ...optional('ableToScale', conditionOf(status?.conditions, 'AbleToScale')),
  };
}
