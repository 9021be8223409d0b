import { describe, expect, it } from 'vitest';
import { containerConfigError } from '../../../watcher/detectors/container-config-error.ts';
import type { Look } from '../../../watcher/detectors/detector.ts';
import { detect } from '../../../watcher/detectors/index.ts';
import { podRestart } from '../../../watcher/detectors/pod-restart.ts';
import type { EventView } from '../../../watcher/views/event-view.ts';
import type { ContainerView, PodView, Termination } from '../../../watcher/views/pod-view.ts';
import { anEvent, aPod, at, noon } from '../../make.ts';
import { anEnd, look, restarted, waitingFor } from './look.ts';

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

  const message =
    'failed to create shim task: OCI runtime create failed: exec: "srv": executable file not found in $PATH';
  const startError = anEnd({ exitCode: 128, reason: 'StartError', startedAt: '1970-01-01T00:00:00Z', message });
  const cannotRun = anEnd({ exitCode: 127, reason: 'ContainerCannotRun', message });
  const heldBack = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' }, running: false };
  const seen = (container: Partial<ContainerView>, over: Partial<Look<PodView>> = {}) =>
    look(containerConfigError, aPod({ containers: [restarted({ running: false, ...container })] }), over);
  const hook = (over: Partial<EventView> = {}) =>
    anEvent({
      reason: 'FailedPostStartHook',
      message: 'PostStartHook failed',
      firstMs: noon + 9000,
      lastMs: noon + 9000,
      ...over,
    });

  it.each<[string, Termination]>([
    ['containerd', startError],
    ['cri-dockerd', cannotRun],
    ['a runtime that has no word for it', { ...startError, reason: 'Error', startedAt: at(0) }],
    ['one that gives it no time', { ...startError, reason: '', message: '' }],
  ])('is the same state while %s is asked and while the next try is held back', (_, record) => {
    const ids = [
      { waiting: { reason: 'RunContainerError', message }, lastTerminated: record },
      { ...heldBack, lastTerminated: record },
      { terminated: record },
    ].flatMap((container) => seen(container).map(({ occurrence }) => [occurrence.id, occurrence.reason]));
    const same = ['pod-uid/app/config/RunContainerError', 'RunContainerError'];
    expect(ids).toEqual([same, same, same]);
  });

  it('says between two tries how the last one failed', () => {
    expect(seen({ ...heldBack, lastTerminated: startError })[0]?.occurrence.message).toBe(
      `Container app cannot be created or started (RunContainerError): ${message}`,
    );
  });

  it('is one whose hook after the start fails, also while it is held back', () => {
    const lastTerminated = anEnd({ exitCode: 137 });
    const shown = seen({ waiting: { reason: 'PostStartHookError', message: 'x' }, lastTerminated });
    const held = seen({ ...heldBack, lastTerminated }, { events: [hook()] });
    expect([...shown, ...held].map(({ occurrence }) => occurrence.id)).toEqual(
      Array.from({ length: 2 }, () => 'pod-uid/app/config/PostStartHookError'),
    );
    // All tries share one Event, which reports the next one before the Pod does.
    const shared = hook({ firstMs: noon, lastMs: noon + 25_000, count: 2 });
    expect(seen({ ...heldBack, lastTerminated }, { events: [shared] })).toHaveLength(1);
    expect(seen({ ...heldBack, lastTerminated }, { events: [hook({ container: 'proxy' })] })).toEqual([]);
    expect(
      seen({ ...heldBack, lastTerminated }, { events: [hook({ firstMs: noon + 13_000, lastMs: noon + 13_000 })] }),
    ).toEqual([]);
  });

  it.each<[string, Partial<ContainerView>]>([
    ['crashed', { ...heldBack, lastTerminated: anEnd() }],
    ['said of itself what a runtime says', { ...heldBack, lastTerminated: anEnd({ exitCode: 1, message }) }],
    [
      'ran out of memory at once',
      { ...heldBack, lastTerminated: anEnd({ exitCode: 128, reason: 'OOMKilled', message }) },
    ],
    [
      'ran a command that was not found',
      { ...heldBack, lastTerminated: anEnd({ exitCode: 127, message: 'sh: srv: not found' }) },
    ],
    ['is done', { terminated: anEnd({ exitCode: 0, reason: 'Completed' }) }],
    ['runs again', { running: true, lastTerminated: startError }],
  ])('is none of one that %s', (_, container) => {
    expect(seen(container)).toEqual([]);
  });

  it('is one trouble with the restarts by which it is tried again, and with none other', () => {
    const facts = (record: Termination) =>
      look(podRestart, aPod({ containers: [restarted({ ...heldBack, lastTerminated: record })] })).map(
        ({ fact }) => fact,
      );
    expect(facts(startError)).toEqual(['pod-uid/not-started']);
    expect(facts(anEnd())).toEqual(['pod-uid/app/containerd://a0']);
  });

  it('is never a restart, an image or a volume', () => {
    const look = { before: undefined, now: waitingFor(reasons[0] ?? ''), clockMs: noon, events: [] };
    expect(detect('Pod', look).map(({ type }) => type)).toEqual(['pod-pending', 'container-config-error']);
  });

  it('is none of a container that waits for something else, or of a Pod that ended or is deleted', () => {
    for (const reason of ['ErrImagePull', 'CrashLoopBackOff', 'ContainerCreating'])
      expect(look(containerConfigError, waitingFor(reason))).toEqual([]);
    const waiting = waitingFor('CreateContainerConfigError');
    expect(look(containerConfigError, { ...waiting, isBeingDeleted: true })).toEqual([]);
    expect(look(containerConfigError, { ...waiting, phase: 'Failed' })).toEqual([]);
  });
});
