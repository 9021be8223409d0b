/**
 * What the watcher keeps of a Job: whether it has failed for good, and how many of its Pods failed.
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

export function viewJob(object: unknown): JobView | undefined {
  const parsed = RawJob.safeParse(object);
  if (!parsed.success) return undefined;
  const { metadata, status } = parsed.data;
  return {
    kind: 'Job',
    ...metadataOf(metadata),
    ...optional('failed', conditionOf(status?.conditions, 'Failed')),
    failedPods: status?.failed ?? 0,
  };
}
