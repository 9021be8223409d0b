/**
 * What explains a finding stands in the message that the agent gets: for each type what it knows, and the words for it.
 *
 * A row that holds nothing of the kind says so by `not`.
 */
import { describe, expect, it } from 'vitest';
import { detect } from '../../../watcher/detectors/index.ts';
import { type EventView, viewEvent } from '../../../watcher/views/event-view.ts';
import { viewJob } from '../../../watcher/views/job-view.ts';
import type { PodView } from '../../../watcher/views/pod-view.ts';
import { viewRollout } from '../../../watcher/views/rollout-view.ts';
import type { Views } from '../../../watcher/views/view.ts';
import type { IncidentType } from '../../../workflows/contract/hook.ts';
import { aContainer, anEvent, aPod, at, noon } from '../../make.ts';
import { anEnd, aPodEvent, restarted, waitingFor } from './look.ts';

function messageOf<K extends keyof Views>(type: IncidentType, kind: K, now: Views[K] | undefined, events: EventView[]) {
  if (now === undefined) throw new Error(`This is no ${kind}.`);
  const found = detect(kind, { before: undefined, now, clockMs: noon + 60_000, events });
  return found.find((finding) => finding.type === type)?.occurrence.message;
}

const bound: PodView['conditions'] = { PodScheduled: { status: 'True', reason: '', message: '', since: at(0) } };
const creating = (name: string) =>
  aContainer({ name, running: false, waiting: { reason: 'PodInitializing', message: '' } });
const pending = (...containers: PodView['containers']) => aPod({ phase: 'Pending', conditions: bound, containers });
const initRuns = aContainer({ name: 'migrate', kind: 'init', started: true, startedAt: at(5) });
const sidecarStarts = aContainer({ name: 'proxy', kind: 'sidecar', started: false, startedAt: at(5) });
const unready = (over = {}) => aContainer({ ready: false, hasReadinessProbe: true, startedAt: at(20), ...over });
const killing = (text: string, seconds: number) =>
  anEvent({
    type: 'Normal',
    reason: 'Killing',
    message: text,
    firstMs: noon + seconds * 1000,
    lastMs: noon + seconds * 1000,
  });

const hook =
  'Exec lifecycle hook ([/warm-up]) for Container "app" in Pod "web-0" failed - error: exit 3, message: "no cache"';
const quota = 'pods "web-0" is forbidden: exceeded quota: team, requested: cpu=2, used: cpu=9, limited: cpu=10';

