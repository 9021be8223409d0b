/**
 * probe-failed: a running container with a readiness probe has not been ready for longer than the threshold.
 *
 * Called through the list in index.ts. Reads the container's own `ready`; the Pod's Ready condition also falls for lost
 * nodes and readiness gates. A container that is still starting up, or being deleted, is not failing.
 */
import type { ContainerView } from '../pod-view.ts';
import { bounded, type Detection, type Detector, type Sight, wholeSeconds } from './detector.ts';

export const probeFailed: Detector = {
  type: 'probe-failed',
  summary: 'A running, started container with a readiness probe has not been ready for 30 seconds.',
  detect(sight) {
    const detections = sight.now.containers.map((container) => detectContainer(sight, container));
    const due = detections.flatMap(({ dueMs }) => (dueMs === undefined ? [] : [dueMs]));
    return {
      findings: detections.flatMap(({ findings }) => findings),
      ...(due.length > 0 && { dueMs: Math.min(...due) }),
    };
  },
};

function detectContainer({ now, clockMs, thresholds }: Sight, container: ContainerView): Detection {
  if (now.isBeingDeleted || !isFailingReadiness(container)) return { findings: [] };
  const since = now.containersReady?.since;
  const sinceMs = since === undefined ? clockMs : Date.parse(since);
  const dueMs = sinceMs + thresholds.unreadyAfterMs;
  if (clockMs < dueMs) return { findings: [], dueMs };
  return {
    findings: [
      {
        type: 'probe-failed',
        nature: 'state',
        container: container.name,
        occurrence: {
          id: `${now.uid}/${container.name}/readiness/${container.containerID}/${since ?? 'unknown'}`,
          member: `${now.uid}/${container.name}`,
          order: sinceMs,
          reason: 'Unhealthy',
          message: bounded(
            `Container ${container.name} is running but has not been ready since ${since ?? 'its start'}: its readiness probe fails.`,
          ),
          at: wholeSeconds(since, clockMs),
          times: 1,
          restartCount: container.restartCount,
          ...(now.nodeName !== undefined && { nodeName: now.nodeName }),
          cause: 'readiness',
        },
      },
    ],
  };
}

function isFailingReadiness(container: ContainerView): boolean {
  return container.running && container.hasReadinessProbe && container.started && !container.ready;
}
