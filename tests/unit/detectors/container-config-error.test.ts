import { describe, expect, it } from 'vitest';
import { containerConfigError } from '../../../watcher/detectors/container-config-error.ts';
import { detect } from '../../../watcher/detectors/index.ts';
import { anEvent, at, noon } from '../../make.ts';
import { look, waitingFor } from './look.ts';

const reasons = [
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PreCreateHookError',
  'PreStartHookError',
  'PostStartHookError',
];

describe('a container that cannot be started as configured', () => {
  it.each(reasons)('is found by %s', (reason) => {
    const events = [anEvent({ reason: 'Failed', message: 'Error: secret "a" not found' })];
    expect(look(containerConfigError, waitingFor(reason, 'secret "a" not found'), { events })).toMatchObject([
      {
        type: 'container-config-error',
        nature: 'state',
        holdMs: 30_000,
        container: 'app',
        fact: 'pod-uid/not-started',
        occurrence: {
          id: `pod-uid/app/config/${reason}`,
          member: 'pod-uid/app',
          objectName: 'web-0',
          reason,
          message: `Container app cannot be created or started (${reason}): secret "a" not found`,
          cause: 'config',
          evidence: [`Failed x1: Error: secret "a" not found (at ${at(10)})`],
        },
      },
    ]);
  });

  it('is never a restart, an image or a volume', () => {
    const sight = { before: undefined, now: waitingFor(reasons[0] ?? ''), clockMs: noon, events: [] };
    expect(detect('Pod', sight).map(({ type }) => type)).toEqual(['pod-pending', 'container-config-error']);
  });

  it('is none of a container that waits for something else, or of a Pod that ended or is deleted', () => {
    for (const reason of ['ErrImagePull', 'CrashLoopBackOff', 'ContainerCreating'])
      expect(look(containerConfigError, waitingFor(reason))).toEqual([]);
    const waiting = waitingFor('CreateContainerConfigError');
    expect(look(containerConfigError, { ...waiting, isBeingDeleted: true })).toEqual([]);
    expect(look(containerConfigError, { ...waiting, phase: 'Failed' })).toEqual([]);
  });
});
