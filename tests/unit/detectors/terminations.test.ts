import { describe, expect, it } from 'vitest';
import { endOf, isRestartOfAll, isStatusLost, terminationsOf } from '../../../watcher/detectors/terminations.ts';
import { aContainer, aPod, at } from '../../make.ts';
import { anEnd, restarted } from './look.ts';

const pod = aPod();
const shown = (container = restarted()) =>
  terminationsOf(pod, container).map(({ id, ordinal, isRestart }) => ({ id, ordinal, isRestart }));

describe('a termination', () => {
  it('is the same one while it is the present state, held back, and the last state', () => {
    const waiting = { reason: 'CrashLoopBackOff', message: '' };
    const id = 'pod-uid/app/containerd://a0';
    const present = aContainer({ running: false, terminated: anEnd() });
    expect(shown(present)).toEqual([{ id, ordinal: 1, isRestart: false }]);
    expect(shown(restarted({ restartCount: 0, running: false, waiting }))).toEqual([
      { id, ordinal: 1, isRestart: true },
    ]);
    expect(shown(restarted())).toEqual([{ id, ordinal: 1, isRestart: true }]);
  });

  it('of a later run has the number of that run, held back or started again', () => {
    const waiting = { reason: 'CrashLoopBackOff', message: '' };
    expect(shown(restarted({ restartCount: 4, running: false, waiting }))[0]?.ordinal).toBe(5);
    expect(shown(restarted({ restartCount: 5 }))[0]?.ordinal).toBe(5);
  });

  it('without a containerID is known by its end, and without an end by its number', () => {
    const { containerID: _, ...nameless } = anEnd();
    const { finishedAt: __, ...timeless } = nameless;
    expect(shown(restarted({ lastTerminated: nameless }))[0]?.id).toBe(`pod-uid/app/${at(10)}`);
    expect(shown(restarted({ restartCount: 3, lastTerminated: timeless }))[0]?.id).toBe('pod-uid/app/run-3');
  });

  it('after another one makes two, each with its own number', () => {
    const both = restarted({ running: false, terminated: anEnd({ containerID: 'containerd://a1' }) });
    expect(shown(both).map(({ ordinal, isRestart }) => [ordinal, isRestart])).toEqual([
      [1, true],
      [2, false],
    ]);
  });

  it('that is shown as the present and as the last state is one, and no restart yet', () => {
    const both = restarted({ restartCount: 0, running: false, terminated: anEnd() });
    expect(shown(both)).toEqual([{ id: 'pod-uid/app/containerd://a0', ordinal: 1, isRestart: false }]);
  });

  it('without a time ended when the next run started, else when the containers became unready', () => {
    const { finishedAt: _, ...timeless } = anEnd();
    const unready = (status: string) =>
      aPod({ conditions: { ContainersReady: { status, reason: '', message: '', since: at(11) } } });
    const { startedAt: __, ...waiting } = restarted({ running: false });
    expect(endOf(unready('False'), restarted(), anEnd())).toBe(at(10));
    expect(endOf(unready('False'), restarted(), timeless)).toBe(at(12));
    expect(endOf(unready('False'), waiting, timeless)).toBe(at(11));
    expect(endOf(unready('True'), waiting, timeless)).toBeUndefined();
  });
});

it('a record that nobody saw happen is kept apart from one that a rule made', () => {
  expect(isStatusLost(anEnd({ reason: 'ContainerStatusUnknown', exitCode: 137 }))).toBe(true);
  expect(isStatusLost(anEnd({ reason: 'Unknown', exitCode: 255 }))).toBe(true);
  expect(isStatusLost(anEnd({ reason: 'Error', exitCode: 255 }))).toBe(false);
  expect(isRestartOfAll(anEnd({ reason: 'RestartingAllContainers', exitCode: 137 }))).toBe(true);
  expect(isRestartOfAll(anEnd({ exitCode: 137 }))).toBe(false);
});
