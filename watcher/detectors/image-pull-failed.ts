/**
 * image-pull-failed: a container waits because its image cannot be had.
 *
 * The reason flips between ErrImagePull and ImagePullBackOff; container and image make the identity. Volumes made of images
 * show only as volumes that cannot be mounted.
 */
import type { EventView } from '../views/event-view.ts';
import type { Detector } from './detector.ts';
import { imageReasons } from './not-started.ts';
import { waitingFindings } from './waiting-container.ts';

export const imagePullFailed: Detector<'Pod'> = {
  type: 'image-pull-failed',
  summary: 'A container has waited for 30 seconds for an image that cannot be pulled.',
  detect: (look) =>
    waitingFindings(look, {
      failureOf: ({ waiting }) => (waiting !== undefined && imageReasons.has(waiting.reason) ? waiting : undefined),
      cause: 'image',
      idOf: ({ image }) => `image/${image}`,
      causeOf: causeOfBackOff,
      what: ({ name, image }) => `The image ${image} of container ${name} cannot be pulled`,
    }),
};

/** Before 1.31 a container that waits for the next try does not say why the last one failed. */
function causeOfBackOff(message: string, warnings: readonly EventView[]): string | undefined {
  if (!/^(Back-off pulling image "[^"]*")?$/.test(message)) return undefined;
  return warnings.findLast(({ reason, message: said }) => reason === 'Failed' && !said.startsWith('Error: '))?.message;
}
