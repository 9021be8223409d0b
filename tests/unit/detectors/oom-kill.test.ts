import { describe, expect, it } from 'vitest';
import { oomKill } from '../../../watcher/detectors/oom-kill.ts';
import { aContainer, anEvent, aPod, at } from '../../make.ts';
import { anEnd, look, restarted } from './look.ts';

const oom = anEnd({ exitCode: 137, reason: 'OOMKilled' });
const kinds = (pod = aPod(), over = {}) => look(oomKill, pod, over).map(({ occurrence }) => occurrence.confidence);

describe('an OOM kill', () => {
  it('carries everything that the record and its container show', () => {
    const events = [anEvent({ reason: 'BackOff', message: 'Back-off restarting failed container' })];
    expect(look(oomKill, aPod({ containers: [restarted({ lastTerminated: oom })] }), { events })).toEqual([
      {
        type: 'oom-kill',
        nature: 'edge',
        container: 'app',
        fact: 'pod-uid/app/containerd://a0',
        occurrence: {
          id: 'pod-uid/app/containerd://a0',
          member: 'pod-uid/app',
          objectName: 'web-0',
          order: 1,
          reason: 'OOMKilled',
          message: 'Container app was OOM-killed (exit code 137)',
          at: at(10),
          times: 1,
          exitCode: 137,
          restartCount: 1,
          nodeName: 'node-a',
          cause: 'oom',
          confidence: 'certain',
          container: 'app',
          containerKind: 'container',
          image: 'registry.example/app:1',
          evidence: [
            `exit code 137 (OOMKilled) at ${at(10)}`,
            `BackOff x1: Back-off restarting failed container (at ${at(10)})`,
          ],
        },
      },
    ]);
  });

  it.each([0, 1, 143])('with exit code %i was a child of the container', (exitCode) => {
    expect(kinds(aPod({ containers: [restarted({ lastTerminated: { ...oom, exitCode } })] }))).toEqual([
      'child-process',
    ]);
  });

  it.each(['Error', 'ContainerStatusUnknown', 'RestartingAllContainers', 'Evicted'])(
    'is not 137 with reason %s',
    (reason) => {
      expect(kinds(aPod({ containers: [restarted({ lastTerminated: anEnd({ exitCode: 137, reason }) })] }))).toEqual(
        [],
      );
    },
  );

  it('of a container that is not started again counts, also when its Pod has failed', () => {
    const containers = [aContainer({ running: false, terminated: oom })];
    expect(kinds(aPod({ phase: 'Failed', restartPolicy: 'Never', containers }))).toEqual(['certain']);
  });

  it.each(['init', 'sidecar', 'ephemeral'] as const)('counts in a container of kind %s', (kind) => {
    expect(kinds(aPod({ containers: [restarted({ kind, lastTerminated: oom })] }))).toEqual(['certain']);
  });

  it('whose reason was Error at first has the identity of the restart that it was', () => {
    const [found] = look(oomKill, aPod({ containers: [restarted({ lastTerminated: oom })] }));
    expect(found?.fact).toBe('pod-uid/app/containerd://a0');
    expect(kinds(aPod({ containers: [restarted({ lastTerminated: { ...oom, reason: 'Error' } })] }))).toEqual([]);
  });

  it('of a Pod that an eviction ends is none without the reason, and hidden while the Pod is deleted', () => {
    const containers = [aContainer({ running: false, terminated: anEnd({ exitCode: 137 }) })];
    expect(kinds(aPod({ phase: 'Failed', reason: 'Evicted', containers }))).toEqual([]);
    expect(kinds(aPod({ isBeingDeleted: true, containers: [restarted({ lastTerminated: oom })] }))).toEqual([]);
  });

  it('keeps its record among the evidence, however many Events there are', () => {
    const events = Array.from({ length: 10 }, (_, n) => anEvent({ uid: `e${n}`, message: `${n} ${'x'.repeat(400)}` }));
    const [found] = look(oomKill, aPod({ containers: [restarted({ lastTerminated: oom })] }), { events });
    const evidence = found?.occurrence.evidence ?? [];
    expect(evidence).toHaveLength(7);
    expect(evidence[0]).toMatch(/^exit code 137/);
    expect(evidence.at(-1)).toMatch(/^Unhealthy x1: 9 /);
    expect(Math.max(...evidence.map((line) => line.length))).toBe(300);
  });

  it('is not said to be one by Events about memory', () => {
    const events = [anEvent({ reason: 'OOMKilling' }), anEvent({ reason: 'PreviousContainerWasOOMKilled' })];
    expect(kinds(aPod(), { events })).toEqual([]);
  });
});
