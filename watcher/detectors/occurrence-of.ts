/**
 * What every occurrence on a Pod or on one of its containers carries.
 *
 * Pure.
 */
import type { ContainerView, PodView } from '../views/pod-view.ts';

export function ofPod(pod: PodView) {
  return {
    member: pod.uid,
    objectName: pod.name,
    times: 1,
    ...(pod.nodeName !== undefined && { nodeName: pod.nodeName }),
  };
}

export function ofContainer(pod: PodView, container: ContainerView) {
  return {
    ...ofPod(pod),
    member: `${pod.uid}/${container.name}`,
    container: container.name,
    containerKind: container.kind,
    restartCount: container.restartCount,
    ...(container.image !== '' && { image: container.image }),
  };
}
