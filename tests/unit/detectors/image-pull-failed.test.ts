import { describe, expect, it } from 'vitest';
import { imagePullFailed } from '../../../watcher/detectors/image-pull-failed.ts';
import { anEvent } from '../../make.ts';
import { look, waitingFor } from './look.ts';

const reasons = [
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
];

describe('an image that cannot be pulled', () => {
  it.each(reasons)('is found by %s, and is one state of its container and image', (reason) => {
    expect(look(imagePullFailed, waitingFor(reason, 'not found'))).toMatchObject([
      {
        type: 'image-pull-failed',
        nature: 'state',
        holdMs: 30_000,
        container: 'app',
        fact: 'pod-uid/not-started',
        occurrence: {
          id: 'pod-uid/app/image/registry.example/app:1',
          member: 'pod-uid/app',
          objectName: 'web-0',
          reason,
          message: `The image registry.example/app:1 of container app cannot be pulled (${reason}): not found`,
          cause: 'image',
          image: 'registry.example/app:1',
          nodeName: 'node-a',
        },
      },
    ]);
    expect(look(imagePullFailed, waitingFor(reason))[0]?.sinceMs).toBeUndefined();
  });

  it('is another one when the image is changed', () => {
    const ids = ['a:1', 'a:2'].map(
      (image) => look(imagePullFailed, waitingFor('ErrImagePull', '', { image }))[0]?.occurrence.id,
    );
    expect(new Set(ids).size).toBe(2);
  });

  it('has its cause from the Event where the container that backs off does not say it', () => {
    const failed = anEvent({ uid: 'a', reason: 'Failed', message: 'Failed to pull image "a:1": not found' });
    const error = anEvent({ uid: 'b', reason: 'Failed', message: 'Error: ImagePullBackOff' });
    const other = anEvent({
      uid: 'c',
      reason: 'Failed',
      message: 'Failed to pull image "p:1": denied',
      container: 'proxy',
    });
    const message = (said: string) =>
      look(imagePullFailed, waitingFor('ImagePullBackOff', said), { events: [failed, error, other] })[0]?.occurrence
        .message;
    expect(message('Back-off pulling image "a:1"')).toMatch(
      /Back-off pulling image "a:1": Failed to pull image "a:1": not found$/,
    );
    expect(message('Back-off pulling image "a:1": ErrImagePull: not found')).toMatch(/"a:1": ErrImagePull: not found$/);
  });

  it('is none for a container that crashes, or that is being created, or of a Pod that ended or is deleted', () => {
    for (const reason of ['CrashLoopBackOff', 'ContainerCreating', 'PodInitializing', '']) {
      expect(
        look(imagePullFailed, waitingFor(reason), { events: [anEvent({ reason: 'BackOff', type: 'Normal' })] }),
      ).toEqual([]);
    }
    const waiting = waitingFor('ImagePullBackOff');
    expect(look(imagePullFailed, { ...waiting, isBeingDeleted: true })).toEqual([]);
    expect(look(imagePullFailed, { ...waiting, phase: 'Failed', reason: 'DeadlineExceeded' })).toEqual([]);
  });

  it('counts in a container of every kind, also when its Pod runs', () => {
    for (const kind of ['container', 'init', 'sidecar', 'ephemeral'] as const) {
      const pod = { ...waitingFor('ErrImagePull', '', { kind }), phase: 'Running' };
      expect(look(imagePullFailed, pod)[0]?.occurrence.containerKind).toBe(kind);
    }
  });
});
