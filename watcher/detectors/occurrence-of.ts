/**
 * What every occurrence on an object, on a Pod or on one of its containers carries.
 *
 * Pure.
 */
import type { Metadata } from '../views/metadata.ts';
import type { ContainerView, PodView } from '../views/pod-view.ts';

export function ofObject({ uid, name }: Metadata) {
  return { member: uid, objectName: name, times: 1 };
}

export function ofPod(pod: PodView) {
  return {
    ...ofObject(pod),
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
