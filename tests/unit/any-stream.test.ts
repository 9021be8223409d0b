/** Streams that nobody would record: whatever comes in whatever order, nothing throws, and the end of it decides. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { play } from '../../watcher/dry-run/play.ts';
import { hooksForEveryType } from '../../watcher/dry-run/read-hooks-file.ts';
import type { RecordedChange } from '../../watcher/dry-run/read-recording.ts';
import { at, noon } from '../make.ts';

const uids = ['pod-a', 'pod-b', 'pod-c'];
const hooks = hooksForEveryType();

const waiting = fc.constantFrom(
  'ContainerCreating',
  'ImagePullBackOff',
  'ErrImagePull',
  'CreateContainerConfigError',
  'CrashLoopBackOff',
);
/** How one run ended does not change any more; that a reason may come late has tests of its own. */
const record = fc.constantFrom(
  { exitCode: 137, reason: 'OOMKilled', finishedAt: at(5), containerID: 'containerd://1' },
  { exitCode: 1, reason: 'Error', finishedAt: at(50), containerID: 'containerd://2' },
  { exitCode: 0, reason: 'Completed', finishedAt: at(50), containerID: 'containerd://4' },
  { exitCode: 255, reason: 'Unknown', finishedAt: at(5), containerID: null },
  { exitCode: 137, reason: 'RestartingAllContainers', finishedAt: null, containerID: null },
);
const container = fc.record({
  name: fc.constantFrom('app', 'proxy'),
  ready: fc.boolean(),
  started: fc.boolean(),
  restartCount: fc.nat(4),
  containerID: fc.constantFrom('containerd://1', 'containerd://3'),
  state: fc.oneof(
    fc.constant({ running: { startedAt: at(1) } }),
    waiting.map((reason) => ({ waiting: { reason } })),
    record.map((terminated) => ({ terminated })),
  ),
  lastState: fc.oneof(
    fc.constant({}),
    record.map((terminated) => ({ terminated })),
  ),
});
const pod = fc.record({
  uid: fc.constantFrom(...uids),
  phase: fc.constantFrom('Pending', 'Running', 'Failed'),
  reason: fc.constantFrom('', 'Evicted'),
  isBeingDeleted: fc.boolean(),
  containers: fc.uniqueArray(container, { maxLength: 2, selector: ({ name }) => name }),
});
type AnyPod = typeof pod extends fc.Arbitrary<infer T> ? T : never;

const event = fc.record({
  uid: fc.constantFrom(...uids),
  reason: fc.constantFrom('Killing', 'Unhealthy', 'FailedMount', 'TriggeredScaleUp'),
  message: fc.constantFrom(
    'Container app failed liveness probe, will be restarted',
    'for volume "cfg" : not found',
    'Readiness probe failed',
  ),
  count: fc.nat(5),
});
type AnyEvent = typeof event extends fc.Arbitrary<infer T> ? T : never;

let version = 0;

function podChange(
  { uid, phase, reason, isBeingDeleted, containers }: AnyPod,
  type: RecordedChange['type'],
): RecordedChange {
  version += 1;
  const times = { creationTimestamp: at(0), ...(isBeingDeleted && { deletionTimestamp: at(60) }) };
  const metadata = { uid, name: uid, namespace: 'shop', resourceVersion: String(version), ...times };
  const spec = { containers: [{ name: 'app', readinessProbe: {} }, { name: 'proxy' }] };
  return {
    atMs: noon + 60_000,
    type,
    kind: 'Pod',
    object: { metadata, spec, status: { phase, reason, containerStatuses: containers } },
  };
}

function eventChange({ uid, reason, message, count }: AnyEvent): RecordedChange {
  const involvedObject = { kind: 'Pod', namespace: 'shop', name: uid, uid, fieldPath: 'spec.containers{app}' };
  const metadata = { uid: `${uid}-${reason}`, resourceVersion: '1' };
  const times = { firstTimestamp: at(2), lastTimestamp: at(4) };
  const object = {
    metadata,
    involvedObject,
    reason,
    message,
    count,
    type: reason === 'Unhealthy' ? 'Warning' : 'Normal',
    ...times,
  };
  return { atMs: noon + 60_000, type: 'ADDED', kind: 'Event', object };
}

const untilMs = noon + 24 * 3_600_000;
const incidentsOf = (changes: RecordedChange[]) =>
  new Set(
    play({ changes, fromMs: noon }, { hooks, namesHooks: false, untilMs }).incidents.map(
      // A Pod fails once; for which container depends on what it showed first.
      ({ incidentType, uid, container: where }) =>
        `${incidentType} ${uid} ${incidentType === 'pod-failed' ? '' : where}`,
    ),
  );

const step = fc.oneof(
  pod.map((one) => ({ kind: 'pod' as const, one })),
  event.map((one) => ({ kind: 'event' as const, one })),
);
/** Kills that only an Event reports depend on the Event, so the last words are about Pods. */
const last = fc.tuple(...uids.map((uid) => pod.map((one) => ({ ...one, uid }))));

it('what the last state of each Pod shows is an incident, whatever came before, was doubled, or was missed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), last, fc.infiniteStream(fc.boolean()), (steps, ends, coin) => {
      const before = steps.map(({ kind, one }) => (kind === 'pod' ? podChange(one, 'MODIFIED') : eventChange(one)));
      const final = ends.map((one) => podChange(one, 'MODIFIED'));
      const events = before.filter(({ kind }) => kind === 'Event');
      const mustBe = [...incidentsOf([...events, ...final])].filter((line) => !isAboutVolumes(line));
      const some = before.filter((change) => change.kind === 'Event' || coin.next().value === true);
      for (const changes of [before, some, before.flatMap((change) => [change, change])]) {
        const found = incidentsOf([...changes, ...final, ...final]);
        const asKill = (line: string) => line.replace('pod-restart', 'oom-kill');
        for (const line of mustBe)
          expect([...found, line].filter((each) => found.has(each) || found.has(asKill(line)))).toContain(line);
      }
    }),
    { numRuns: 200 },
  );
});

/** They come and go with the order in which Events and states arrive. */
function isAboutVolumes(line: string): boolean {
  return line.startsWith('volume-mount-failed');
}
