/**
 * How long a container may take to become ready, by what its probes declare: the waits that its user asked for.
 *
 * Durations in milliseconds, and bounded: nobody waits for longer than a week.
 */
import { z } from 'zod';

/** What the API server fills in where nothing was said. */
const defaults = { periodSeconds: 10, threshold: 3 } as const;
const longestWaitMs = 7 * 86_400_000;

const Count = z.number().nullish();

export const RawProbe = z
  .object({ initialDelaySeconds: Count, periodSeconds: Count, failureThreshold: Count, successThreshold: Count })
  .nullish()
  .catch(undefined);
export type RawProbe = z.infer<typeof RawProbe>;

/** After the start of a container: for how long it is not probed, and how long the tries take that then decide. */
export interface ProbeWait {
  delayMs: number;
  triesMs: number;
}

export function probeWaitOf(probe: RawProbe): ProbeWait | undefined {
  if (probe === undefined || probe === null) return undefined;
  const { initialDelaySeconds, periodSeconds, failureThreshold, successThreshold } = probe;
  const tries = Math.max(failureThreshold ?? defaults.threshold, successThreshold ?? 1);
  return { delayMs: waitMs(initialDelaySeconds), triesMs: waitMs((periodSeconds ?? defaults.periodSeconds) * tries) };
}

/** Seconds, of which the API allows more than any clock can show. */
export function waitMs(seconds: number | null | undefined): number {
  const ms = (seconds ?? 0) * 1000;
  return ms > 0 ? Math.min(ms, longestWaitMs) : 0;
}

interface Probed {
  startupProbe?: RawProbe;
  readinessProbe?: RawProbe;
}

/** Until it is ready at the latest. Its readiness is not probed before its startup probe has succeeded. */
export function readyWaitMs({ startupProbe, readinessProbe }: Probed): number {
  const startup = totalOf(probeWaitOf(startupProbe));
  const { delayMs, triesMs } = probeWaitOf(readinessProbe) ?? { delayMs: 0, triesMs: 0 };
  return Math.min(Math.max(startup, delayMs) + triesMs, longestWaitMs);
}

/** Until it counts as started at the latest. */
export function startedWaitMs({ startupProbe }: Pick<Probed, 'startupProbe'>): number {
  return totalOf(probeWaitOf(startupProbe));
}

function totalOf(wait: ProbeWait | undefined): number {
  return wait === undefined ? 0 : wait.delayMs + wait.triesMs;
}
