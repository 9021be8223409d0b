/** rollout-stuck: on Deployments, StatefulSets and DaemonSets as the API server sends them. */
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../watcher/detectors/detector.ts';
import { findingsOf as findingsBy } from '../../../watcher/detectors/finding-of.ts';
import { rolloutStuck } from '../../../watcher/detectors/rollout-stuck.ts';
import { play } from '../../../watcher/dry-run/play.ts';
import { hooksForEveryType } from '../../../watcher/dry-run/read-hooks-file.ts';
import type { EventView } from '../../../watcher/views/event-view.ts';
import { type RolloutKind, viewRollout } from '../../../watcher/views/rollout-view.ts';
import { anEvent, at, noon } from '../../make.ts';
import { Objects, sample } from './replay-samples.ts';

const { stuck, staleVerdict, quota } = sample('19-rollout-stuck');
const late = {
  type: 'Progressing',
  status: 'False',
  lastTransitionTime: at(-30),
  reason: 'ProgressDeadlineExceeded',
  message: 'ReplicaSet "cart-67fb4b659" has timed out progressing.',
};
const refused = {
  type: 'ReplicaFailure',
  status: 'True',
  lastTransitionTime: at(-200),
  reason: 'FailedCreate',
  message: 'pods "cart-67fb4b659-x2k4q" is forbidden: exceeded quota: q, requested: pods=1, used: pods=10',
};
const goesOn = { ...late, status: 'True', reason: 'ReplicaSetUpdated', message: 'ReplicaSet "cart" is progressing.' };

function lookAt(kind: RolloutKind, object: unknown, events: EventView[] = []): Finding[] {
  const now = viewRollout(kind)(object);
  if (now === undefined) throw new Error(`This is no ${kind}.`);
  return findingsBy(rolloutStuck, { before: undefined, now, clockMs: noon, events });
}

interface Parts {
  metadata?: object;
  spec?: object;
  status?: object;
  events?: EventView[];
}

const anObject = ({ metadata = {}, spec = {}, status = {} }: Parts) => ({
  metadata: { uid: 'uid', name: 'cart', namespace: 'shop', resourceVersion: '7', generation: 7, ...metadata },
  spec: { replicas: 3, ...spec },
  status: { observedGeneration: 7, ...status },
});

const deployment = (parts: Parts) => lookAt('Deployment', anObject(parts), parts.events);
const findingsOf = (...conditions: object[]) => deployment({ status: { conditions } });

