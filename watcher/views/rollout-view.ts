/**
 * What the watcher keeps of a Deployment, StatefulSet or DaemonSet: how far its rollout is.
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
import { Count, Generation, Int32 } from './number.ts';
import { NameText } from './text.ts';
import { waitMs } from './waits/declared-waits.ts';
import { declaredMsOf, Strategy, Template } from './waits/rollout-waits.ts';

const rolloutKinds = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;
export type RolloutKind = (typeof rolloutKinds)[number];

export interface RolloutView extends Metadata {
  kind: RolloutKind;
  generation: number;
  observedGeneration: number;
  /** Pods that are expected, and how many of them are of the newest template, ready, and ready for long enough. */
  desired: number;
  updated: number;
  ready: number;
  available: number;
  /** How many Pods shall be of the newest template: all that are expected, but for those that a partition holds back. */
  toUpdate: number;
  /** StatefulSets: the controller has not yet declared the newest template to be that of all Pods. */
  isIncomplete: boolean;
  isPaused: boolean;
  /**
   * How long one Pod may take, by what the user declared: to end, where another takes its place, to get ready, and then to
   * stay ready.
   */
  declaredMs: number;
  /** Deployments: how long they may go without progress. */
  deadlineMs: number;
  /** Pods are replaced only when somebody deletes them. */
  isOnDelete: boolean;
  progressing?: Condition;
  replicaFailure?: Condition;
}

/** What the API server fills in where nothing was said. */
const defaultDeadlineSeconds = 600;

const Spec = z.object({
  replicas: Int32.nullish(),
  paused: z.boolean().nullish(),
  minReadySeconds: Int32.nullish(),
  progressDeadlineSeconds: Int32.nullish(),
  /** That of a Deployment, and those of the others. */
  strategy: Strategy.nullish(),
  updateStrategy: Strategy.nullish(),
  template: Template.nullish(),
});

const Status = z.object({
  observedGeneration: Generation,
  conditions: RawConditions,
  updatedReplicas: Count,
  readyReplicas: Count,
  availableReplicas: Count,
  currentRevision: NameText,
  updateRevision: NameText,
  desiredNumberScheduled: Count,
  updatedNumberScheduled: Count,
  numberReady: Count,
  numberAvailable: Count,
});

const RawRollout = z.object({
  metadata: RawMetadata,
  spec: Spec.nullish().transform((spec) => spec ?? {}),
  status: Status.nullish().transform((status) => status ?? Status.parse({})),
});
type RawRollout = z.infer<typeof RawRollout>;

/** Items of a list have no kind of their own, so the reflector says it. */
export function viewRollout(kind: RolloutKind): (object: unknown) => RolloutView | undefined {
  return viewer(RawRollout, ({ metadata, spec, status }) => ({
    kind,
    ...metadataOf(metadata),
    generation: metadata.generation,
    observedGeneration: status.observedGeneration,
    ...(kind === 'DaemonSet' ? countsOfDaemonSet(status) : countsOf({ spec, status })),
    declaredMs: declaredMsOf(kind, spec),
    deadlineMs: waitMs(spec.progressDeadlineSeconds ?? defaultDeadlineSeconds),
    isPaused: spec.paused === true,
    isOnDelete: spec.updateStrategy?.type === 'OnDelete',
    ...optional('progressing', conditionOf(status.conditions, 'Progressing')),
    ...optional('replicaFailure', conditionOf(status.conditions, 'ReplicaFailure')),
  }));
}

type Counts = Pick<RolloutView, 'desired' | 'updated' | 'ready' | 'available' | 'toUpdate' | 'isIncomplete'>;

function countsOfDaemonSet(status: RawRollout['status']): Counts {
  const { desiredNumberScheduled: desired, updatedNumberScheduled: updated } = status;
  const { numberReady: ready, numberAvailable: available } = status;
  return { desired, updated, ready, available, toUpdate: desired, isIncomplete: false };
}

function countsOf({ spec, status }: Pick<RawRollout, 'spec' | 'status'>): Counts {
  const { updatedReplicas: updated, readyReplicas: ready, availableReplicas: available } = status;
  const { currentRevision, updateRevision } = status;
  const desired = spec.replicas ?? 1;
  const partition = spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  // Behind a partition the former template stays on purpose, so two revisions say nothing.
  const isIncomplete = partition === 0 && currentRevision !== updateRevision;
  return { desired, updated, ready, available, toUpdate: Math.max(0, desired - partition), isIncomplete };
}
