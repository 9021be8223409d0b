/**
 * Whether a container could not be started as it is configured: what the kubelet says of the try, or between two tries what it
 * says of how the last one ended.
 *
 * Runtimes differ: CRI-O refuses to create such a container, containerd and Docker create it and leave a record of a run that
 * never was. Pure.
 */
import type { EventView } from '../views/event-view.ts';
import type { ContainerView, PodView, Termination } from '../views/pod-view.ts';
import { killOf, killsOf } from './kill-events.ts';
import { configurationReasons } from './not-started.ts';
import { terminationsOf, type VisibleTermination } from './terminations.ts';

/** Its reason is the same through the whole loop, although the kubelet shows it for a moment only. */
export type StartFailure = NonNullable<ContainerView['waiting']>;

export function startFailureOf(
  pod: PodView,
  container: ContainerView,
  events: readonly EventView[],
): StartFailure | undefined {
  const { waiting, running } = container;
  if (waiting !== undefined && configurationReasons.has(waiting.reason)) return waiting;
  const isBetweenTries = waiting === undefined ? !running : waiting.reason === 'CrashLoopBackOff';
  const last = isBetweenTries ? terminationsOf(pod, container).at(-1) : undefined;
  return last === undefined ? undefined : failureOfRun(last, events);
}

/** Why this run is none, or none that was let go on; undefined where it ended in another way. */
export function failureOfRun(run: VisibleTermination, events: readonly EventView[]): StartFailure | undefined {
  const { container } = run;
  if (neverRan(run.record)) return { reason: 'RunContainerError', message: run.record.message };
  if (container.waiting?.reason === 'PostStartHookError') return container.waiting;
  const explained = killsOf(events, container).filter(({ cause }) => cause !== 'stopped');
  const kill = killOf(explained, run);
  return kill?.cause === 'post-start-hook' ? { reason: 'PostStartHookError', message: kill.event.message } : undefined;
}

/** containerd and cri-dockerd each have a word for it; the start of such a run is said to be in 1970, or to be that of the try. */
function neverRan({ reason, exitCode, startedAt, message }: Termination): boolean {
  if (reason === 'StartError' || reason === 'ContainerCannotRun') return true;
  if (Date.parse(startedAt ?? '') <= 0) return true;
  return (
    reason !== 'OOMKilled' && exitCodesOfStart.has(exitCode) && /\bOCI runtime (create|start|error)/i.test(message)
  );
}

/** Not executable, not found, and containerd's own. */
const exitCodesOfStart: ReadonlySet<number> = new Set([126, 127, 128]);
