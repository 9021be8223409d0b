/** Views: from what the API server sends to what is kept, with nulls and absent keys wherever Go leaves them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Finding } from '../../watcher/detectors/detector.ts';
import { detect } from '../../watcher/detectors/index.ts';
import { viewAutoscaler } from '../../watcher/views/autoscaler-view.ts';
import { type EventView, viewEvent } from '../../watcher/views/event-view.ts';
import { viewJob } from '../../watcher/views/job-view.ts';
import { viewNode } from '../../watcher/views/node-view.ts';
import { viewPod } from '../../watcher/views/pod-view.ts';
import { viewRollout } from '../../watcher/views/rollout-view.ts';
import type { Views } from '../../watcher/views/view.ts';
import { Occurrence } from '../../workflows/contract/incident.ts';
import { at, noon } from '../make.ts';
import { Objects, sample } from './detectors/replay-samples.ts';

const metadata = {
  uid: 'uid',
  name: 'cart',
  namespace: 'shop',
  resourceVersion: '7',
  generation: 7,
  creationTimestamp: at(0),
  labels: { app: 'cart' },
  ownerReferences: [
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'friend', uid: 'friend-uid' },
    { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'cart-1', uid: 'owner-uid', controller: true },
  ],
};
const kept = {
  uid: 'uid',
  name: 'cart',
  namespace: 'shop',
  resourceVersion: '7',
  createdAt: at(0),
  isBeingDeleted: false,
  labels: { app: 'cart' },
  owner: { kind: 'ReplicaSet', name: 'cart-1', uid: 'owner-uid' },
};
const condition = (type: string, status: string, reason = 'Reason', message = 'Because.') => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: at(30),
  lastProbeTime: null,
});
const keptCondition = (status: string, reason = 'Reason') => ({ status, reason, message: 'Because.', since: at(30) });

const node = {
  kind: 'Node',
  metadata,
  spec: {
    unschedulable: true,
    taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: null }],
  },
  status: { conditions: [condition('MemoryPressure', 'False'), condition('Ready', 'Unknown', 'NodeStatusUnknown')] },
};
const job = {
  kind: 'Job',
  metadata,
  spec: { backoffLimit: 6 },
  status: {
    failed: 7,
    conditions: [condition('FailureTarget', 'True'), condition('Failed', 'True', 'DeadlineExceeded')],
  },
};
const deployment = {
  kind: 'Deployment',
  metadata,
  spec: { replicas: 3, paused: false, strategy: { type: 'RollingUpdate' } },
  status: {
    observedGeneration: 7,
    replicas: 4,
    updatedReplicas: 1,
    readyReplicas: 3,
    conditions: [
      condition('Progressing', 'False', 'ProgressDeadlineExceeded'),
      condition('ReplicaFailure', 'True', 'FailedCreate', 'exceeded quota'),
    ],
  },
};
const statefulSet = {
  kind: 'StatefulSet',
  metadata,
  spec: { replicas: 3, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } },
  status: { observedGeneration: 7, updatedReplicas: 1, readyReplicas: 2, currentRevision: 'a', updateRevision: 'b' },
};
const daemonSet = {
  kind: 'DaemonSet',
  metadata,
  spec: { updateStrategy: { type: 'OnDelete' } },
  status: { observedGeneration: 7, desiredNumberScheduled: 5, updatedNumberScheduled: 2, numberReady: 4 },
};
const autoscaler = {
  kind: 'HorizontalPodAutoscaler',
  metadata,
  status: {
    conditions: [condition('AbleToScale', 'True'), condition('ScalingActive', 'False', 'FailedGetPodsMetric')],
  },
};
const ended = {
  exitCode: 137,
  reason: 'OOMKilled',
  message: 'Killed',
  startedAt: at(1),
  finishedAt: at(9),
  containerID: 'containerd://a0',
};
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata,
  spec: {
    nodeName: 'node-a',
    restartPolicy: 'Always',
    containers: [{ name: 'app', image: 'app:1', readinessProbe: { httpGet: {} } }],
    initContainers: [
      { name: 'migrate', image: 'migrate:1' },
      { name: 'proxy', image: 'proxy:1', restartPolicy: 'Always' },
    ],
  },
  status: {
    phase: 'Running',
    conditions: [condition('PodScheduled', 'True'), condition('Ready', 'False'), condition('ContainersReady', 'False')],
    containerStatuses: [
      {
        name: 'app',
        image: 'resolved:1',
        ready: true,
        started: true,
        restartCount: 1,
        containerID: 'containerd://a1',
        state: { running: { startedAt: at(10) } },
        lastState: { terminated: ended },
      },
    ],
    initContainerStatuses: [
      { name: 'migrate', ready: true, restartCount: 0, state: { terminated: { ...ended, exitCode: 0 } } },
      { name: 'proxy', ready: false, restartCount: 0, state: { waiting: { reason: 'ErrImagePull', message: 'no' } } },
    ],
    ephemeralContainerStatuses: [{ name: 'debug', image: 'busybox', restartCount: 0, state: { running: {} } }],
  },
};

describe('what is kept', () => {
  it('of a Node: whether it is ready, and the signs of a planned end', () => {
    expect(viewNode(node)).toEqual({
      kind: 'Node',
      ...kept,
      ready: keptCondition('Unknown', 'NodeStatusUnknown'),
      isUnschedulable: true,
      taints: ['node.kubernetes.io/unreachable'],
    });
  });

  it('of a Job: whether it has failed and how many Pods failed', () => {
    const failed = keptCondition('True', 'DeadlineExceeded');
    expect(viewJob(job)).toEqual({ kind: 'Job', ...kept, failed, failedPods: 7 });
  });

  it('of an autoscaler: the two conditions that show whether it works', () => {
    expect(viewAutoscaler(autoscaler)).toEqual({
      kind: 'HorizontalPodAutoscaler',
      ...kept,
      scalingActive: keptCondition('False', 'FailedGetPodsMetric'),
      ableToScale: keptCondition('True'),
    });
  });

  it('of a Deployment: its counters and its own conditions', () => {
    expect(viewRollout('Deployment')(deployment)).toMatchObject({
      kind: 'Deployment',
      ...kept,
      generation: 7,
      observedGeneration: 7,
      desired: 3,
      updated: 1,
      ready: 3,
      toUpdate: 3,
      isIncomplete: false,
      isPaused: false,
      isOnDelete: false,
      progressing: keptCondition('False', 'ProgressDeadlineExceeded'),
      replicaFailure: { reason: 'FailedCreate', message: 'exceeded quota' },
    });
    expect(viewRollout('Deployment')({ ...deployment, spec: { paused: true } })).toMatchObject({
      desired: 1,
      isPaused: true,
    });
  });

  it('of a StatefulSet: how many Pods its partition lets it update, and whether it is complete', () => {
    const view = viewRollout('StatefulSet');
    expect(view(statefulSet)).toMatchObject({ desired: 3, updated: 1, ready: 2, toUpdate: 2, isIncomplete: false });
    const whole = { ...statefulSet, spec: { replicas: 3 } };
    expect(view(whole)).toMatchObject({ toUpdate: 3, isIncomplete: true });
    const done = { ...whole, status: { ...statefulSet.status, currentRevision: 'b' } };
    expect(view(done)).toMatchObject({ isIncomplete: false });
  });

  it('of a DaemonSet: its own counters, and that it waits for deletions', () => {
    expect(viewRollout('DaemonSet')(daemonSet)).toMatchObject({
      desired: 5,
      updated: 2,
      ready: 4,
      toUpdate: 5,
      isIncomplete: false,
      isOnDelete: true,
    });
  });

  it('of a Pod: its containers of every kind, each with the image of its specification', () => {
    const view = viewPod(pod);
    expect(view).toMatchObject({ kind: 'Pod', ...kept, phase: 'Running', nodeName: 'node-a', restartPolicy: 'Always' });
    expect(view?.containers.map(({ name, kind, image }) => [name, kind, image])).toEqual([
      ['app', 'container', 'app:1'],
      ['migrate', 'init', 'migrate:1'],
      ['proxy', 'sidecar', 'proxy:1'],
      ['debug', 'ephemeral', 'busybox'],
    ]);
    expect(view?.containers[0]).toEqual({
      name: 'app',
      kind: 'container',
      image: 'app:1',
      ready: true,
      started: true,
      restartCount: 1,
      containerID: 'containerd://a1',
      running: true,
      startedAt: at(10),
      lastTerminated: ended,
      hasReadinessProbe: true,
      readinessWait: { delayMs: 0, triesMs: 30_000 },
    });
    expect(view?.containers[2]).toMatchObject({ running: false, waiting: { reason: 'ErrImagePull', message: 'no' } });
    expect(Object.keys(view?.conditions ?? {}).toSorted()).toEqual(['ContainersReady', 'PodScheduled']);
  });
});

describe('metadata', () => {
  it('of a Pod that stands for a static one knows the uid which that has for its kubelet', () => {
    const staticUidOf = (annotations: unknown) => viewPod({ metadata: { ...metadata, annotations } })?.staticUid;
    const hash = { 'kubernetes.io/config.hash': '1e0c66a2' };
    expect(staticUidOf({ ...hash, 'kubernetes.io/config.mirror': '1e0c66a2', other: 'x' })).toBe('1e0c66a2');
    for (const none of [null, undefined, {}, hash, { 'kubernetes.io/config.mirror': '1e0c66a2' }]) {
      expect(staticUidOf(none)).toBeUndefined();
    }
    expect(staticUidOf({ ...hash, 'kubernetes.io/config.mirror': 'another' })).toBeUndefined();
    expect(staticUidOf({ 'kubernetes.io/config.hash': 1, 'kubernetes.io/config.mirror': 1 })).toBeUndefined();
  });

  it('names the controller among the owners, and of none where none controls', () => {
    expect(viewJob(job)?.owner).toEqual(kept.owner);
    const friends = { ...metadata, ownerReferences: metadata.ownerReferences.slice(0, 1) };
    expect(viewJob({ ...job, metadata: friends })).not.toHaveProperty('owner');
  });

  it('knows what is being deleted by its time, which null is not', () => {
    expect(viewNode({ ...node, metadata: { ...metadata, deletionTimestamp: at(9) } })?.isBeingDeleted).toBe(true);
    expect(viewNode({ ...node, metadata: { ...metadata, deletionTimestamp: null } })?.isBeingDeleted).toBe(false);
  });

  it('of a cluster-scoped object has the empty namespace', () => {
    expect(viewNode({ ...node, metadata: { uid: 'uid', name: 'node-a' } })?.namespace).toBe('');
  });

  it('may be all that there is of a new object', () => {
    const bare = { metadata: { uid: 'uid', name: 'cart' } };
    expect(viewNode(bare)).toMatchObject({ isUnschedulable: false, taints: [] });
    expect(viewJob(bare)).toMatchObject({ failedPods: 0 });
    expect(viewAutoscaler(bare)).toMatchObject({ uid: 'uid' });
    expect(viewRollout('DaemonSet')(bare)).toMatchObject({ desired: 0, generation: 0, observedGeneration: 0 });
    expect(viewPod(bare)).toMatchObject({ phase: '', containers: [] });
  });
});

describe('a condition', () => {
  it('is kept without what it does not say', () => {
    const status = { conditions: [{ type: 'Ready', status: 'False', reason: null, lastTransitionTime: null }] };
    expect(viewNode({ metadata, status })?.ready).toEqual({ status: 'False', reason: '', message: '' });
  });
});

describe('an Event', () => {
  const views = () => Objects.parse(sample('09-pod-pending-unschedulable')['views']);
  const view = (name: string) => viewEvent(views()[name]);
  const core = {
    metadata: { uid: 'e', resourceVersion: '1', creationTimestamp: at(0) },
    involvedObject: { kind: 'Pod', namespace: 'shop', name: 'cart-0', uid: 'pod-uid' },
    reason: 'BackOff',
    message: 'Back-off',
    type: 'Warning',
  };
  const times = (over: object) => {
    const { firstMs = Number.NaN, lastMs = Number.NaN } = viewEvent({ ...core, ...over }) ?? {};
    return [firstMs - noon, lastMs - noon];
  };

  it('09: is the same, whichever API it is read through', () => {
    expect(view('eventsV1')).toEqual(view('sameEventAsCoreV1'));
    expect(view('legacySeenThroughEventsV1')).toEqual(view('schedulerOnLegacyRecorder'));
    expect(view('eventsV1')).toEqual({
      uid: '00000000-0000-4000-8000-000000000019',
      namespace: 'ml',
      resourceVersion: '1025',
      type: 'Warning',
      reason: 'FailedScheduling',
      message: expect.stringMatching(/^0\/3 nodes are available: 3 Insufficient cpu\./),
      count: 1,
      firstMs: Date.parse('2026-09-01T10:00:00Z'),
      lastMs: Date.parse('2026-09-01T10:00:00Z'),
      about: { kind: 'Pod', namespace: 'ml', name: 'train-0', uid: '00000000-0000-4000-8000-000000000018' },
    });
  });

  it('09: of a series has the count and the last time of the series', () => {
    expect(view('seriesUpdateEventsV1')).toMatchObject({
      count: 2,
      firstMs: Date.parse('2026-09-01T10:05:00Z'),
      lastMs: Date.parse('2026-09-01T10:10:00Z'),
    });
  });

  it('25: that was combined loses the prefix, and keeps its count and its newest time', () => {
    const combined = viewEvent(sample('25-recorder-effects')['aggregated']);
    expect(combined).toMatchObject({ count: 31, lastMs: Date.parse('2026-09-01T10:06:40Z') });
    expect(combined?.message).toMatch(/^Readiness probe failed: Get /);
  });

  it.each([
    ['series.lastObservedTime', { series: { count: 3, lastObservedTime: at(50) } }, [0, 50_000]],
    ['lastTimestamp', { firstTimestamp: at(5), lastTimestamp: at(40) }, [0, 40_000]],
    ['deprecatedLastTimestamp', { deprecatedFirstTimestamp: at(5), deprecatedLastTimestamp: at(40) }, [0, 40_000]],
    ['eventTime', { eventTime: '2026-09-01T12:00:20.500000Z' }, [0, 20_500]],
    ['firstTimestamp', { firstTimestamp: at(5), lastTimestamp: null }, [0, 5000]],
    ['creationTimestamp', { eventTime: null, firstTimestamp: null, lastTimestamp: null }, [0, 0]],
    [
      'the newest of all',
      { eventTime: at(30), lastTimestamp: at(20), series: { lastObservedTime: at(10) } },
      [0, 30_000],
    ],
    ['a first time before its creation', { firstTimestamp: at(-60), lastTimestamp: at(1) }, [-60_000, 1000]],
  ])('is as old as %s', (_, over, expected) => {
    expect(times(over)).toEqual(expected);
  });

  it.each([
    [{ series: { count: 7 }, count: 2 }, 7],
    [{ count: 4 }, 4],
    [{ deprecatedCount: 5 }, 5],
    [{ series: null, count: null, deprecatedCount: null }, 1],
    [{}, 1],
  ])('%j was seen %i times', (over, expected) => {
    expect(viewEvent({ ...core, ...over })?.count).toBe(expected);
  });

  it.each([
    ['spec.containers{app}', 'app'],
    ['spec.initContainers{proxy}', 'proxy'],
    ['spec.ephemeralContainers{debug}', 'debug'],
  ])('with the path %s is about container %s', (fieldPath, container) => {
    expect(viewEvent({ ...core, involvedObject: { ...core.involvedObject, fieldPath } })?.container).toBe(container);
  });

  it('without a path, or with one that names no container, is about the whole object', () => {
    for (const fieldPath of [undefined, null, '', 'metadata.name']) {
      const about = { ...core.involvedObject, fieldPath };
      expect(viewEvent({ ...core, involvedObject: about })).not.toHaveProperty('container');
    }
  });

  it('about a Node has no namespace and no uid of its own, and is kept', () => {
    const involvedObject = { kind: 'Node', name: 'node-a', uid: null, namespace: null };
    expect(viewEvent({ ...core, involvedObject })?.about).toEqual({
      kind: 'Node',
      namespace: '',
      name: 'node-a',
      uid: '',
    });
  });

  it('about nothing is none', () => {
    expect(viewEvent({ ...core, involvedObject: undefined })).toBeUndefined();
    expect(viewEvent({ ...core, involvedObject: null, regarding: null })).toBeUndefined();
    expect(viewEvent({ ...core, involvedObject: null, regarding: core.involvedObject })?.about.uid).toBe('pod-uid');
  });

  it('has a message of bounded length, cut between characters', () => {
    const message = viewEvent({ ...core, message: `x${'🐌'.repeat(2000)}` })?.message ?? '';
    expect(message.length).toBeLessThanOrEqual(1024);
    expect(message.isWellFormed()).toBe(true);
  });
});

it('a Pod is read from an Event no more than an Event from a Pod', () => {
  expect(viewEvent(pod)).toBeUndefined();
  expect(viewPod({ ...pod, kind: 'Event' })).toBeUndefined();
});

/** Every key and index in it, as paths. */
function pathsIn(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  const children = Array.isArray(value) ? value.entries() : Object.entries(Objects.safeParse(value).data ?? {});
  return [...children].flatMap(([key, child]) => [[...path, key], ...pathsIn(child, [...path, key])]);
}

