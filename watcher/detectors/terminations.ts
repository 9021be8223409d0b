/**
 * The terminations that a container's status shows, each with the identity that all incident types share.
 *
 * Used by the detectors of restarts, OOM kills and failed probes: one termination is one fact, whatever it is called. Pure.
 */
import type { ContainerView, PodView, Termination } from '../views/pod-view.ts';

export interface VisibleTermination {
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
  const { restartCount } = container;
  if (container.lastTerminated !== undefined) {
    // While the next start is held back, restartCount still is the number of the run that ended.
    const ordinal = container.waiting === undefined ? restartCount : restartCount + 1;
    found.push(visible(pod, container, { record: container.lastTerminated, ordinal, isRestart: true }));
  }
  if (container.terminated !== undefined) {
    found.push(visible(pod, container, { record: container.terminated, ordinal: restartCount + 1, isRestart: false }));
  }
  // One end that is shown in both places is one.
  return found.filter(({ id }, index) => found.findLastIndex((other) => other.id === id) === index);
}

function visible(
  pod: PodView,
  container: ContainerView,
  seen: { record: Termination; ordinal: number; isRestart: boolean },
): VisibleTermination {
  const { record, ordinal, isRestart } = seen;
  const identity = record.containerID ?? record.finishedAt ?? `run-${ordinal}`;
  return { id: runId(pod, container, identity), ordinal: Math.max(ordinal, 1), isRestart, record };
}

/** When it ended; where its record has no times, what happened next tells. */
export function endOf(pod: PodView, container: ContainerView, { finishedAt }: Termination): string | undefined {
  const unready = pod.conditions.ContainersReady;
  return finishedAt ?? container.startedAt ?? (unready?.status === 'False' ? unready.since : undefined);
}

/** The fact of one run of a container, whether it has ended or is about to. */
export function runId(pod: PodView, container: ContainerView, identity: string): string {
  return `${pod.uid}/${container.name}/${identity}`;
}

/** The node went down, or the runtime forgot: how the container ended is not known. */
export function isStatusLost({ reason, exitCode }: Termination): boolean {
  return reason === 'ContainerStatusUnknown' || (reason === 'Unknown' && exitCode === 255);
}

/** The kubelet of 1.36 and later removes all containers of a Pod at once, and writes such a record for each. */
export function isRestartOfAll({ reason }: Termination): boolean {
  return reason === 'RestartingAllContainers';
}
