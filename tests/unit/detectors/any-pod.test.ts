/** What holds for every Pod and every Event that an API server could send, whatever is in them. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Finding } from '../../../watcher/detectors/detector.ts';
import { detect } from '../../../watcher/detectors/index.ts';
import { viewEvent } from '../../../watcher/views/event-view.ts';
import { viewPod } from '../../../watcher/views/pod-view.ts';
import { Occurrence } from '../../../workflows/contract/incident.ts';
import { aContainer, anEvent, aPod } from '../../make.ts';

const text = fc.option(fc.string({ unit: 'binary', maxLength: 2000 }), { nil: null });
const near = fc
  .integer({ min: 0, max: 90 })
  .map((seconds) => new Date(Date.UTC(2026, 8, 1, 12, 0, seconds)).toISOString());
const time = fc.oneof(near, near, fc.constantFrom(null, '', 'x', '1970-01-01T00:00:00Z', '+275760-09-13T00:00:00Z'));
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

const termination = fc.record({
  exitCode: fc.constantFrom(0, 1, 128, 137, 143, 255),
  reason: fc.oneof(
    fc.constantFrom('OOMKilled', 'Error', 'ContainerStatusUnknown', 'Unknown', 'RestartingAllContainers', 'StartError'),
    text,
  ),
  message: text,
  startedAt: time,
  finishedAt: time,
  containerID: fc.oneof(fc.constantFrom('containerd://a0', 'containerd://a1'), text),
});
const waiting = fc.record({
  reason: fc.oneof(
    fc.constantFrom(
      'ContainerCreating',
      'PodInitializing',
      'CrashLoopBackOff',
      'ErrImagePull',
      'CreateContainerError',
      'RestartingAllContainers',
    ),
    text,
  ),
  message: text,
});
const status = fc.record({
  name: fc.constantFrom('app', 'proxy'),
  ready: fc.boolean(),
  started: optional(fc.boolean()),
  restartCount: fc.integer({ min: 0, max: 5 }),
  containerID: fc.oneof(fc.constantFrom('containerd://a0', 'containerd://a1'), text),
  state: optional(
    fc.oneof(
      fc.record({ running: fc.record({ startedAt: time }) }),
      fc.record({ waiting }),
      fc.record({ terminated: termination }),
      fc.constant({}),
    ),
  ),
  lastState: optional(fc.record({ terminated: optional(termination) })),
});
const condition = fc.record({
  type: fc.constantFrom(
    'PodScheduled',
    'ContainersReady',
    'DisruptionTarget',
    'AllContainersRestarting',
    'PodResizeInProgress',
  ),
  status: fc.constantFrom('True', 'False', 'Unknown'),
  reason: fc.oneof(
    fc.constantFrom('Unschedulable', 'SchedulingGated', 'EvictionByEvictionAPI', 'DeletionByPodGC'),
    text,
  ),
  message: text,
  lastTransitionTime: time,
});
const statuses = optional(fc.array(status, { maxLength: 2 }));
const podObject = fc.record({
  metadata: fc.record({
    uid: fc.constant('pod-uid'),
    name: fc.string(),
    namespace: fc.string(),
    creationTimestamp: time,
    deletionTimestamp: fc.constantFrom(null, null, '2026-09-01T12:00:00Z'),
    ownerReferences: fc.constantFrom(null, [{ kind: 'Job', name: 'import', uid: 'job', controller: true }]),
  }),
  spec: fc.constantFrom(
    null,
    {},
    {
      nodeName: 'node-a',
      restartPolicy: 'OnFailure',
      containers: [{ name: 'app', readinessProbe: {} }],
      initContainers: [{ name: 'proxy', restartPolicy: 'Always', image: 'p:1' }],
    },
  ),
  status: fc.record({
    phase: fc.constantFrom('Pending', 'Running', 'Failed', 'Succeeded', null),
    reason: fc.oneof(fc.constantFrom('Evicted', 'OutOfcpu', 'Terminated', 'Preempting'), text),
    message: text,
    conditions: optional(fc.array(condition, { maxLength: 5 })),
    containerStatuses: statuses,
    initContainerStatuses: statuses,
    ephemeralContainerStatuses: statuses,
  }),
});
const eventObject = fc.record({
  metadata: fc.record({ uid: fc.uuid(), creationTimestamp: time }),
  involvedObject: fc.record({
    uid: fc.constant('pod-uid'),
    fieldPath: fc.constantFrom(null, 'spec.containers{app}', 'spec.initContainers{proxy}'),
  }),
  type: fc.constantFrom('Warning', 'Normal', null),
  reason: fc.constantFrom(
    'Killing',
    'Unhealthy',
    'FailedMount',
    'FailedAttachVolume',
    'TriggeredScaleUp',
    'FailedCreatePodSandBox',
    'Failed',
  ),
  message: fc.oneof(
    fc.constantFrom(
      'Container app failed liveness probe, will be restarted',
      'Container proxy failed startup probe, will be restarted',
      'Container app resize requires restart',
      'Liveness probe failed: 500',
      'MountVolume.SetUp failed for volume "cfg" : x',
    ),
    text,
  ),
  firstTimestamp: time,
  lastTimestamp: time,
  count: optional(fc.nat(50)),
});

const looks = fc
  .record({
    object: podObject,
    raw: fc.array(eventObject, { maxLength: 8 }),
    clockMs: fc.integer({ min: 0, max: 8e14 }),
  })
  .map(({ object, raw, clockMs }) => {
    const now = viewPod(object);
    if (now === undefined) throw new Error('The generator made something that is no Pod.');
    const events = raw.flatMap((event) => viewEvent(event) ?? []).toSorted((a, b) => a.lastMs - b.lastMs);
    return { before: undefined, now, clockMs, events };
  });

const factsOf = ({ type, container, fact, occurrence: { id, order, member } }: Finding) => ({
  type,
  container,
  fact,
  id,
  order,
  member,
});

it('no Pod and no Event makes a detector throw, and every occurrence is one that the contract takes', () => {
  fc.assert(
    fc.property(looks, (one) => {
      for (const { occurrence } of detect('Pod', one)) {
        expect(Occurrence.parse(occurrence)).toEqual(occurrence);
        expect(occurrence.message.length).toBeLessThanOrEqual(1024);
        expect(occurrence.evidence?.length ?? 0).toBeLessThanOrEqual(8);
        for (const line of occurrence.evidence ?? []) expect(line.length).toBeLessThanOrEqual(300);
        expect(occurrence.objectName).toBe(one.now.name);
        expect(occurrence.at).toMatch(/Z$/);
      }
    }),
    { numRuns: 3000 },
  );
});

it('the same Pod gives the same ids and facts, whenever it is seen and whatever it was before', () => {
  fc.assert(
    fc.property(looks, podObject, fc.integer({ min: 0, max: 8e14 }), (one, other, clockMs) => {
      const later = detect('Pod', { ...one, before: viewPod(other), clockMs });
      expect(later.map(factsOf)).toEqual(detect('Pod', one).map(factsOf));
    }),
    { numRuns: 1000 },
  );
});

it('one look gives each occurrence of a type once, where containers have different names', () => {
  fc.assert(
    fc.property(looks, ({ now, ...one }) => {
      const containers = [...new Map(now.containers.map((container) => [container.name, container])).values()];
      const keys = detect('Pod', { ...one, now: { ...now, containers } }).map(
        ({ type, occurrence }) => `${type} ${occurrence.id}`,
      );
      expect(new Set(keys).size).toBe(keys.length);
    }),
    { numRuns: 2000 },
  );
});

it('a Pod that runs well gives nothing, whatever its Events say', () => {
  const said = fc.array(
    eventObject.filter(({ reason }) => reason !== 'Killing'),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(said, fc.nat(), (raw, clockMs) => {
      const events = raw.flatMap((event) => viewEvent(event) ?? []);
      const now = aPod({ containers: [aContainer({ hasReadinessProbe: true })] });
      expect(detect('Pod', { before: undefined, now, clockMs, events: [...events, anEvent()] })).toEqual([]);
    }),
  );
});