describe('a Deployment', () => {
  it('is stuck at once when it has exceeded its deadline', () => {
    expect(lookAt('Deployment', stuck)).toEqual([
      {
        type: 'rollout-stuck',
        nature: 'state',
        fact: '00000000-0000-4000-8000-000000000052/7',
        counts: [1, 3, 3],
        sinceMs: Date.parse('2026-09-01T10:10:01Z'),
        holdMs: 0,
        occurrence: {
          id: '00000000-0000-4000-8000-000000000052/7',
          member: '00000000-0000-4000-8000-000000000052',
          objectName: 'cart',
          order: 7,
          reason: 'ProgressDeadlineExceeded',
          message: 'Deployment cart: ReplicaSet "cart-67fb4b659" has timed out progressing.',
          at: '2026-09-01T10:10:01Z',
          times: 1,
          cause: 'deadline',
          evidence: [
            'Progressing=False ProgressDeadlineExceeded ReplicaSet "cart-67fb4b659" has timed out progressing.',
            'expected 3, updated 1, ready 3, available 3',
          ],
        },
      },
    ]);
  });

  it('is not stuck by a condition about its former generation', () => {
    const { metadata, ...rest } = Objects.parse(stuck);
    const edited = { ...Objects.parse(metadata), generation: 8 };
    expect(lookAt('Deployment', { ...rest, metadata: edited, status: Objects.parse(staleVerdict)['status'] })).toEqual(
      [],
    );
  });

  it('is stuck anew, with a higher order, when its next generation is stuck too', () => {
    const next = { metadata: { generation: 8 }, status: { observedGeneration: 8, conditions: [late] } };
    const [first] = findingsOf(late);
    const [second] = deployment(next);
    expect(second?.occurrence.id).not.toBe(first?.occurrence.id);
    expect(second?.occurrence.order).toBeGreaterThan(first?.occurrence.order ?? Number.NaN);
  });

  it('is not stuck while it makes progress, however few of its Pods are ready', () => {
    expect(findingsOf(goesOn)).toEqual([]);
    expect(deployment({ status: { updatedReplicas: 0, readyReplicas: 0, conditions: [goesOn] } })).toEqual([]);
  });

  it('without a deadline has no condition, and is never stuck by its counters', () => {
    const status = { replicas: 3, updatedReplicas: 0, readyReplicas: 0, unavailableReplicas: 3 };
    expect(deployment({ spec: { progressDeadlineSeconds: 2_147_483_647 }, status })).toEqual([]);
  });

  it('that is paused or being deleted is not stuck', () => {
    expect(deployment({ spec: { paused: true }, status: { conditions: [late, refused] } })).toEqual([]);
    const metadata = { deletionTimestamp: at(-1) };
    expect(deployment({ metadata, status: { conditions: [late, refused] } })).toEqual([]);
  });

  it('whose condition Progressing is Unknown, because it was paused, is not stuck', () => {
    expect(findingsOf({ ...late, status: 'Unknown', reason: 'DeploymentPaused' })).toEqual([]);
  });

  it('that cannot create Pods because of a quota is stuck five minutes later', () => {
    const { conditions } = Objects.parse(quota);
    expect(deployment({ status: { conditions } })).toMatchObject([
      {
        sinceMs: Date.parse('2026-09-01T10:00:20Z'),
        holdMs: 300_000,
        occurrence: { id: 'uid/7', reason: 'FailedCreate', cause: 'quota' },
      },
    ]);
  });

  it.each([
    ['exceeded quota: q, requested: pods=1', 'quota'],
    ['failed quota: q: must specify limits.cpu for: app', 'quota'],
    ['violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false', 'admission'],
    ['Internal error occurred: failed calling webhook "quota.example.com": connection refused', 'admission'],
    ['error looking up service account shop/cart: serviceaccount "cart" not found', 'admission'],
  ])('that cannot create Pods: "%s" is %s', (message, cause) => {
    expect(findingsOf({ ...refused, message })[0]?.occurrence.cause).toBe(cause);
  });

  it('that could create its Pods again, or cannot delete one, is not stuck', () => {
    expect(findingsOf({ ...refused, status: 'False' }, goesOn)).toEqual([]);
    expect(findingsOf({ ...refused, reason: 'FailedDelete' })).toEqual([]);
  });

  it('is not stuck by Pods that were refused to its former generation', () => {
    expect(deployment({ metadata: { generation: 8 }, status: { conditions: [refused] } })).toEqual([]);
  });

  it('that exceeds its deadline because of a quota says the quota, and stays the same occurrence', () => {
    const [before] = findingsOf(goesOn, refused);
    const [after] = findingsOf(late, refused);
    expect(after?.occurrence).toMatchObject({ id: before?.occurrence.id, cause: 'quota', reason: late.reason });
    expect(after?.occurrence.message).toContain('exceeded quota');
    expect(after?.holdMs).toBe(0);
  });

  it('whose ReplicaSet is refused is stuck five minutes later, though its controller reports no generation', () => {
    const message =
      'Failed to create new replica set "cart-1": replicasets.apps "cart-1" is forbidden: exceeded quota: q';
    const conditions = [{ ...late, reason: 'ReplicaSetCreateError', message }];
    expect(deployment({ status: { observedGeneration: undefined, conditions } })).toMatchObject([
      { sinceMs: noon - 30_000, holdMs: 300_000, occurrence: { id: 'uid/7', cause: 'quota' } },
    ]);
  });

  it('that has Progressing False for a reason that we do not know is left to its deadline', () => {
    expect(findingsOf({ ...late, reason: 'SomethingNew' })).toEqual([]);
    expect(findingsOf({ ...late, reason: 'ReplicaSetCreateError' })).toMatchObject([{ holdMs: 300_000 }]);
  });

  it('is one occurrence, whatever its messages and times say', () => {
    const again = { ...late, message: 'Once more.', lastTransitionTime: at(5), lastUpdateTime: at(5) };
    expect(findingsOf(again)[0]?.occurrence.id).toBe(findingsOf(late)[0]?.occurrence.id);
  });

  it('keeps its conditions as evidence however many Events there are', () => {
    const events = Array.from({ length: 10 }, (_, n) => anEvent({ reason: 'FailedCreate', message: `try ${n}` }));
    const [finding] = deployment({ status: { conditions: [late, refused] }, events });
    const evidence = finding?.occurrence.evidence ?? [];
    expect(evidence).toHaveLength(8);
    expect(evidence[0]).toMatch(/^Progressing=False/);
    expect(evidence[1]).toMatch(/^ReplicaFailure=True/);
    expect(evidence.at(-1)).toBe(`FailedCreate x1: try 9 (at ${at(10)})`);
  });
});

