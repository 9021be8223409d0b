/**
 * Why the kubelet killed a container: the text of its Killing Event, matched to the run of the container that it ended.
 *
 * Used by the detectors of restarts and failed probes. The Event is type Normal, and the only place where the cause stands.
 */
import type { EventView } from '../views/event-view.ts';
import type { ContainerView, Termination } from '../views/pod-view.ts';
import { isRestartOfAll, isStatusLost, type VisibleTermination } from './terminations.ts';

export type KillCause = 'liveness-probe' | 'startup-probe' | 'resize' | 'spec-change';

const texts: readonly [string, KillCause][] = [
  ['failed liveness probe', 'liveness-probe'],
  ['failed startup probe', 'startup-probe'],
  ['resize requires restart', 'resize'],
  ['definition changed', 'spec-change'],
];

/** Milliseconds by which the end of a container may be written earlier than its Event: both have whole seconds. */
const roundingMs = 2000;

export interface Kill {
  cause: KillCause;
  atMs: number;
  event: EventView;
}

/** Oldest first. Kills with the same text share one Event, which keeps the times of the first and of the last. */
export function killsOf(events: readonly EventView[], container: ContainerView): Kill[] {
  const kills = events.flatMap((event) => {
    if (event.reason !== 'Killing' || !isAbout(event, container)) return [];
    const cause = texts.find(([text]) => event.message.includes(text))?.[1];
    if (cause === undefined || event.lastMs === 0) return [];
    return [...new Set([event.firstMs, event.lastMs])].map((atMs) => ({ cause, atMs, event }));
  });
  return kills.toSorted((a, b) => a.atMs - b.atMs);
}

/** An Event without a field path is about the whole Pod, and names the container in its text only. */
function isAbout({ container, message }: EventView, { name }: ContainerView): boolean {
  return container === undefined ? message.includes(`ontainer ${name} `) : container === name;
}

/** The kill that ended this run. Where the runtime gives no times, it is the newest one that no later run can claim. */
export function killOf(
  kills: readonly Kill[],
  { record, ordinal }: VisibleTermination,
  container: ContainerView,
): Kill | undefined {
  if (wasNotKilled(record)) return undefined;
  const fromMs = Date.parse(record.startedAt ?? '');
  const toMs = Date.parse(record.finishedAt ?? '');
  return kills.findLast(
    (kill) =>
      (Number.isNaN(fromMs) || isWithin(kill, fromMs, ordinal === 1)) &&
      (Number.isNaN(toMs) || kill.atMs <= toMs + roundingMs) &&
      !isOfRunning(kill, container),
  );
}

/** Records that nobody saw happen, and those of containers that could not be started: their start is said to be in 1970. */
function wasNotKilled(record: Termination): boolean {
  return isStatusLost(record) || isRestartOfAll(record) || Date.parse(record.startedAt ?? '') <= 0;
}

/** A kill of the run that still goes on: its grace time has not passed yet. */
export function isOfRunning(kill: Kill, { running, startedAt, lastTerminated, restartCount }: ContainerView): boolean {
  if (!running) return false;
  const fromMs = Date.parse(startedAt ?? '');
  if (!Number.isNaN(fromMs)) return isWithin(kill, fromMs, restartCount === 0);
  const endedMs = Date.parse(lastTerminated?.finishedAt ?? '');
  return restartCount === 0 || kill.atMs > endedMs + roundingMs;
}

/** A kill in the very second of a start was that of the run before, if there was one. */
function isWithin({ atMs }: Kill, fromMs: number, isFirst: boolean): boolean {
  return atMs > fromMs || (isFirst && atMs === fromMs);
}
