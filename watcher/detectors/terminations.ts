/**
 * The terminations that a container's status shows, each with the identity that all incident types share.
 *
 * Used by the detectors of restarts and OOM kills: one termination is one occurrence, whatever it is called. Pure.
 */
import type { ContainerView, PodView, Termination } from '../pod-view.ts';

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
  return found;
}

function visible(
  pod: PodView,
  container: ContainerView,
  seen: { record: Termination; ordinal: number; isRestart: boolean },
): VisibleTermination {
  const { record, ordinal, isRestart } = seen;
  const identity = record.containerID ?? record.finishedAt ?? `run-${ordinal}`;
  return { id: `${pod.uid}/${container.name}/${identity}`, ordinal: Math.max(ordinal, 1), isRestart, record };
}
