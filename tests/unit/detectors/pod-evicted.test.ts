import { describe, expect, it } from 'vitest';
import { detect } from '../../../watcher/detectors/index.ts';
import { podEvicted } from '../../../watcher/detectors/pod-evicted.ts';
import type { PodView } from '../../../watcher/views/pod-view.ts';
import { aContainer, anEvent, aPod, at, noon } from '../../make.ts';
import { anEnd, look } from './look.ts';

const target = (reason: string, over: Partial<PodView> = {}, status = 'True') =>
  aPod({ conditions: { DisruptionTarget: { status, reason, message: 'because', since: at(5) } }, ...over });
const message = 'The node was low on resource: memory.';
const evicted = aPod({ phase: 'Failed', reason: 'Evicted', message, containers: [] });
const seen = (pod: PodView) =>
  look(podEvicted, pod).map(({ occurrence, optIn, fallout }) => [occurrence.cause, optIn ?? fallout?.kind]);

describe('an eviction', () => {
  it('by the kubelet says which resource, and needs no condition', () => {
    const events = [anEvent({ reason: 'Evicted', message })];
    expect(look(podEvicted, evicted, { events })).toMatchObject([
      {
        type: 'pod-evicted',
        nature: 'edge',
        fact: 'pod-uid/evicted',
        occurrence: {
          id: 'pod-uid/evicted',
          member: 'pod-uid',
          objectName: 'web-0',
          reason: 'Evicted',
          message: `Pod web-0 was evicted (Evicted): ${message}`,
          cause: 'node-pressure',
          nodeName: 'node-a',
          evidence: [`Evicted x1: ${message} (at ${at(10)})`],
        },
      },
    ]);
  });

  it.each<[string, string, string | undefined]>([
    ['EvictionByEvictionAPI', 'api', 'drains'],
    ['PreemptionByScheduler', 'preemption', undefined],
    ['DeletionByTaintManager', 'taint', 'Node'],
    ['DeletionByPodGC', 'node-gone', 'Node'],
    ['TerminationByKubelet', 'kubelet', undefined],
  ])('%s is %s, for or of %s', (reason, cause, belongs) => {
    expect(seen(target(reason))).toEqual([[cause, belongs]]);
    expect(look(podEvicted, target(reason))[0]?.occurrence).toMatchObject({ reason, at: at(5) });
  });

  it('is seen while the Pod is deleted, and in its last words', () => {
    expect(seen(target('PreemptionByScheduler', { isBeingDeleted: true }))).toHaveLength(1);
    expect(seen({ ...evicted, isBeingDeleted: true })).toHaveLength(1);
  });

  it('that was announced and taken back is none, and neither is one of a Pod that had succeeded', () => {
    expect(seen(target('EvictionByEvictionAPI', {}, 'False'))).toEqual([]);
    expect(seen(target('DeletionByPodGC', { phase: 'Succeeded' }))).toEqual([]);
    for (const reason of ['SomethingNew', 'toString', 'constructor']) expect(seen(target(reason))).toEqual([]);
    expect(seen(aPod())).toEqual([]);
    expect(seen(aPod({ phase: 'Failed' }))).toEqual([]);
  });

  it('is one for a Pod, whatever its condition says first and its status later', () => {
    const [early] = look(podEvicted, target('TerminationByKubelet'));
    const [late] = look(podEvicted, target('TerminationByKubelet', { phase: 'Failed', reason: 'Evicted', message }));
    expect(late?.occurrence.id).toBe(early?.occurrence.id);
    expect(late?.occurrence.cause).toBe('node-pressure');
  });

  it('at the end of a node belongs to the node', () => {
    expect(seen(target('TerminationByKubelet', { phase: 'Failed', reason: 'Terminated' }))).toEqual([
      ['node-shutdown', 'Node'],
    ]);
    expect(seen(aPod({ phase: 'Failed', reason: 'NodeShutdown' }))).toEqual([['node-shutdown', 'Node']]);
  });

  it('for a Pod without which the node cannot work is no refusal', () => {
    expect(seen(aPod({ phase: 'Failed', reason: 'Preempting' }))).toEqual([['kubelet', undefined]]);
  });

  it.each([
    'UnexpectedAdmissionError',
    'OutOfcpu',
    'OutOfmemory',
    'OutOfpods',
    'OutOfnvidia.com/gpu',
    'TopologyAffinityError',
    'NodeAffinity',
  ])('also is when the node refuses the Pod with %s', (reason) => {
    expect(seen(aPod({ phase: 'Failed', reason, message: 'Pod was rejected' }))).toEqual([['admission', undefined]]);
  });

  it('of a container with 137 is no OOM kill and no restart', () => {
    const containers = [aContainer({ running: false, terminated: anEnd({ exitCode: 137 }) })];
    const sight = { before: undefined, now: { ...evicted, containers }, clockMs: noon, events: [] };
    expect(detect('Pod', sight).map(({ type }) => type)).toEqual(['pod-evicted']);
  });

  it('from last week is dated by what the Pod shows, not by our look', () => {
    const late = { clockMs: noon + 7 * 86_400_000 };
    expect(look(podEvicted, evicted, late)[0]?.occurrence.at).toBe(at(0));
    const containers = [aContainer({ running: false, terminated: anEnd() })];
    expect(look(podEvicted, { ...evicted, containers }, late)[0]?.occurrence.at).toBe(at(10));
    const conditions = { ContainersReady: { status: 'False', reason: 'PodFailed', message: '', since: at(40) } };
    expect(look(podEvicted, { ...evicted, containers, conditions }, late)[0]?.occurrence.at).toBe(at(40));
  });
});