describe('a StatefulSet', () => {
  const statefulSet = (parts: Parts) => lookAt('StatefulSet', anObject(parts), parts.events);
  const revisions = { currentRevision: 'web-1', updateRevision: 'web-2' };
  const half = { replicas: 3, updatedReplicas: 1, readyReplicas: 2, availableReplicas: 1, ...revisions };

  it('with Pods to replace is found, and counts from when it last moved', () => {
    const [finding, ...rest] = statefulSet({ status: half });
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({
      holdMs: 600_000,
      counts: [1, 1, 2],
      occurrence: {
        id: 'uid/7',
        reason: 'NoProgress',
        cause: 'no-progress',
        message: 'StatefulSet cart: 1 of 3 Pods are of the newest template, 2 of 3 are ready, and nothing moves.',
      },
    });
    expect(finding).not.toHaveProperty('sinceMs');
  });

  it('whose last Pod is replaced and not ready is found: its controller has not declared it complete', () => {
    const status = { updatedReplicas: 1, readyReplicas: 0, ...revisions };
    expect(statefulSet({ spec: { replicas: 1 }, status })).toHaveLength(1);
  });

  it('that is complete is none, though its Pods are not ready', () => {
    const status = { updatedReplicas: 3, readyReplicas: 0, currentRevision: 'web-2', updateRevision: 'web-2' };
    expect(statefulSet({ status })).toEqual([]);
  });

  it('that was just made, and does not get its second Pod, is found', () => {
    const status = { updatedReplicas: 1, readyReplicas: 0, currentRevision: 'web-1', updateRevision: 'web-1' };
    expect(statefulSet({ status })).toHaveLength(1);
  });

  it('whose partition holds Pods back has got where it should', () => {
    const spec = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } };
    const canary = { ...half, readyReplicas: 3 };
    expect(statefulSet({ spec, status: canary })).toEqual([]);
    expect(statefulSet({ spec, status: { ...canary, updatedReplicas: 0 } })).toHaveLength(1);
    expect(statefulSet({ spec, status: { ...canary, readyReplicas: 2 } })).toEqual([]);
    const beyond = { updateStrategy: { rollingUpdate: { partition: 99 } } };
    expect(statefulSet({ spec: beyond, status: { ...canary, updatedReplicas: 0 } })).toEqual([]);
  });

  it('with OnDelete waits for somebody to delete its Pods', () => {
    expect(statefulSet({ spec: { updateStrategy: { type: 'OnDelete' } }, status: half })).toEqual([]);
  });

  it('whose controller has not seen the newest generation is none', () => {
    expect(statefulSet({ status: { ...half, observedGeneration: 6 } })).toEqual([]);
  });

  it('scaled to zero is none', () => {
    const status = { updatedReplicas: 0, readyReplicas: 0, ...revisions };
    expect(statefulSet({ spec: { replicas: 0 }, status })).toEqual([]);
  });

  it('that is being deleted is none', () => {
    expect(statefulSet({ metadata: { deletionTimestamp: at(-1) }, status: half })).toEqual([]);
  });

  it('is not excused by a condition that belongs to Deployments', () => {
    expect(statefulSet({ status: { ...half, conditions: [goesOn] } })).toHaveLength(1);
  });
});

