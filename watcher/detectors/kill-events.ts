/**
 * That the kubelet killed a container, and why: its Killing Event, matched to the run of the container that it ended.
 *
 * The Event is type Normal, and the only place where the cause stands.
 */
import type { EventView } from '../views/event-view.ts';
import type { ContainerView, Termination } from '../views/pod-view.ts';
import { isRestartOfAll, isStatusLost, type VisibleTermination } from './terminations.ts';

const texts = [
  ['failed liveness probe', 'liveness-probe'],
  ['failed startup probe', 'startup-probe'],
  ['FailedPostStartHook', 'post-start-hook'],
  ['resize requires restart', 'resize'],
  ['definition changed', 'spec-change'],
] as const;

/** Events that the kubelet writes while it kills a container, or all of a Pod; with those of a hook goes a kill. */
const kills: ReadonlySet<string> = new Set(['Killing', 'FailedPostStartHook', 'FailedPreStopHook', 'SandboxChanged']);

/** Milliseconds by which the end of a container may be written earlier than its Event: both have whole seconds. */
const roundingMs = 2000;

export interface Kill {
  /** `stopped`: for a reason that the Event does not name. */
  cause: (typeof texts)[number][1] | 'stopped';
  atMs: number;
  event: EventView;
}

/** Oldest first. Kills with the same text share one Event, which keeps the times of the first and of the last. */
export function killsOf(events: readonly EventView[], container: ContainerView): Kill[] {
  const found = events.flatMap((event) => {
    if (!kills.has(event.reason) || event.lastMs === 0 || !isAbout(event, container)) return [];
    return [...new Set([event.firstMs, event.lastMs])].map((atMs) => ({ cause: causeOf(event), atMs, event }));
  });
  return found.toSorted((a, b) => a.atMs - b.atMs);
}

function causeOf({ reason, message }: EventView): Kill['cause'] {
  if (reason === 'FailedPostStartHook') return 'post-start-hook';
  return (reason === 'Killing' ? texts.find(([text]) => message.includes(text))?.[1] : undefined) ?? 'stopped';
}

/** An Event without a field path is about the whole Pod, and names the container in its text only, if one is meant. */
function isAbout({ reason, container, message }: EventView, { name }: ContainerView): boolean {
  if (container !== undefined) return container === name;
  return reason === 'SandboxChanged' || `${message} `.includes(`ontainer ${name} `);
}

/** The kill that ended this run. Where the runtime gives no times, it is the newest one that no later run can claim. */
export function killOf(kills: readonly Kill[], run: VisibleTermination): Kill | undefined {
  const { container, record, ordinal } = run;
  if (wasNotKilled(record)) return undefined;
  const fromMs = Date.parse(record.startedAt ?? '');
  const toMs = Date.parse(record.finishedAt ?? '');
  return kills.findLast((kill) =>
    kill.cause === 'post-start-hook'
      ? isDuring(kill.event, { fromMs, toMs })
      : (Number.isNaN(fromMs) || isWithin(kill, fromMs, ordinal === 1)) &&
        (Number.isNaN(toMs) || kill.atMs <= toMs + roundingMs) &&
        !isOfRunning(kill, container),
  );
}

export function isOfProbe({ cause }: Kill): boolean {
  return cause === 'liveness-probe' || cause === 'startup-probe';
}

/** A hook fails at each start, often in the second of it, and all of these share one Event, which soon is about the next one. */
function isDuring({ firstMs, lastMs }: EventView, { fromMs, toMs }: { fromMs: number; toMs: number }): boolean {
  return (Number.isNaN(toMs) || firstMs <= toMs + roundingMs) && (Number.isNaN(fromMs) || lastMs >= fromMs);
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
