/** One look of one detector at a Pod, a minute after noon unless said otherwise. Used by the tests of detectors. */
import type { Detector, Finding, Look } from '../../../watcher/detectors/detector.ts';
import { findingsOf } from '../../../watcher/detectors/finding-of.ts';
import type { EventView } from '../../../watcher/views/event-view.ts';
import type { ContainerView, PodView, Termination } from '../../../watcher/views/pod-view.ts';
import { aContainer, anEvent, aPod, at, noon } from '../../make.ts';

export function look(detector: Detector<'Pod'>, now: PodView, over: Partial<Look<PodView>> = {}): Finding[] {
  return findingsOf(detector, { before: undefined, now, clockMs: noon + 60_000, events: [], ...over });
}

/** How the first run of `app` ended: started at noon, exited with 1 after ten seconds. */
export function anEnd(over: Partial<Termination> = {}): Termination {
  return {
    exitCode: 1,
    reason: 'Error',
    message: '',
    startedAt: at(0),
    finishedAt: at(10),
    containerID: 'containerd://a0',
    ...over,
  };
}

/** The second run of `app`, two seconds after the first one ended. */
export function restarted(over: Partial<ContainerView> = {}): ContainerView {
  return aContainer({
    restartCount: 1,
    containerID: 'containerd://a1',
    startedAt: at(12),
    lastTerminated: anEnd(),
    ...over,
  });
}

/** A Pod on its node, whose only container waits for this reason. */
export function waitingFor(reason: string, message = '', over: Partial<ContainerView> = {}): PodView {
  const waiting = { reason, message };
  const container = aContainer({ ready: false, started: false, running: false, containerID: '', waiting, ...over });
  return aPod({
    phase: 'Pending',
    conditions: { PodScheduled: { status: 'True', reason: '', message: '', since: at(0) } },
    containers: [container],
  });
}

/** A Warning about the whole Pod: it names no container. */
export function aPodEvent(over: Partial<EventView> = {}): EventView {
  const { container: _, ...event } = anEvent(over);
  return event;
}
