/**
 * What the watcher keeps of a Deployment, StatefulSet or DaemonSet: how far its rollout is.
 *
 * Called by the reflectors of these kinds, which run only when a Hook asks for rollout-stuck.
 */
import { z } from 'zod';
import {
  type Condition,
  Count,
  conditionOf,
  type Metadata,
  metadataOf,
  optional,
  RawConditions,
  RawMetadata,
} from './metadata.ts';

const rolloutKinds = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;
export type RolloutKind = (typeof rolloutKinds)[number];

export interface RolloutView extends Metadata {
  kind: RolloutKind;
  generation: number;
  observedGeneration: number;
  /** Pods that are wanted, and how many of them are of the newest template, and ready. */
  desired: number;
  updated: number;
  ready: number;
  isPaused: boolean;
  /** Pods are replaced only when somebody deletes them. */
  isOnDelete: boolean;
  progressing?: Condition;
  replicaFailure?: Condition;
}

const Strategy = z.object({ type: z.string().nullish() }).nullish();

const Status = z.object({
  observedGeneration: Count,
  conditions: RawConditions,
  updatedReplicas: Count,
  readyReplicas: Count,
  desiredNumberScheduled: Count,
  updatedNumberScheduled: Count,
  numberReady: Count,
});

const RawRollout = z.object({
  metadata: RawMetadata,
  spec: z
    .object({ replicas: z.number().nullish(), paused: z.boolean().nullish(), updateStrategy: Strategy })
    .nullish()
    .transform((spec) => spec ?? {}),
  status: Status.nullish().transform((status) => status ?? Status.parse({})),
});

/** Items of a list have no kind of their own, so the reflector says it. */
export function viewRollout(kind: RolloutKind): (object: unknown) => RolloutView | undefined {
  return (object) => {
    const parsed = RawRollout.safeParse(object);
    if (!parsed.success) return undefined;
    const { metadata, spec, status } = parsed.data;
    return {
      kind,
      ...metadataOf(metadata),
      generation: metadata.generation,
      observedGeneration: status.observedGeneration,
      ...countsOf(kind, parsed.data),
      isPaused: spec.paused === true,
      isOnDelete: spec.updateStrategy?.type === 'OnDelete',
      ...optional('progressing', conditionOf(status.conditions, 'Progressing')),
      ...optional('replicaFailure', conditionOf(status.conditions, 'ReplicaFailure')),
    };
  };
}

function countsOf(
  kind: RolloutKind,
  { spec, status }: z.infer<typeof RawRollout>,
): Pick<RolloutView, 'desired' | 'updated' | 'ready'> {
  if (kind === 'DaemonSet') {
    const { desiredNumberScheduled: desired, updatedNumberScheduled: updated, numberReady: ready } = status;
    return { desired, updated, ready };
  }
  return { desired: spec.replicas ?? 1, updated: status.updatedReplicas, ready: status.readyReplicas };
}
