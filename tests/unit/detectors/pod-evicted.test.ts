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

  /** Of pkg/kubelet in 1.28 to 1.36: lifecycle, sysctl, topologymanager, cpumanager, nodeshutdown, volumemanager. */
  it.each([
    'AppArmor',
    'InitContainerRestartPolicyForbidden',
    'InvalidNodeInfo',
    'NodeAffinity',
    'NodeName',
    'NodePorts',
    'NodeUnschedulable',
    'OutOfcpu',
    'OutOfmemory',
    'OutOfephemeral-storage',
    'OutOfpods',
    'OutOfnvidia.com/gpu',
    'PodFeatureUnsupported',
    'PodLevelResourcesNotSupported',
    'PodOSNotSupported',
    'PodOSSelectorNodeLabelDoesNotMatch',
    'SMTAlignmentError',
    'SupplementalGroupsPolicyNotSupported',
    'SysctlForbidden',
    'TaintToleration',
    'TopologyAffinityError',
    'UnexpectedAdmissionError',
    'UnexpectedPredicateFailureType',
    'UnknownReason',
    'VolumeAttachmentLimitExceeded',
  ])('also is when the node refuses the Pod with %s, also one that ran before its kubelet was restarted', (reason) => {
    for (const containers of [[], [aContainer({ running: false, terminated: anEnd() })]]) {
      const pod = aPod({ phase: 'Failed', reason, message: 'Pod was rejected', containers });
      expect(seen(pod)).toEqual([['admission', undefined]]);
      expect(look(podEvicted, pod)[0]?.occurrence.message).toBe(
        `Pod web-0 was refused by its node (${reason}): Pod was rejected`,
      );
    }
  });

  describe('for a reason that nobody knows yet', () => {
    const refused = (over: Partial<PodView> = {}) =>
      aPod({ phase: 'Failed', reason: 'SomethingNew', containers: [], ...over });
    const waiting = { running: false, ready: false, waiting: { reason: 'ContainerCreating', message: '' } };
    const madeUp = { exitCode: 137, reason: 'ContainerStatusUnknown', message: '' };

    it.each<[string, Partial<PodView>]>([
      ['no container', {}],
      ['a container that still waits', { containers: [aContainer(waiting)] }],
      ['an end that nobody saw', { containers: [aContainer({ running: false, terminated: madeUp })] }],
    ])('is a refusal of a Pod that shows %s', (_, over) => {
      expect(seen(refused(over))).toEqual([['admission', undefined]]);
    });

    it.each<[string, Partial<PodView>]>([
      ['a container that ended', { containers: [aContainer({ running: false, terminated: anEnd() })] }],
      ['a container that was restarted', { containers: [aContainer({ ...waiting, restartCount: 1 })] }],
      ['a container whose former run ended', { containers: [aContainer({ ...waiting, lastTerminated: anEnd() })] }],
      ['a container that runs', { containers: [aContainer()] }],
      ['its own deadline', { reason: 'DeadlineExceeded' }],
      ['no reason', { reason: '' }],
      ['that it has not failed', { phase: 'Pending' }],
    ])('is none of a Pod that shows %s', (_, over) => {
      expect(seen(refused(over))).toEqual([]);
    });

    it('is none of a Pod that was never bound to a node', () => {
      const { nodeName: _, ...unbound } = refused();
      expect(seen(unbound)).toEqual([]);
    });
  });

  it('of a container with 137 is no OOM kill and no restart', () => {
    const containers = [aContainer({ running: false, terminated: anEnd({ exitCode: 137 }) })];
    const one = { before: undefined, now: { ...evicted, containers }, clockMs: noon, events: [] };
    expect(detect('Pod', one).map(({ type }) => type)).toEqual(['pod-evicted']);
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
