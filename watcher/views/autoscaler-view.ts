/**
 * What the watcher keeps of a HorizontalPodAutoscaler: the two conditions that show whether it works.
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
  viewer,
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

export const viewAutoscaler = viewer(
  RawAutoscaler,
  ({ metadata, status }): AutoscalerView => ({
    kind: 'HorizontalPodAutoscaler',
    ...metadataOf(metadata),
    ...optional('scalingActive', conditionOf(status?.conditions, 'ScalingActive')),
    ...optional('ableToScale', conditionOf(status?.conditions, 'AbleToScale')),
  }),
);
