/** node-not-ready: on Nodes as the API server sends them. */
import { describe, expect, it } from 'vitest';
import { nodeNotReady } from '../../../watcher/detectors/node-not-ready.ts';
import type { EventView } from '../../../watcher/views/event-view.ts';
import { viewNode } from '../../../watcher/views/node-view.ts';
import { anEvent, at, noon } from '../../make.ts';

const unknown = {
  type: 'Ready',
  status: 'Unknown',
  lastHeartbeatTime: at(-90),
  lastTransitionTime: at(-50),
  reason: 'NodeStatusUnknown',
  message: 'Kubelet stopped posting node status.',
};
const notReady = {
  ...unknown,
  status: 'False',
  reason: 'KubeletNotReady',
  message: 'container runtime is down',
};
const pressure = { type: 'MemoryPressure', status: 'True', reason: 'KubeletHasInsufficientMemory', message: 'low' };

interface Parts {
  ready?: object | undefined;
  taints?: string[];
  isCordoned?: boolean;
  deletionTimestamp?: string;
  events?: EventView[];
}

function look({ ready = unknown, taints = [], isCordoned = false, deletionTimestamp, events = [] }: Parts = {}) {
  const now = viewNode({
    kind: 'Node',
    metadata: {
      uid: 'node-uid',
      name: 'node-a',
      resourceVersion: '7',
      creationTimestamp: at(-9000),
      deletionTimestamp,
    },
    spec: { unschedulable: isCordoned, taints: taints.map((key) => ({ key, effect: 'NoSchedule' })) },
    status: { conditions: [pressure, ready] },
  });
  if (now === undefined) throw new Error('This is no Node.');
  return nodeNotReady.detect({ before: undefined, now, clockMs: noon, events });
}

it('a Node whose kubelet fell silent is unreachable, a minute after the transition', () => {
  const [finding, ...rest] = look();
  expect(rest).toEqual([]);
  expect(finding).toEqual({
    type: 'node-not-ready',
    nature: 'state',
    fact: `node-uid/Ready/${at(-50)}`,
    sinceMs: noon - 50_000,
    holdMs: 60_000,
    occurrence: {
      id: `node-uid/Ready/${at(-50)}`,
      member: 'node-uid',
      objectName: 'node-a',
      order: noon - 50_000,
      reason: 'NodeStatusUnknown',
      message: 'Node node-a is not ready (NodeStatusUnknown): Kubelet stopped posting node status.',
      at: at(-50),
      times: 1,
      nodeName: 'node-a',
      cause: 'unreachable',
      evidence: ['Ready=Unknown NodeStatusUnknown Kubelet stopped posting node status.'],
    },
  });
});

it('a kubelet that says itself that it is not ready is the cause', () => {
  expect(look({ ready: notReady })).toMatchObject([{ occurrence: { cause: 'kubelet', reason: 'KubeletNotReady' } }]);
});

it('a Node that is ready, or of which nothing is known yet, is none', () => {
  expect(look({ ready: { ...notReady, status: 'True', reason: 'KubeletReady' } })).toEqual([]);
  expect(look({ ready: { type: 'DiskPressure', status: 'False' } })).toEqual([]);
});

it('pressure of memory alone is none: the Node is ready', () => {
  expect(look({ ready: { type: 'Ready', status: 'True' } })).toEqual([]);
});

it('heartbeats and messages make no new occurrence, another transition does', () => {
  const id = (ready: object) => look({ ready })[0]?.occurrence.id;
  expect(id({ ...unknown, lastHeartbeatTime: at(40), message: 'Still nothing.' })).toBe(id(unknown));
  expect(id({ ...unknown, lastTransitionTime: at(5) })).not.toBe(id(unknown));
});

it('a later transition of the same Node has a higher order', () => {
  const order = (seconds: number) =>
    look({ ready: { ...unknown, lastTransitionTime: at(seconds) } })[0]?.occurrence.order;
  expect(order(5)).toBeGreaterThan(order(4) ?? Number.NaN);
});

