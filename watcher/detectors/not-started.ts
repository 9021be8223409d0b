/**
 * What keeps a Pod from starting, and what speaks for it.
 *
 * Pending Pods, images, configuration and volumes: all of them are one trouble, seen from near or from far. Pure.
 */
import type { EventView } from '../views/event-view.ts';
import type { PodView } from '../views/pod-view.ts';

/** All of these are the same trouble of one Pod. */
export function notStartedFact({ uid }: PodView): string {
  return `${uid}/not-started`;
}

export const imageReasons: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);

export const configurationReasons: ReadonlySet<string> = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PreCreateHookError',
  'PreStartHookError',
  'PostStartHookError',
]);

const volumeReasons: ReadonlySet<string> = new Set(['FailedMount', 'FailedMapVolume', 'FailedAttachVolume']);

/** Whether no container was touched yet: volumes and sandbox come first, so that Events about them may still be true. */
export function isUntouched({ phase, containers }: PodView): boolean {
  const first = ['ContainerCreating', 'PodInitializing'];
  return phase === 'Pending' && containers.every(({ waiting }) => first.includes(waiting?.reason ?? ''));
}

/** Containers of a Pod that has ended keep the state that they had; none of them waits for anything. */
export function hasEnded({ phase }: PodView): boolean {
  return phase === 'Failed' || phase === 'Succeeded';
}

/** Events of volumes stay for an hour, also when the volume was mounted since. */
export function volumeEvents(pod: PodView, events: readonly EventView[]): EventView[] {
  if (!isUntouched(pod)) return [];
  return events.filter(({ reason, type }) => type === 'Warning' && volumeReasons.has(reason));
}
