/**
 * The part of a Pod that the watcher reads, as the API server sends it: null where Go has no value, keys left out at will.
 *
 * Used by pod-view.ts alone, which makes the view that everything else sees.
 */
import { z } from 'zod';
import { Count, listOf, RawConditions, RawMetadata, Text } from './metadata.ts';

const Terminated = z.looseObject({
  exitCode: z.number(),
  reason: Text,
  message: Text,
  startedAt: z.string().nullish(),
  finishedAt: z.string().nullish(),
  containerID: z.string().nullish(),
});

const ContainerStatus = z.object({
  name: z.string(),
  image: Text,
  ready: z.boolean().default(false),
  started: z.boolean().nullish(),
  restartCount: Count,
  containerID: Text,
  state: z
    .object({
      running: z.object({ startedAt: z.string().nullish() }).nullish(),
      waiting: z.object({ reason: Text, message: Text }).nullish(),
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
  name: z.string(),
  image: Text,
  readinessProbe: z.unknown().optional(),
  restartPolicy: z.string().nullish(),
});

const Spec = z.object({
  nodeName: z.string().nullish(),
  restartPolicy: Text,
  containers: listOf(ContainerSpec),
  initContainers: listOf(ContainerSpec),
});

const Status = z.object({
  phase: Text,
  reason: Text,
  message: Text,
  conditions: RawConditions,
  containerStatuses: listOf(ContainerStatus),
  initContainerStatuses: listOf(ContainerStatus),
  ephemeralContainerStatuses: listOf(ContainerStatus),
});

export const RawPod = z.object({
  kind: z.literal('Pod').optional(),
  metadata: RawMetadata,
  spec: Spec.nullish().transform((spec) => spec ?? Spec.parse({})),
  status: Status.nullish().transform((status) => status ?? Status.parse({})),
});
export type RawPod = z.infer<typeof RawPod>;
export type RawContainerStatus = z.infer<typeof ContainerStatus>;
export type RawTermination = z.infer<typeof Terminated>;