/** The same value, but for what stands at the path. `change` gives undefined for a key that is to go. */
function changed(value: unknown, path: (string | number)[], change: (old: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return change(value);
  const list = z.array(z.unknown()).safeParse(value).data;
  if (list !== undefined) return list.map((item, index) => (index === key ? changed(item, rest, change) : item));
  const object = Objects.safeParse(value).data;
  return object === undefined ? value : { ...object, [key]: changed(object[key], rest, change) };
}

/** The view, after every detector of the kind has looked at it; `check` sees what they found. */
type Look = (object: unknown, check?: (found: Finding) => void) => unknown;
const clockMs = noon + 24 * 3_600_000;

function looker<K extends keyof Views>(kind: K, view: (object: unknown) => Views[K] | undefined): Look {
  return (object, check = () => undefined) => {
    const now = view(object);
    if (now !== undefined)
      for (const found of detect(kind, { before: undefined, now, clockMs, events: [] })) check(found);
    return now;
  };
}

const kinds: [string, object, Look][] = [
  ['Pod', pod, looker('Pod', viewPod)],
  ['Node', node, looker('Node', viewNode)],
  ['Job', job, looker('Job', viewJob)],
  ['Deployment', deployment, looker('Rollout', viewRollout('Deployment'))],
  ['StatefulSet', statefulSet, looker('Rollout', viewRollout('StatefulSet'))],
  ['DaemonSet', daemonSet, looker('Rollout', viewRollout('DaemonSet'))],
  ['HorizontalPodAutoscaler', autoscaler, looker('HorizontalPodAutoscaler', viewAutoscaler)],
  ['Event', Objects.parse(Objects.parse(sample('09-pod-pending-unschedulable')['views'])['eventsV1']), viewEvent],
  ['Event of core/v1', Objects.parse(sample('25-recorder-effects')['aggregated']), viewEvent],
];

describe.each(kinds)('a damaged %s', (_, whole, look) => {
  const paths = pathsIn(whole);
  /** What Go always writes, because objects cannot be kept apart or checked without it. */
  const always = /(^metadata|(^|\.)(uid|name|type|status|exitCode|key|kind|controller|ready|labels\.app|\d+))$/;
  const path = fc.constantFrom(...paths);

  it('never throws, whatever stands where', () => {
    const junk = fc.oneof(fc.anything(), fc.constantFrom(null, undefined, '', 0, -1, [], {}));
    fc.assert(
      fc.property(fc.array(fc.tuple(path, junk), { minLength: 1, maxLength: 6 }), (damage) => {
        look(damage.reduce<unknown>((object, [where, what]) => changed(object, where, () => what), whole));
      }),
      { numRuns: 500 },
    );
  });

  it('never throws when it is something else altogether', () => {
    fc.assert(fc.property(fc.anything(), (object) => void look(object)));
  });

  it('is seen all the same when Go leaves out what is empty, or writes null', () => {
    const nothing = fc.constantFrom(null, undefined);
    const optionalPath = fc.constantFrom(
      ...paths.filter(
        (where) => !always.test(where.join('.')) && !/^(regarding|involvedObject)$/.test(where.join('.')),
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(optionalPath, nothing), { maxLength: 10 }), (damage) => {
        const object = damage.reduce<unknown>((so, [where, what]) => changed(so, where, () => what), whole);
        const view = look(object, ({ occurrence }) => expect(Occurrence.parse(occurrence)).toEqual(occurrence));
        expect(view).toBeDefined();
      }),
      { numRuns: 500 },
    );
  });
});

