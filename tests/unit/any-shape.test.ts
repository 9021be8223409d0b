/** From an object as received to the id of its incident: whatever stands in it, nothing throws, grows or takes long. */
import { performance } from 'node:perf_hooks';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { detect, detectors } from '../../watcher/detectors/index.ts';
import { type LiveHook, readHook } from '../../watcher/hooks/live-hook.ts';
import { refuse } from '../../watcher/match.ts';
import { incidentOf, workflowIdFor } from '../../watcher/starting/incident-of.ts';
import { createOwners } from '../../watcher/streams/owners.ts';
import { createEvidence } from '../../watcher/tracking/evidence.ts';
import { viewEvent } from '../../watcher/views/event-view.ts';
import { viewPod } from '../../watcher/views/pod-view.ts';
import { aHookObject, anIncident, noon, oomConfiguration } from '../make.ts';

const words = ['constructor', '__proto__', 'toString', '../../x?y', '', '\ud83d', '\u202e\r\n', '{'.repeat(5000)];
const nasty = fc.oneof(
  fc.constantFrom(...words),
  fc.constantFrom(
    'OOMKilled',
    'Killing',
    'Unhealthy',
    'FailedMount',
    'ErrImagePull',
    'ReplicaSet',
    'Pending',
    'Failed',
  ),
  fc.nat({ max: 200_000 }).map((length) => 'x'.repeat(length)),
);
const labels = fc
  .nat({ max: 3000 })
  .map((count) => Object.fromEntries(Array.from({ length: count }, (_, n) => [n, 'v'])));
const time = fc.oneof(
  fc.constantFrom(new Date(noon).toISOString(), '+275760-09-13T00:00:00Z', '1970-01-01T00:00:00Z'),
  nasty,
);
const ending = fc.record({
  exitCode: fc.oneof(fc.constantFrom(0, 137, 143, 1e308, -1.5), fc.integer()),
  reason: nasty,
  message: nasty,
  startedAt: time,
  finishedAt: time,
  containerID: nasty,
});
const container = fc.record({
  name: nasty,
  image: nasty,
  restartCount: fc.oneof(fc.constantFrom(0, 1, 1e308, -1, 0.5), fc.nat()),
  containerID: nasty,
  state: fc.oneof(
    fc.record({ waiting: fc.record({ reason: nasty, message: nasty }) }),
    fc.record({ terminated: ending }),
  ),
  lastState: fc.record({ terminated: ending }),
});
const owner = fc.record({ kind: nasty, name: nasty, uid: nasty, controller: fc.boolean() });
const metadata = { uid: fc.constant('pod-uid'), name: fc.constant('web-0'), namespace: fc.constant('shop') };
const pods = fc.record({
  metadata: fc.record({
    ...metadata,
    creationTimestamp: time,
    labels,
    ownerReferences: fc.array(owner, { maxLength: 3 }),
  }),
  spec: fc.record({ nodeName: nasty, restartPolicy: nasty, containers: fc.array(container, { maxLength: 3 }) }),
  status: fc.record({
    phase: nasty,
    reason: nasty,
    message: nasty,
    conditions: fc.array(
      fc.record({
        type: fc.constantFrom('PodScheduled', 'ContainersReady', 'DisruptionTarget', 'constructor'),
        status: fc.constantFrom('True', 'False', 'x'),
        reason: nasty,
        message: nasty,
        lastTransitionTime: time,
      }),
      { maxLength: 4 },
    ),
    containerStatuses: fc.array(container, { maxLength: 3 }),
  }),
});
const events = fc.array(
  fc.record({
    metadata: fc.record({ uid: nasty, namespace: fc.constantFrom('shop', 'attacker', '__proto__') }),
    involvedObject: fc.record({
      kind: fc.constantFrom('Pod', 'constructor'),
      namespace: fc.constantFrom('shop', ''),
      name: fc.constant('web-0'),
      uid: fc.constantFrom('pod-uid', ''),
      fieldPath: nasty.map((name) => `spec.containers{${name}}`),
    }),
    type: fc.constant('Warning'),
    reason: nasty,
    message: nasty,
    lastTimestamp: time,
    count: fc.oneof(fc.nat(), fc.constant(1e308)),
  }),
  { maxLength: 5 },
);

const match = {
  names: Array.from({ length: 50 }, (_, n) => `*x*x*x*${n}`),
  expression: 'incident.labels.exists(l, l == incident.message) || incident.name.matches("(a|b)*c")',
};
const types = detectors.Pod.map(({ type }) => type);
const hookOf = (over: object): LiveHook => {
  const eventConfigurations = types.map((eventType) => ({ ...oomConfiguration, eventType, ...over }));
  const hook = readHook(aHookObject({ eventConfigurations }));
  if (hook === undefined) throw new Error('It is a Hook.');
  return hook;
};
const hooks = [hookOf({ match }), hookOf({ match: { expression: match.expression } }), hookOf({})];
const noCluster = () => Promise.reject(new Error('Nobody is asked.'));
const owners = createOwners({ open: noCluster, json: noCluster, close: () => undefined }, () => undefined);
const { timing } = anIncident();
const installation = { name: 'test', cluster: { uid: 'c' }, timing };

it('a Pod and its Events become incidents of a bounded size in a bounded time, whatever is written in them', () => {
  let found = 0;
  fc.assert(
    fc.property(pods, events, (rawPod, rawEvents) => {
      const startedMs = performance.now();
      const pod = viewPod(rawPod);
      if (pod === undefined) throw new Error('It has the shape of a Pod.');
      const evidence = createEvidence();
      for (const raw of rawEvents) {
        const event = viewEvent(raw);
        if (event !== undefined) evidence.add(event);
      }
      for (const finding of detect('Pod', {
        before: undefined,
        now: pod,
        clockMs: noon,
        events: evidence.about(pod),
      })) {
        found += 1;
        const sighting = { object: pod, owners: owners.of(pod), finding, isWitnessed: true };
        for (const hook of hooks)
          for (const configuration of hook.configurations) {
            const matched = { hook, configuration, sighting };
            refuse({ listener: { hook, edgesFromMs: 0 }, configuration }, sighting);
            expect(Buffer.byteLength(workflowIdFor(installation, matched))).toBeLessThanOrEqual(255);
            expect(JSON.stringify(incidentOf(installation, matched)).length).toBeLessThan(20_000);
          }
      }
      expect(JSON.stringify(pod).length).toBeLessThan(100_000);
      expect(performance.now() - startedMs).toBeLessThan(2000);
    }),
    { numRuns: 150 },
  );
  expect(found).toBeGreaterThan(50);
});
