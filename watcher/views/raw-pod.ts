/**
 * The part of a Pod that the watcher reads, as the API server sends it: null where Go has no value, keys left out at will.
 */
import { z } from 'zod';
import { listOf, RawConditions, RawMetadata } from './metadata.ts';
import { Count, Int32 } from './number.ts';
import { Image, MessageText, Name, NodeName, RuntimeId, Time, Word, WordText } from './text.ts';
import { RawProbe } from './waits/declared-waits.ts';

const Terminated = z.object({
  exitCode: Int32,
  reason: WordText,
  message: MessageText,
  startedAt: Time,
  finishedAt: Time,
  containerID: RuntimeId,
});

const ContainerStatus = z.object({
  name: Name,
  image: Image,
  ready: z.boolean().default(false),
  started: z.boolean().nullish(),
  restartCount: Count,
  containerID: RuntimeId,
  state: z
    .object({
      running: z.object({ startedAt: Time }).nullish(),
      waiting: z.object({ reason: WordText, message: MessageText }).nullish(),
      terminated: Terminated.nullish(),
    })
    .nullish()
    .transform((state) => state ?? {}),
  lastState: z
    .object({ terminated: Terminated.nullish() })
    .nullish()
    .transform((state) => state ?? {}),
});

const ContainerSpec = z.object({
  name: Name,
  image: Image,
  readinessProbe: RawProbe,
  startupProbe: RawProbe,
  restartPolicy: Word.nullish(),
});

const Spec = z.object({
  nodeName: NodeName,
  restartPolicy: WordText,
  schedulingGates: z.array(z.unknown()).nullish(),
  containers: listOf(ContainerSpec),
  initContainers: listOf(ContainerSpec),
});

const Status = z.object({
  phase: WordText,
  reason: WordText,
  message: MessageText,
  conditions: RawConditions,
  containerStatuses: listOf(ContainerStatus),
  initContainerStatuses: listOf(ContainerStatus),
  ephemeralContainerStatuses: listOf(ContainerStatus),
});

export const RawPod = z.object({
  kind: z.literal('Pod').optional(),
  metadata: RawMetadata.extend({ annotations: z.unknown().optional() }),
  spec: Spec.nullish().transform((spec) => spec ?? Spec.parse({})),
  status: Status.nullish().transform((status) => status ?? Status.parse({})),
});
export type RawPod = z.infer<typeof RawPod>;
export type RawContainerSpec = z.infer<typeof ContainerSpec>;
export type RawContainerStatus = z.infer<typeof ContainerStatus>;
export type RawTermination = z.infer<typeof Terminated>;