describe('a DaemonSet', () => {
  const daemonSet = (parts: Parts) => lookAt('DaemonSet', anObject(parts), parts.events);
  const half = { desiredNumberScheduled: 5, updatedNumberScheduled: 2, numberReady: 4, numberAvailable: 3 };

  it('with Pods to replace is found', () => {
    expect(daemonSet({ status: half })).toMatchObject([
      { holdMs: 600_000, counts: [2, 3, 4], occurrence: { id: 'uid/7', cause: 'no-progress' } },
    ]);
  });

  it('that is fully updated is none, though its Pods are not ready', () => {
    expect(daemonSet({ status: { ...half, updatedNumberScheduled: 5, numberReady: 0 } })).toEqual([]);
  });

  it('with OnDelete, or with no node to run on, is none', () => {
    expect(daemonSet({ spec: { updateStrategy: { type: 'OnDelete' } }, status: half })).toEqual([]);
    expect(daemonSet({ status: { desiredNumberScheduled: 0, updatedNumberScheduled: 0, numberReady: 0 } })).toEqual([]);
  });
});

describe('what its user declared is waited for', () => {
  const probe = (over: object = {}) => ({ periodSeconds: 10, failureThreshold: 3, ...over });
  const containers = (...list: object[]) => ({ template: { spec: { containers: list } } });
  const grace = (seconds: number) => ({ template: { spec: { terminationGracePeriodSeconds: seconds } } });
  const slow = probe({ failureThreshold: 120 });

  const moving = { StatefulSet: { updatedReplicas: 1 }, DaemonSet: { desiredNumberScheduled: 5 } };
  it.each([
    ['nothing', {}, undefined],
    ['what the API server fills in', { ...grace(30), minReadySeconds: 0 }, undefined],
    ['minReadySeconds', { minReadySeconds: 900 }, 900_000],
    ['a long grace time, beyond the usual one', grace(3630), 3_600_000],
    [
      'a readiness probe that begins late',
      containers({ readinessProbe: probe({ initialDelaySeconds: 600 }) }),
      630_000,
    ],
    ['a probe that has to succeed often', containers({ readinessProbe: probe({ successThreshold: 9 }) }), 90_000],
    ['a startup probe with many tries', containers({ startupProbe: slow }), 1_200_000],
    [
      'the slower of two containers, one probe after the other',
      containers(
        { startupProbe: slow, readinessProbe: probe({ initialDelaySeconds: 60 }) },
        { readinessProbe: probe() },
      ),
      1_230_000,
    ],
    [
      'sidecars, which start one after the other, and no init container that ends',
      {
        template: {
          spec: {
            initContainers: [
              { restartPolicy: 'Always', startupProbe: probe() },
              { restartPolicy: 'Always', startupProbe: probe() },
              { startupProbe: slow },
            ],
          },
        },
      },
      90_000,
    ],
    ['all of it together', { ...grace(90), minReadySeconds: 100 }, 160_000],
  ])('by a StatefulSet and a DaemonSet: %s', (_, spec, allowedMs) => {
    for (const kind of ['StatefulSet', 'DaemonSet'] as const) {
      const [finding] = lookAt(kind, anObject({ spec, status: moving[kind] }));
      expect(finding).toMatchObject({ holdMs: 600_000 });
      expect(finding?.allowedMs).toBe(allowedMs);
    }
  });

  it.each<[string, object, number | undefined]>([
    ['its deadline covers it', { minReadySeconds: 500 }, undefined],
    ['it starts for longer than its deadline', containers({ startupProbe: slow }), 600_000],
    [
      'it declared a short deadline and a slow start',
      { progressDeadlineSeconds: 60, ...containers({ startupProbe: slow }) },
      1_140_000,
    ],
    ['Recreate: its old Pods have to end first', { strategy: { type: 'Recreate' }, ...grace(3630) }, 3_000_000],
    ['maxSurge 0: likewise', { strategy: { rollingUpdate: { maxSurge: 0 } }, ...grace(3630) }, 3_000_000],
    ['maxSurge 0%: likewise', { strategy: { rollingUpdate: { maxSurge: '0%' } }, ...grace(3630) }, 3_000_000],
    [
      'its old Pods end beside its new ones',
      { strategy: { rollingUpdate: { maxSurge: '25%' } }, ...grace(3630) },
      undefined,
    ],
  ])('by a Deployment beyond its deadline: %s', (_, spec, allowedMs) => {
    const [finding] = deployment({ spec, status: { conditions: [late] } });
    expect(finding).toMatchObject({ holdMs: 0, occurrence: { reason: 'ProgressDeadlineExceeded' } });
    expect(finding?.allowedMs).toBe(allowedMs);
  });

  it('no longer than a few weeks, and never for less than nothing', () => {
    const most = { initialDelaySeconds: 2 ** 31, periodSeconds: 2 ** 31, failureThreshold: 2 ** 31 };
    const endless = { ...containers({ startupProbe: most, readinessProbe: most }), minReadySeconds: 2 ** 31 };
    const [finding] = lookAt('StatefulSet', anObject({ spec: endless, status: moving.StatefulSet }));
    expect(finding?.allowedMs).toBeLessThan(30 * 86_400_000);
    const less = { minReadySeconds: -5, ...containers({ readinessProbe: probe({ periodSeconds: -10 }) }) };
    expect(lookAt('StatefulSet', anObject({ spec: less, status: moving.StatefulSet }))[0]).not.toHaveProperty(
      'allowedMs',
    );
  });
});

