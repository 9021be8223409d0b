/** node-not-ready: on Nodes as the API server sends them. */
import { describe, expect, it } from 'vitest';
import { findingsOf } from '../../../watcher/detectors/finding-of.ts';
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
  createdAt?: string;
  events?: EventView[];
  before?: Parts;
}

function aNode({ ready = unknown, taints = [], isCordoned = false, deletionTimestamp, createdAt = at(-9000) }: Parts) {
  const view = viewNode({
    kind: 'Node',
    metadata: {
      uid: 'node-uid',
      name: 'node-a',
      resourceVersion: '7',
      creationTimestamp: createdAt,
      deletionTimestamp,
    },
    spec: { unschedulable: isCordoned, taints: taints.map((key) => ({ key, effect: 'NoSchedule' })) },
    status: { conditions: [pressure, ready] },
  });
  if (view === undefined) throw new Error('This is no Node.');
  return view;
}

function look(parts: Parts = {}) {
  const before = parts.before && aNode(parts.before);
  return findingsOf(nodeNotReady, { before, now: aNode(parts), clockMs: noon, events: parts.events ?? [] });
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

  it.each([
    'ToBeDeletedByClusterAutoscaler',
    'DeletionCandidateOfClusterAutoscaler',
    'karpenter.sh/disrupted',
    'karpenter.sh/disruption',
    'aws-node-termination-handler/spot-itn',
    'aws-node-termination-handler/rebalance-recommendation',
    'cloud.google.com/impending-node-termination',
    'remediator.kubernetes.azure.com/unschedulable',
    'node.cloudprovider.kubernetes.io/shutdown',
    'node.kubernetes.io/out-of-service',
  ])('scale-down: the taint %s announces its end, which is for those who ask for drains', (taint) => {
    const [finding] = look({ taints: ['node.kubernetes.io/unreachable', taint] });
    expect(finding).toMatchObject({ optIn: 'drains' });
    expect(finding).not.toHaveProperty('dismissed');
  });

  it('a cordoned Node is for those who ask for drains', () => {
    const [finding] = look({ isCordoned: true, taints: ['node.kubernetes.io/unschedulable'] });
    expect(finding).toMatchObject({ optIn: 'drains' });
    expect(finding).not.toHaveProperty('dismissed');
  });
});

it.each([
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
  // What kind of node it is, for as long as it lives.
  'cloud.google.com/gke-spot',
  'kubernetes.azure.com/scalesetpriority',
  'karpenter.sh/unregistered',
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

describe('a Node that is new', () => {
  const createdAt = at(-120);
  const first = { ...notReady, lastTransitionTime: at(-119) };
  const ready = { ...notReady, status: 'True', reason: 'KubeletReady' };
  const allowed = (parts: Parts) => look({ createdAt, ...parts })[0]?.allowedMs;

  it.each([
    ['has just been registered', first],
    ['had its condition written before it was created, by a slow clock', { ...first, lastTransitionTime: at(-130) }],
    ['has a kubelet that never came', { ...unknown, reason: 'NodeStatusNeverUpdated', lastTransitionTime: at(-60) }],
  ])('and was never ready, because it %s, is given ten minutes from its creation', (_, condition) => {
    const [finding] = look({ createdAt, ready: condition });
    const { sinceMs = Number.NaN, holdMs = Number.NaN, allowedMs = Number.NaN } = finding ?? {};
    expect(sinceMs + holdMs + allowedMs).toBe(Date.parse(createdAt) + 600_000);
  });

  it('and was seen ready is none that never was', () => {
    expect(allowed({ ready: first, before: { createdAt, ready } })).toBeUndefined();
    expect(
      allowed({ ready: unknown, before: { createdAt, ready: { ...ready, lastTransitionTime: at(-100) } } }),
    ).toBeUndefined();
  });

  it('and says for the second time that it is not ready was ready meanwhile, also when it falls silent then', () => {
    const again = { ...notReady, lastTransitionTime: at(-30) };
    expect(allowed({ ready: again })).toBeUndefined();
    expect(allowed({ ready: unknown, before: { createdAt, ready: again } })).toBeUndefined();
    expect(allowed({ ready: unknown, before: { createdAt, ready: first } })).toBeGreaterThan(0);
  });

  it('and shows no time of its condition is given the whole time', () => {
    expect(allowed({ ready: { ...first, lastTransitionTime: null } })).toBe(540_000);
  });

  it('is not new any more after ten minutes, and neither is one whose creation is not known', () => {
    expect(allowed({ createdAt: at(-9000), ready: { ...unknown, lastTransitionTime: at(-600) } })).toBeUndefined();
    expect(allowed({ createdAt: '', ready: first })).toBeUndefined();
  });
});
