/**
 * The part of a Pod that the watcher reads, as the API server sends it: null where Go has no value, keys left out at will.
 *
 * Used by pod-view.ts alone, which makes the view that everything else sees.
 */
import { z } from 'zod';

const Terminated = z.looseObject({
  exitCode: z.number(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  finishedAt: z.string().nullish(),
  containerID: z.string().nullish(),
});

const ContainerStatus = z.object({
  name: z.string(),
  ready: z.boolean().default(false),
  started: z.boolean().nullish(),
  restartCount: z.number().default(0),
  containerID: z.string().nullish(),
  state: z
    .object({
      running: z.object({ startedAt: z.string().nullish() }).nullish(),
      waiting: z.object({ reason: z.string().nullish(), message: z.string().nullish() }).nullish(),
      terminated: Terminated.nullish(),
    })
    .nullish(),
  lastState: z.object({ terminated: Terminated.nullish() }).nullish(),
});

const ContainerSpec = z.object({ name: z.string(), readinessProbe: z.unknown().optional() });

export const RawPod = z.object({
  metadata: z.object({
    uid: z.string(),
    name: z.string(),
    namespace: z.string(),
    resourceVersion: z.string(),
    creationTimestamp: z.string(),
    deletionTimestamp: z.string().nullish(),
    ownerReferences: z
      .array(z.object({ kind: z.string(), name: z.string(), controller: z.boolean().nullish() }))
      .nullish(),
  }),
  spec: z
    .object({
      nodeName: z.string().nullish(),
      containers: z.array(ContainerSpec).nullish(),
      initContainers: z.array(ContainerSpec).nullish(),
    })
    .nullish(),
  status: z
    .object({
      phase: z.string().nullish(),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: z.string().nullish(),
            message: z.string().nullish(),
            lastTransitionTime: z.string().nullish(),
          }),
        )
        .nullish(),
      containerStatuses: z.array(ContainerStatus).nullish(),
      initContainerStatuses: z.array(ContainerStatus).nullish(),
      ephemeralContainerStatuses: z.array(ContainerStatus).nullish(),
    })
    .nullish(),
});
export type RawPod = z.infer<typeof RawPod>;
export type RawContainerStatus = z.infer<typeof ContainerStatus>;
export type RawTermination = z.infer<typeof Terminated>;