it('an Event is never younger than its last time, and its count is never less than one', () => {
  const time = fc.option(
    fc.integer({ min: -100, max: 100 }).map((seconds) => at(seconds)),
    { nil: null },
  );
  const count = fc.option(fc.integer({ min: 1, max: 99 }), { nil: null });
  const event = fc.record({
    metadata: fc.record({ uid: fc.constant('e'), creationTimestamp: fc.constant(at(0)) }),
    regarding: fc.constant({}),
    eventTime: time,
    firstTimestamp: time,
    lastTimestamp: time,
    deprecatedFirstTimestamp: time,
    deprecatedLastTimestamp: time,
    count,
    deprecatedCount: count,
    series: fc.option(fc.record({ count, lastObservedTime: time }), { nil: null }),
  });
  fc.assert(
    fc.property(event, (object) => {
      const seen: EventView | undefined = viewEvent(object);
      const all = z
        .array(z.string())
        .parse(
          [
            object.metadata.creationTimestamp,
            object.eventTime,
            object.firstTimestamp,
            object.lastTimestamp,
            object.deprecatedFirstTimestamp,
            object.deprecatedLastTimestamp,
            object.series?.lastObservedTime,
          ].filter((text) => typeof text === 'string'),
        )
        .map((text) => Date.parse(text));
      expect(seen).toMatchObject({ firstMs: Math.min(...all), lastMs: Math.max(...all) });
      expect(seen?.count).toBeGreaterThanOrEqual(1);
    }),
  );
});
