/**
 * What the watcher keeps of a Job: its verdict and its counters.
 *
 * Called by the reflector of Jobs, which runs only when a Hook asks for job-failed.
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

export interface JobView extends Metadata {
  kind: 'Job';
  failed?: Condition;
  complete?: Condition;
  /** Pods that failed. */
  failedPods: number;
}

const RawJob = z.object({
  metadata: RawMetadata,
  status: z.object({ conditions: RawConditions, failed: z.number().nullish() }).nullish(),
});

export function viewJob(object: unknown): JobView | undefined {
  const parsed = RawJob.safeParse(object);
  if (!parsed.success) return undefined;
  const { metadata, status } = parsed.data;
  return {
    kind: 'Job',
    ...metadataOf(metadata),
    ...optional('failed', conditionOf(status?.conditions, 'Failed')),
    ...optional('complete', conditionOf(status?.conditions, 'Complete')),
    failedPods: status?.failed ?? 0,
  };
}
