/**
 * The terminations that a container's status shows, each with the identity that all incident types share.
 *
 * Pure.
 */
import type { ContainerView, PodView, Termination } from '../views/pod-view.ts';
import type { Look } from './detector.ts';
import { hasEnded } from './not-started.ts';

export interface VisibleTermination {
  container: ContainerView;
  /** Deterministic: pod uid, container, terminated containerID (else finishedAt, else the ordinal). */
  id: string;
  /** Which run of the container ended, counted from 1; grows with each termination, whatever clocks do. */
  ordinal: number;
  /** Whether the kubelet has started the container again, or is holding the next start back. */
  isRestart: boolean;
  record: Termination;
}

/** At most two: the container's present end, and the one before. The kubelet keeps no more. */
export function terminationsOf(pod: PodView, container: ContainerView): VisibleTermination[] {
  const found: VisibleTermination[] = [];
  const { lastTerminated, terminated, waiting } = container;
  // The kubelet fills in what it has lost, also where it starts nothing any more.
  if (lastTerminated !== undefined && !(hasEnded(pod) && lastTerminated.reason === statusUnknown)) {
    const ordinal = waiting === undefined ? container.restartCount : endedRunOf(container, lastTerminated);
    found.push(visible(pod, { container, record: lastTerminated, ordinal, isRestart: true }));
  }
  if (terminated !== undefined) {
    const ordinal = endedRunOf(container, terminated);
    found.push(visible(pod, { container, record: terminated, ordinal, isRestart: false }));
  }
  // One end that is shown in both places is one.
  return found.filter(({ id }, index) => found.findLastIndex((other) => other.id === id) === index);
}

/** While the next start is ahead, restartCount still is that of the run that ended; but the kubelet counts up for one it lost. */
function endedRunOf({ restartCount }: ContainerView, record: Termination): number {
  return isWrittenByKubelet(record) ? restartCount : restartCount + 1;
}

export function numberOfRun(ordinal: number): string {
  return `run-${ordinal}`;
}

function visible(pod: PodView, seen: Omit<VisibleTermination, 'id'>): VisibleTermination {
  const { container, record, ordinal } = seen;
  const identity = record.containerID ?? record.finishedAt ?? numberOfRun(ordinal);
  return { ...seen, id: runId(pod, container, identity), ordinal: Math.max(ordinal, 1) };
}

/** The kubelet keeps only the last termination: a jump of the count stands for restarts whose records are gone. */
export function restartsSince({ before }: Pick<Look<PodView>, 'before'>, container: ContainerView): number {
  const earlier = before?.containers.find(({ name }) => name === container.name);
  return earlier === undefined ? 1 : Math.max(1, container.restartCount - earlier.restartCount);
}

/** When it ended; where it has no record, or one without times, by what happened next. */
export function endOf(pod: PodView, container: ContainerView, record?: Termination): string | undefined {
  const unready = pod.conditions.ContainersReady;
  return record?.finishedAt ?? container.startedAt ?? (unready?.status === 'False' ? unready.since : undefined);
}

/** The fact of one run of a container, whether it has ended or is about to. */
export function runId(pod: PodView, container: ContainerView, identity: string): string {
  return `${pod.uid}/${container.name}/${identity}`;
}

/** The node went down, or somebody removed the container: how it ended is not known. */
export function isStatusLost(record: Termination): boolean {
  return record.reason === statusUnknown || isForgottenByRuntime(record);
}

/** What containerd says of the containers that it finds dead when it starts, as after a reboot. */
export function isForgottenByRuntime({ reason, exitCode }: Termination): boolean {
  return reason === 'Unknown' && exitCode === 255;
}

const statusUnknown = 'ContainerStatusUnknown';

/** Filled in for a container that the runtime does not know any more: an evicted one, one that somebody removed. */
function isWrittenByKubelet({ reason, containerID }: Termination): boolean {
  return reason === statusUnknown && containerID === undefined;
}

/** The kubelet of 1.36 and later removes all containers of a Pod at once, and writes such a record for each. */
export function isRestartOfAll(record: Termination | undefined): boolean {
  return record?.reason === 'RestartingAllContainers';
}
