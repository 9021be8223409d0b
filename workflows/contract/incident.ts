/**
 * Occurrence and incident: what the watcher saw, and what it asks an execution to handle.
 *
 * Everything here ends up in Temporal's history: it holds no secret, and the watcher bounds every text in it.
 */
import { z } from 'zod';
import { AskedAgent } from './asked-agent.ts';
import { IncidentType } from './hook.ts';

/** A Kubernetes object by identity; the uid decides, the name is for people. */
export const ObjectRef = z.object({ kind: z.string(), namespace: z.string(), name: z.string(), uid: z.string() });
export type ObjectRef = z.infer<typeof ObjectRef>;

const Owner = ObjectRef.pick({ kind: true, name: true });

/**
 * One fact seen in the cluster. `id` is a pure function of the fact: seen twice, it is the same occurrence.
 * `order` grows with each later occurrence of the same member (container restarts, or milliseconds of a transition).
 */
export const Occurrence = z.object({
  id: z.string(),
  /** The object (and container) it happened to, as `uid/container`. */
  member: z.string(),
  objectName: z.string(),
  /** Its namespace; left out where it has none, and by watchers that did not say it. */
  objectNamespace: z.string().optional(),
  order: z.number(),
  /** Kubernetes' own word, such as `OOMKilled` or `Unschedulable`. */
  reason: z.string(),
  message: z.string(),
  /** When it happened by the cluster's clocks, RFC 3339 in UTC, whole seconds. */
  at: z.string(),
  /** Container restarts that this one record stands for: more than 1 when the kubelet skipped some. */
  times: z.int().min(1),
  /** Earlier occurrences of the same member that were merged into this one while they waited. */
  merged: z.int().min(1).optional(),
  exitCode: z.int().optional(),
  restartCount: z.int().optional(),
  nodeName: z.string().optional(),
  cause: z.string().optional(),
  confidence: z.enum(['certain', 'child-process', 'possible-oom']).optional(),
  container: z.string().optional(),
  containerKind: z.string().optional(),
  image: z.string().optional(),
  /** Owners by controller reference, nearest first. */
  owners: z.array(Owner).optional(),
  /** Messages, conditions and Events that speak for it, newest last; a few, each bounded. */
  evidence: z.array(z.string()).optional(),
});
export type Occurrence = z.infer<typeof Occurrence>;

/** Milliseconds. Inputs of the execution, so that a test runs the same code in a second. */
export const Timing = z.object({
  quietWindowMs: z.int().positive(),
  redeliveryFirstMs: z.int().positive(),
  redeliveryMaxMs: z.int().positive(),
  /** 0: never delivered again after the attempts of one delivery. */
  redeliveryLimitMs: z.int().min(0),
  /** The agent is asked again when the incident still fires so long after it was asked; left out: never. */
  repeatAfterMs: z.int().positive().optional(),
  /** An agent run may take so long; left out by watchers that did not know runs: 30 minutes. */
  runTimeoutMs: z.int().positive().optional(),
  /** How often a lost run is asked again by itself; left out: never. */
  lostRunRetries: z.int().min(0).optional(),
  /** A run may wait so long for people; left out: a day. Its own time does not pass meanwhile. */
  approvalTimeoutMs: z.int().positive().optional(),
});
export type Timing = z.infer<typeof Timing>;

/** One incident of one Hook's configuration, with its first occurrence. */
export const Incident = z.object({
  installation: z.string(),
  cluster: z.object({ uid: z.string(), name: z.string().optional() }),
  hook: z.object({ namespace: z.string(), name: z.string(), uid: z.string(), generation: z.int() }),
  type: IncidentType,
  /** An edge is over when nothing was seen for the quiet window; a state only after it stopped being true. */
  nature: z.enum(['edge', 'state']),
  agent: AskedAgent,
  prompt: z.string(),
  /** How its Hook has runs decided that wait for people. */
  approval: z
    .object({
      /** What becomes of a pause that nobody has answered in time; left out: it is rejected. */
      onTimeout: z.literal('cancel').optional(),
      /** Names of tools, with * and ?, that are approved by themselves. */
      autoApprove: z.array(z.string()).optional(),
    })
    .optional(),
  /** Everything but the call; left out where the agent is to act. */
  mode: z.literal('observe').optional(),
  /** What it happened to first. */
  subject: ObjectRef,
  /** What all of its members have in common, where they may be several: their workload, or their node. */
  group: ObjectRef.optional(),
  configuration: z.string().optional(),
  container: z.string().optional(),
  /** The workload that the subject belongs to. */
  owner: Owner.optional(),
  occurrence: Occurrence,
  /** What was seen with it and waited as well, for the first prompt alone: a signal brings each of these too. */
  along: z.array(Occurrence).optional(),
  /** The run that this one follows, where there was one; then a signal brings its first occurrence as well. */
  follows: z.string().optional(),
  timing: Timing,
});
export type Incident = z.infer<typeof Incident>;

/** The input of an execution. */
export interface StartedIncident extends Incident {
  /** The prompt of the first ask, where the watcher has written it. It is that of this start, and no part of the incident. */
  firstPrompt?: string;
}

/** Signal `occurrences`: further facts of the same incident. Known ids are dropped by the execution. */
export interface OccurrencesSignal {
  occurrences: Occurrence[];
}

/** Signal `resolved`: the state that this occurrence began is no longer true. */
export interface ResolvedSignal {
  occurrenceId: string;
  at: string;
  /** Why it is over, in one sentence. */
  message: string;
}
