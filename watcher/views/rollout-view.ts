/**
 * What the watcher keeps of a Deployment, StatefulSet or DaemonSet: how far its rollout is.
 *
 * Called by the reflectors of these kinds, which run only when a Hook asks for rollout-stuck.
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
import { Count, Generation, Int32 } from './number.ts';
import { NameText, Word } from './text.ts';

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
  /** How many Pods shall be of the newest template: all that are wanted, but for those that a partition holds back. */
  toUpdate: number;
  /** StatefulSets: the controller has not yet declared the newest template to be that of all Pods. */
  isIncomplete: boolean;
  isPaused: boolean;
  /** Pods are replaced only when somebody deletes them. */
  isOnDelete: boolean;
  progressing?: Condition;
  replicaFailure?: Condition;
}

const Strategy = z.object({
  type: Word.nullish(),
  rollingUpdate: z.object({ partition: Int32.nullish() }).nullish(),
});

const Spec = z.object({
  replicas: Int32.nullish(),
  paused: z.boolean().nullish(),
  updateStrategy: Strategy.nullish(),
});

const Status = z.object({
  observedGeneration: Generation,
  conditions: RawConditions,
  updatedReplicas: Count,
  readyReplicas: Count,
  currentRevision: NameText,
  updateRevision: NameText,
  desiredNumberScheduled: Count,
  updatedNumberScheduled: Count,
  numberReady: Count,
});

const RawRollout = z.object({
  metadata: RawMetadata,
  spec: Spec.nullish().transform((spec) => spec ?? {}),
  status: Status.nullish().transform((status) => status ?? Status.parse({})),
});
type RawRollout = z.infer<typeof RawRollout>;

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
      ...(kind === 'DaemonSet' ? countsOfDaemonSet(status) : countsOf(parsed.data)),
      isPaused: spec.paused === true,
      isOnDelete: spec.updateStrategy?.type === 'OnDelete',
      ...optional('progressing', conditionOf(status.conditions, 'Progressing')),
      ...optional('replicaFailure', conditionOf(status.conditions, 'ReplicaFailure')),
    };
  };
}

type Counts = Pick<RolloutView, 'desired' | 'updated' | 'ready' | 'toUpdate' | 'isIncomplete'>;

function countsOfDaemonSet(status: RawRollout['status']): Counts {
  const { desiredNumberScheduled: desired, updatedNumberScheduled: updated, numberReady: ready } = status;
  return { desired, updated, ready, toUpdate: desired, isIncomplete: false };
}

function countsOf({ spec, status }: RawRollout): Counts {
  const { updatedReplicas: updated, readyReplicas: ready, currentRevision, updateRevision } = status;
  const desired = spec.replicas ?? 1;
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  // Behind a partition the former template stays on purpose, so two revisions say nothing.
  const isIncomplete = partition === 0 && currentRevision !== updateRevision;
  return { desired, updated, ready, toUpdate: Math.max(0, desired - partition), isIncomplete };
}
