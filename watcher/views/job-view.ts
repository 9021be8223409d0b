/**
 * What the watcher keeps of a Job: whether it has failed for good, and how many of its Pods failed.
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
import { Count } from './number.ts';

export interface JobView extends Metadata {
  kind: 'Job';
  failed?: Condition;
  /** Pods that failed. */
  failedPods: number;
}

const RawJob = z.object({
  metadata: RawMetadata,
  status: z.object({ conditions: RawConditions, failed: Count }).nullish(),
});

export const viewJob = viewer(
  RawJob,
  ({ metadata, status }): JobView => ({
    kind: 'Job',
    ...metadataOf(metadata),
    ...optional('failed', conditionOf(status?.conditions, 'Failed')),
    failedPods: status?.failed ?? 0,
  }),
);
