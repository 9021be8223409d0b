/** pod-failed: Pods that ended for good, and whom their end belongs to. */
import { describe, expect, it } from 'vitest';
import { oomKill } from '../../../watcher/detectors/oom-kill.ts';
import { podFailed } from '../../../watcher/detectors/pod-failed.ts';
import { probeFailed } from '../../../watcher/detectors/probe-failed.ts';
import type { ContainerView, PodView, Termination } from '../../../watcher/views/pod-view.ts';
import { aContainer, anEvent, aPod, at, noon } from '../../make.ts';
import { anEnd, look } from './look.ts';

const ended = (record: Partial<Termination> = {}, over: Partial<ContainerView> = {}) =>
  aContainer({ running: false, ready: false, terminated: anEnd(record), ...over });
const failed = (over: Partial<PodView> = {}) =>
  aPod({ phase: 'Failed', restartPolicy: 'Never', containers: [ended()], ...over });
const killing = (message: string) =>
  anEvent({ type: 'Normal', reason: 'Killing', message, firstMs: noon + 9000, lastMs: noon + 9000 });
const liveness = 'Container app failed liveness probe';

describe('a Pod that has failed', () => {
  it('says which container ended how, and needs no Event', () => {
    expect(look(podFailed, failed({ containers: [ended({ message: 'no route to db' })] }))).toEqual([
      {
        type: 'pod-failed',
        nature: 'edge',
        container: 'app',
        fact: 'pod-uid/app/containerd://a0',
        occurrence: {
          id: 'pod-uid/failed',
          member: 'pod-uid',
          objectName: 'web-0',
          order: 1,
          reason: 'Error',
          message: 'Pod web-0 has failed: container app ended with exit code 1 (Error): no route to db',
          at: at(10),
          times: 1,
          exitCode: 1,
          restartCount: 0,
          nodeName: 'node-a',
          cause: 'exit-code',
          container: 'app',
          containerKind: 'container',
          image: 'registry.example/app:1',
          evidence: [`exit code 1 (Error) at ${at(10)}: no route to db`],
        },
      },
    ]);
  });

  it('because it took too long says so, whatever its containers ended with', () => {
    const message = 'Pod was active on the node longer than the specified deadline';
    const overdue = failed({ reason: 'DeadlineExceeded', message, containers: [ended({ exitCode: 137 })] });
    expect(look(podFailed, overdue)).toMatchObject([
      {
        fact: 'pod-uid/failed',
        occurrence: {
          reason: 'DeadlineExceeded',
          cause: 'deadline',
          message: `Pod web-0 has failed (DeadlineExceeded): ${message}`,
        },
      },
    ]);
  });

  it('without a container that shows it is dated by the newest time that it shows', () => {
    const since = at(30);
    const conditions = { ContainersReady: { status: 'False', reason: 'PodFailed', message: '', since } };
    expect(look(podFailed, failed({ containers: [], conditions }))).toMatchObject([
      { occurrence: { reason: 'Failed', cause: 'unknown', at: since } },
    ]);
  });

  it.each<[string, ContainerView[], string]>([
    ['the first that failed', [ended({ finishedAt: at(20) }), ended({ finishedAt: at(15) }, { name: 'b' })], 'b'],
    [
      'the one that ran out of memory',
      [ended(), ended({ reason: 'OOMKilled', exitCode: 137, finishedAt: at(50) }, { name: 'b' })],
      'b',
    ],
    [
      'its container, and no sidecar that was stopped',
      [ended({ finishedAt: at(20) }), ended({ exitCode: 143 }, { name: 'b', kind: 'sidecar' })],
      'app',
    ],
    ['an init container', [ended({}, { name: 'b', kind: 'init' }), aContainer({ running: false })], 'b'],
    [
      'no container that is done',
      [ended({ exitCode: 0, finishedAt: at(1) }), ended({ finishedAt: at(15) }, { name: 'b' })],
      'b',
    ],
    [
      'no container that somebody debugged with',
      [ended({ finishedAt: at(20) }), ended({}, { name: 'b', kind: 'ephemeral' })],
      'app',
    ],
  ])('failed for %s', (_, containers, name) => {
    expect(look(podFailed, failed({ containers })).map(({ container }) => container)).toEqual([name]);
  });

  it.each<[string, Partial<Termination>, string[], string | undefined]>([
    ['exit-code', { exitCode: 2 }, [], undefined],
    ['exit-code', { exitCode: 137 }, [], 'possible-oom'],
    ['exit-code', { exitCode: 137 }, ['Stopping container app'], undefined],
    ['oom', { exitCode: 137, reason: 'OOMKilled' }, [], undefined],
    ['liveness-probe', { exitCode: 137 }, [liveness], undefined],
    ['config', { exitCode: 128, reason: 'StartError' }, [], undefined],
    ['config', { exitCode: 137 }, ['FailedPostStartHook'], undefined],
    ['unknown', { exitCode: 137, reason: 'ContainerStatusUnknown' }, [], undefined],
    ['unknown', { exitCode: 255, reason: 'Unknown' }, [], undefined],
  ])('has the cause %s: %j after %j', (cause, record, kills, confidence) => {
    const [found] = look(podFailed, failed({ containers: [ended(record)] }), { events: kills.map(killing) });
    expect([found?.occurrence.cause, found?.occurrence.confidence]).toEqual([cause, confidence]);
  });

  it('is one trouble with the OOM kill or the kill for a probe that it failed for', () => {
    const oom = failed({ containers: [ended({ exitCode: 137, reason: 'OOMKilled' })] });
    expect(look(podFailed, oom).map(({ fact }) => fact)).toEqual(look(oomKill, oom).map(({ fact }) => fact));
    const over = { events: [killing(liveness)] };
    const killed = look(probeFailed, failed(), over).map(({ fact }) => fact);
    expect(killed).toEqual(look(podFailed, failed(), over).map(({ fact }) => fact));
    expect(killed).toHaveLength(1);
  });

  it('of a Job is for those who ask, since the Job tries again', () => {
    const owner = { kind: 'Job', name: 'import', uid: 'job' };
    expect(look(podFailed, failed({ owner }))[0]?.optIn).toBe('job-pods');
    expect(look(podFailed, failed({ owner: { ...owner, kind: 'Workflow' } }))[0]?.optIn).toBeUndefined();
    expect(look(podFailed, failed())[0]?.optIn).toBeUndefined();
  });

  it.each<[string, Partial<PodView>]>([
    ['goes on', { phase: 'Running' }],
    ['succeeded', { phase: 'Succeeded' }],
    ['is deleted', { isBeingDeleted: true }],
    ['was evicted', { reason: 'Evicted' }],
    ['was refused by its node', { reason: 'OutOfcpu', containers: [] }],
    ['made room for one that the node needs', { reason: 'Preempting' }],
    ['was stopped with its node', { reason: 'Terminated' }],
    [
      'was lost with its node',
      { conditions: { DisruptionTarget: { status: 'True', reason: 'DeletionByPodGC', message: '' } } },
    ],
  ])('is none that %s', (_, over) => {
    expect(look(podFailed, failed(over))).toEqual([]);
  });
});