it('a Node without the time of its transition is found and counts from our first look', () => {
  const [finding] = look({ ready: { ...unknown, lastTransitionTime: null } });
  expect(finding).not.toHaveProperty('sinceMs');
  expect(finding?.occurrence).toMatchObject({ id: 'node-uid/Ready/unknown', order: 0, at: at(0) });
});

describe('what is meant is no incident', () => {
  it('a Node that is being deleted', () => {
    expect(look({ deletionTimestamp: at(-1) })).toEqual([]);
  });

  it.each(['ToBeDeletedByClusterAutoscaler', 'karpenter.sh/disrupted', 'karpenter.sh/disruption'])(
    'scale-down: the taint %s dismisses it with a sentence',
    (taint) => {
      const [finding] = look({ taints: ['node.kubernetes.io/unreachable', taint] });
      expect(finding?.dismissed).toBe('The Node is being removed by an autoscaler.');
      expect(finding).not.toHaveProperty('optIn');
    },
  );

  it('a cordoned Node is for those who ask for drains', () => {
    const [finding] = look({ isCordoned: true, taints: ['node.kubernetes.io/unschedulable'] });
    expect(finding).toMatchObject({ optIn: 'drains' });
    expect(finding).not.toHaveProperty('dismissed');
  });

  it('a cordoned Node that an autoscaler removes is dismissed for all', () => {
    expect(look({ isCordoned: true, taints: ['ToBeDeletedByClusterAutoscaler'] })).toMatchObject([
      { dismissed: expect.any(String) },
    ]);
  });
});

it.each([
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
  'DeletionCandidateOfClusterAutoscaler',
  'gpu',
])('the taint %s does not excuse it', (taint) => {
  const [finding] = look({ taints: [taint] });
  expect(finding?.type).toBe('node-not-ready');
  expect(finding).not.toHaveProperty('dismissed');
  expect(finding).not.toHaveProperty('optIn');
});

it('the Event of type Normal, without the real uid, decides nothing and is evidence', () => {
  const about = { kind: 'Node', namespace: '', name: 'node-a', uid: 'node-a' };
  const event = anEvent({
    type: 'Normal',
    reason: 'NodeNotReady',
    message: 'Node node-a status is now: NodeNotReady',
    about,
  });
  expect(look({ ready: { type: 'Ready', status: 'True' }, events: [event] })).toEqual([]);
  expect(look({ events: [event] })[0]?.occurrence.evidence).toEqual([
    'Ready=Unknown NodeStatusUnknown Kubelet stopped posting node status.',
    `NodeNotReady x1: Node node-a status is now: NodeNotReady (at ${at(10)})`,
  ]);
});

it('many Events do not push the condition out of the evidence', () => {
  const events = Array.from({ length: 10 }, (_, n) => anEvent({ reason: 'Rebooted', message: `boot ${n}` }));
  const evidence = look({ events })[0]?.occurrence.evidence ?? [];
  expect(evidence.length).toBeLessThanOrEqual(8);
  expect(evidence[0]).toMatch(/^Ready=Unknown/);
  expect(evidence.at(-1)).toBe(`Rebooted x1: boot 9 (at ${at(10)})`);
});

it('a message that never ends is cut', () => {
  const [finding] = look({ ready: { ...notReady, message: '🐌'.repeat(5000) } });
  expect(finding?.occurrence.message.length).toBeLessThanOrEqual(1024);
  expect(finding?.occurrence.message.isWellFormed()).toBe(true);
  for (const line of finding?.occurrence.evidence ?? []) expect(line.length).toBeLessThanOrEqual(300);
});

it('a Node with nothing in it gives a reason all the same', () => {
  const [finding] = look({ ready: { type: 'Ready', status: 'Unknown' } });
  expect(finding?.occurrence).toMatchObject({ reason: 'NotReady', message: 'Node node-a is not ready (NotReady): ' });
});