describe('the message about a Pod says', () => {
  it.each<[string, IncidentType, PodView, EventView[], string]>([
    [
      'which init container runs, and since when',
      'pod-pending',
      pending(creating('app'), initRuns),
      [],
      `Its init container migrate has been running since ${at(5)} and has not ended`,
    ],
    [
      'which sidecar has not started',
      'pod-pending',
      pending(creating('app'), sidecarStarts),
      [],
      `Its sidecar proxy has been running since ${at(5)}, but its startup probe or postStart hook`,
    ],
    [
      'which containers wait',
      'pod-pending',
      pending(creating('app'), creating('b')),
      [],
      'Waiting: app (PodInitializing), b (PodInitializing).',
    ],
    [
      "the scheduler's sentence",
      'pod-pending',
      aPod({
        phase: 'Pending',
        conditions: {
          PodScheduled: {
            status: 'False',
            reason: 'Unschedulable',
            message: '0/3 nodes are available: 3 Insufficient cpu.',
          },
        },
      }),
      [],
      '0/3 nodes are available: 3 Insufficient cpu.',
    ],
    ["the hook's error in the status", 'container-config-error', waitingFor('PostStartHookError', hook), [], hook],
    [
      "the hook's error in an Event",
      'container-config-error',
      waitingFor('PostStartHookError'),
      [
        anEvent({ reason: 'FailedPostStartHook', message: hook }),
        anEvent({ uid: 'b', reason: 'BackOff', message: 'Back-off' }),
      ],
      hook,
    ],
    [
      'why the image cannot be pulled',
      'image-pull-failed',
      waitingFor('ImagePullBackOff', 'Back-off pulling image "x"'),
      [anEvent({ reason: 'Failed', message: 'Failed to pull image "x": manifest unknown' })],
      'manifest unknown',
    ],
    [
      "the probe's output",
      'probe-failed',
      aPod({ containers: [unready()] }),
      [anEvent({ message: 'Readiness probe failed: statuscode: 503', lastMs: noon + 30_000 })],
      'statuscode: 503',
    ],
    [
      'that a probe killed it',
      'pod-restart',
      aPod({ containers: [restarted()] }),
      [killing('Container app failed liveness probe, will be restarted', 9)],
      'because its liveness probe failed',
    ],
    [
      'that its node was restarted',
      'pod-restart',
      aPod({ containers: [restarted({ lastTerminated: anEnd({ exitCode: 255, reason: 'Unknown' }) })] }),
      [],
      'when its node or the runtime',
    ],
    [
      'what it said before it was killed',
      'oom-kill',
      aPod({
        containers: [
          restarted({ lastTerminated: anEnd({ exitCode: 137, reason: 'OOMKilled', message: 'heap full' }) }),
        ],
      }),
      [],
      'heap full',
    ],
    [
      'what the node was short of',
      'pod-evicted',
      aPod({ phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' }),
      [],
      'low on resource: memory',
    ],
    [
      'which volume, and why',
      'volume-mount-failed',
      waitingFor('ContainerCreating'),
      [
        aPodEvent({
          reason: 'FailedMount',
          message: 'MountVolume.SetUp failed for volume "cfg" : configmap "c" not found',
          lastMs: noon + 60_000,
        }),
      ],
      'configmap "c" not found',
    ],
  ])('%s', (_, type, pod, events, words) => {
    expect(messageOf(type, 'Pod', pod, events)).toContain(words);
  });

  it('nothing of a probe that failed in a run before this one', () => {
    const before = anEvent({ message: 'Readiness probe failed: statuscode: 503', lastMs: noon + 10_000 });
    const message = messageOf('probe-failed', 'Pod', aPod({ containers: [unready()] }), [before]);
    expect(message).toMatch(/has not been ready since its start\.$/);
  });
});

const failedCreate = (kind: string, name: string, message: string) =>
  anEvent({ reason: 'FailedCreate', message, about: { kind, namespace: 'shop', name, uid: 'uid' } });
const metadata = { uid: 'uid', name: 'web', namespace: 'shop', resourceVersion: '1', generation: 1 };

describe('the message about a controller says which quota refuses its Pods, with the numbers', () => {
  it('a StatefulSet', () => {
    const status = { observedGeneration: 1, updatedReplicas: 1, readyReplicas: 1 };
    const set = viewRollout('StatefulSet')({ metadata, spec: { replicas: 3 }, status });
    const said = `create Pod web-0 in StatefulSet web failed error: ${quota}`;
    const message = messageOf('rollout-stuck', 'Rollout', set, [failedCreate('StatefulSet', 'web', said)]);
    expect(message).toContain(`A Pod could not be created at ${at(10)}: ${said}`);
  });

  it('a Deployment, by its condition', () => {
    const condition = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: quota };
    const deployment = viewRollout('Deployment')({
      metadata,
      status: { observedGeneration: 1, conditions: [condition] },
    });
    expect(messageOf('rollout-stuck', 'Rollout', deployment, [])).toContain(quota);
  });

  it('a Job', () => {
    const condition = { type: 'Failed', status: 'True', reason: 'DeadlineExceeded', message: 'Job was active longer.' };
    const job = viewJob({ metadata, status: { conditions: [condition] } });
    const message = messageOf('job-failed', 'Job', job, [failedCreate('Job', 'web', `Error creating: ${quota}`)]);
    expect(message).toContain(quota);
  });
});

it('the age of an Event stands in its line, as times, also where its message is cut', () => {
  const event = viewEvent({
    metadata: { uid: 'e', namespace: 'shop', creationTimestamp: at(0) },
    involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web-0', uid: 'pod-uid' },
    type: 'Warning',
    reason: 'FailedScheduling',
    message: 'm'.repeat(900),
    count: 12,
    firstTimestamp: at(0),
    lastTimestamp: at(30),
  });
  const [finding] = detect('Pod', {
    before: undefined,
    now: pending(creating('app')),
    clockMs: noon,
    events: event ? [event] : [],
  });
  const line = finding?.occurrence.evidence?.at(-1);
  expect(line).toMatch(/^FailedScheduling x12: m+… \(from 2026-09-01T12:00:00Z to 2026-09-01T12:00:30Z\)$/);
  expect(line).toHaveLength(300);
});