it('nothing is known of it: none of the kinds is stuck', () => {
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet'] as const) {
    for (const status of [undefined, null, {}]) {
      expect(lookAt(kind, { metadata: { uid: 'uid', name: 'cart', generation: 1 }, spec: null, status })).toEqual([]);
    }
  }
});

describe('ten minutes without movement, played on a clock', () => {
  const hooks = hooksForEveryType();
  const statefulSet = (updated: number, seconds: number, over: object = {}) => ({
    atMs: noon + seconds * 1000,
    type: 'MODIFIED' as const,
    kind: 'StatefulSet',
    object: {
      kind: 'StatefulSet',
      ...anObject({
        metadata: { resourceVersion: `${seconds}` },
        status: { updatedReplicas: updated, readyReplicas: 2, ...over },
      }),
    },
  });
  const fired = (changes: ReturnType<typeof statefulSet>[], untilSeconds: number) =>
    play({ changes, fromMs: noon }, { hooks, namesHooks: false, untilMs: noon + untilSeconds * 1000 }).incidents.length;

  it('it fires then, and not a second earlier', () => {
    expect(fired([statefulSet(1, 0)], 599)).toBe(0);
    expect(fired([statefulSet(1, 0)], 600)).toBe(1);
  });

  it('every Pod that is replaced starts the count anew', () => {
    const moving = [statefulSet(0, 0), statefulSet(1, 400), statefulSet(2, 800)];
    expect(fired(moving, 1399)).toBe(0);
    expect(fired(moving, 1400)).toBe(1);
  });

  it('so does every Pod that gets ready, and every one that has been for long enough', () => {
    const moving = [statefulSet(1, 0), statefulSet(1, 400, { readyReplicas: 3 })];
    expect(fired(moving, 999)).toBe(0);
    const available = statefulSet(1, 800, { readyReplicas: 3, availableReplicas: 3 });
    expect(fired([...moving, available], 1399)).toBe(0);
    expect(fired([...moving, available], 1400)).toBe(1);
  });

  it('a Pod that is ready now and then moves nothing', () => {
    const flapping = [2, 3, 2, 3].map((readyReplicas, n) => statefulSet(1, n * 200, { readyReplicas }));
    expect(fired(flapping, 799)).toBe(0);
    expect(fired(flapping, 800)).toBe(1);
  });

  it('a Deployment that gets on although a quota refuses Pods is given its time anew', () => {
    const refusedWith = (updatedReplicas: number, seconds: number) => ({
      ...statefulSet(0, seconds),
      kind: 'Deployment',
      object: { kind: 'Deployment', ...anObject({ status: { updatedReplicas, conditions: [refused] } }) },
    });
    expect(fired([refusedWith(1, 0)], 100)).toBe(1);
    expect(fired([refusedWith(1, 0), refusedWith(2, 50)], 349)).toBe(0);
    expect(fired([refusedWith(1, 0), refusedWith(2, 50)], 350)).toBe(1);
  });

  it('updates that move nothing do not start it anew', () => {
    expect(fired([statefulSet(1, 0), statefulSet(1, 300), statefulSet(1, 590)], 600)).toBe(1);
  });

  it('a rollout that ends in time never fires', () => {
    const done = { currentRevision: 'web-2', updateRevision: 'web-2', readyReplicas: 3 };
    expect(fired([statefulSet(1, 0), statefulSet(3, 599, done)], 5000)).toBe(0);
  });
});
