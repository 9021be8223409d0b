/**
 * How long a rollout may wait for one Pod, by what its user declared: grace times, probes, minReadySeconds.
 *
 * Pure.
 */
import { z } from 'zod';
import { listOf } from '../metadata.ts';
import { Word } from '../text.ts';
import { RawProbe, readyWaitMs, startedWaitMs, waitMs } from './declared-waits.ts';

/** `maxSurge` is a number or a percentage. */
export const Strategy = z.object({
  type: Word.nullish(),
  rollingUpdate: z.object({ partition: z.number().nullish(), maxSurge: z.unknown().optional() }).nullish(),
});

const Container = z.object({ startupProbe: RawProbe, readinessProbe: RawProbe, restartPolicy: Word.nullish() });

export const Template = z.object({
  spec: z
    .object({
      terminationGracePeriodSeconds: z.number().nullish(),
      containers: listOf(Container),
      initContainers: listOf(Container),
    })
    .nullish(),
});

/** That of a Deployment is called `strategy`, those of the others `updateStrategy`. */
interface Declared {
  minReadySeconds?: number | null | undefined;
  strategy?: z.infer<typeof Strategy> | null | undefined;
  template?: z.infer<typeof Template> | null | undefined;
}

/** Seconds, where nobody said anything; no more than any hold covers. */
const defaultGrace = 30;

/** Init containers that restart always are started one after the other, and the next one waits until they have started. */
export function declaredMsOf(kind: string, { minReadySeconds, strategy, template }: Declared): number {
  const pod = template?.spec;
  const graceMs = waitMs((pod?.terminationGracePeriodSeconds ?? defaultGrace) - defaultGrace);
  const sidecars = pod?.initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always') ?? [];
  const startedMs = sidecars.reduce((sum, sidecar) => sum + startedWaitMs(sidecar), 0);
  const readyMs = Math.max(0, ...[...(pod?.containers ?? []), ...sidecars].map(readyWaitMs));
  return (endsFirst(kind, strategy) ? graceMs : 0) + startedMs + readyMs + waitMs(minReadySeconds);
}

/** Whether a Pod has to end before another takes its place. */
function endsFirst(kind: string, strategy: Declared['strategy']): boolean {
  if (kind !== 'Deployment' || strategy?.type === 'Recreate') return true;
  const surge = strategy?.rollingUpdate?.maxSurge;
  return surge === 0 || surge === '0%';
}
