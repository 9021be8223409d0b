/**
 * Since when a running container has not been ready, what proves that its probe failed, and how long it may be so.
 *
 * Pure. What the probes declare is read here; that a probe failed is only taken from an Event.
 */
import type { EventView } from '../views/event-view.ts';
import type { ContainerView, PodView } from '../views/pod-view.ts';
import { type Found, msOf } from './detector.ts';

/** A container begins unready; one that was ready in its present run has lost it. */
export interface UnreadySpell {
  since: string | undefined;
  sinceMs: number | undefined;
  wasReady: boolean;
  /** The newest Event that says that its probe failed meanwhile. */
  failure: EventView | undefined;
}

/** The condition is older than the run of a container that was restarted meanwhile, and than that of one that is new. */
export function unreadySpell(pod: PodView, container: ContainerView, newest: EventView | undefined): UnreadySpell {
  const condition = pod.conditions.ContainersReady;
  const unready = condition?.status === 'False' ? condition : undefined;
  const conditionMs = msOf(unready?.since) ?? Number.NaN;
  const startedMs = Date.parse(container.startedAt ?? '');
  const since = startedMs >= conditionMs ? container.startedAt : unready?.since;
  const sinceMs = msOf(since);
  const isOfSpell = newest !== undefined && newest.lastMs >= earliestMs(container, sinceMs);
  return { since, sinceMs, wasReady: conditionMs > startedMs, failure: isOfSpell ? newest : undefined };
}

/** Milliseconds by which an Event may be written earlier than what it led to: both have whole seconds. */
const roundingMs = 2000;

/** Also the tries that led to it, where the Events of later ones were dropped; none of a former run. */
function earliestMs({ startedAt, readinessWait }: ContainerView, sinceMs = Number.NaN): number {
  const startedMs = Date.parse(startedAt ?? '');
  const triesFromMs = sinceMs - (readinessWait?.triesMs ?? 0) - roundingMs;
  return Math.max(...[startedMs, triesFromMs].filter((ms) => !Number.isNaN(ms)));
}

/**
 * Before its first probes have had their time, nothing is known of a container that is new. One that was ready was probed, or
 * its kubelet was started again and has to probe it first. Nothing says when a startup probe succeeded, so that then it
 * counts from our first look.
 */
export function timingOf(
  { sinceMs, wasReady, failure }: UnreadySpell,
  { readinessWait, hasStartupProbe }: ContainerView,
): Pick<Found, 'sinceMs' | 'allowedMs'> {
  const { delayMs, triesMs } = readinessWait ?? { delayMs: 0, triesMs: 0 };
  const ofLost = failure === undefined ? triesMs : 0;
  const countsFromLook = !wasReady && hasStartupProbe === true;
  return { sinceMs: countsFromLook ? undefined : sinceMs, allowedMs: wasReady ? ofLost : delayMs + triesMs };
}
