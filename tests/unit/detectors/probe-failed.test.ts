import { describe, expect, it } from 'vitest';
import { podRestart } from '../../../watcher/detectors/pod-restart.ts';
import { probeFailed } from '../../../watcher/detectors/probe-failed.ts';
import type { ContainerView, PodView } from '../../../watcher/views/pod-view.ts';
import { aContainer, anEvent, aPod, at, noon } from '../../make.ts';
import { anEnd, aPodEvent, look, restarted } from './look.ts';

const containersReady = (since: string, status = 'False') => ({
  ContainersReady: { status, reason: 'ContainersNotReady', message: 'containers with unready status: [app]', since },
});
/** Not probed for five seconds, then every ten; three tries decide. */
const probed = { hasReadinessProbe: true, readinessWait: { delayMs: 5_000, triesMs: 30_000 } };
const unready = (container: Partial<ContainerView> = {}, over: Partial<PodView> = {}) =>
  aPod({
    conditions: containersReady(at(30)),
    containers: [aContainer({ ...probed, ready: false, startedAt: at(1), ...container })],
    ...over,
  });
const found = (pod: PodView, over = {}) => look(probeFailed, pod, over);

const text = 'Readiness probe failed: HTTP probe failed with statuscode: 503';

describe('readiness', () => {
  it('lost is a state that must hold for 30 seconds, counted by the condition, and claims what its Event proves', () => {
    expect(found(unready(), { events: [anEvent({ lastMs: noon + 30_000 })] })).toEqual([
      {
        type: 'probe-failed',
        nature: 'state',
        container: 'app',
        fact: 'pod-uid/app/readiness/containerd://a0',
        sinceMs: noon + 30_000,
        holdMs: 30_000,
        occurrence: {
          id: `pod-uid/app/readiness/containerd://a0/${at(30)}`,
          member: 'pod-uid/app',
          objectName: 'web-0',
          order: noon + 30_000,
          reason: 'Unhealthy',
          message: `Container app is running but has not been ready since ${at(30)}: ${text}`,
          at: at(30),
          times: 1,
          restartCount: 0,
          nodeName: 'node-a',
          cause: 'readiness',
          container: 'app',
          containerKind: 'container',
          image: 'registry.example/app:1',
          evidence: [
            'ContainersReady=False ContainersNotReady containers with unready status: [app]',
            `Unhealthy x1: ${text} (from ${at(10)} to ${at(30)})`,
          ],
        },
      },
    ]);
  });

  it('lost without an Event is not said to be a failed probe, and is given the time of its tries', () => {
    const [finding] = found(unready());
    expect(finding).toMatchObject({
      sinceMs: noon + 30_000,
      holdMs: 30_000,
      allowedMs: 30_000,
      occurrence: {
        reason: 'ContainersNotReady',
        message: `Container app is running but has not been ready since ${at(30)}.`,
        evidence: [expect.stringMatching(/^ContainersReady=False/)],
      },
    });
  });

  describe('that never was', () => {
    const never = (container: Partial<ContainerView> = {}, since = at(0)) =>
      unready(container, { conditions: containersReady(since) });

    it('counts from when its probe could have failed for good: delay and tries after its start', () => {
      const failing = { events: [anEvent({ lastMs: noon + 20_000 })] };
      for (const over of [{}, failing]) {
        expect(found(never(), over)).toMatchObject([{ sinceMs: noon + 1_000, holdMs: 30_000, allowedMs: 35_000 }]);
      }
      expect(found(never(), failing)[0]?.occurrence).toMatchObject({
        reason: 'Unhealthy',
        message: expect.stringContaining(text),
      });
    });

    it('counts from our first look where it has a startup probe: nothing says when that succeeded', () => {
      const [finding] = found(never({ hasStartupProbe: true }));
      expect(finding).not.toHaveProperty('sinceMs');
      expect(finding).toMatchObject({ allowedMs: 35_000, occurrence: { at: at(1) } });
      expect(found(unready({ hasStartupProbe: true }))[0]).toMatchObject({ sinceMs: noon + 30_000, allowedMs: 30_000 });
    });

    it('though its Pod became unready in the very second of its start', () => {
      expect(found(never({}, at(1)))).toMatchObject([{ sinceMs: noon + 1_000, allowedMs: 35_000 }]);
    });

    it('without a probe of which times are known is given none', () => {
      const { readinessWait: _, ...bare } = aContainer({ hasReadinessProbe: true, ready: false, startedAt: at(1) });
      expect(found(aPod({ conditions: containersReady(at(0)), containers: [bare] }))[0]).not.toHaveProperty(
        'allowedMs',
      );
    });
  });

  it('is no failed probe by what was said of a former run, or of a failure long before', () => {
    const said = (lastMs: number, container = {}) =>
      found(unready(container, { conditions: containersReady(at(90)) }), { events: [anEvent({ lastMs })] })[0]
        ?.occurrence.reason;
    expect(said(noon + 90_000)).toBe('Unhealthy');
    expect(said(noon + 60_000)).toBe('Unhealthy');
    expect(said(noon + 50_000)).toBe('ContainersNotReady');
    expect(said(noon + 85_000, { startedAt: at(86) })).toBe('ContainersNotReady');
  });

  it('lost twice by one run of a container is two occurrences, the later one with the higher order', () => {
    const [first] = found(unready());
    const [second] = found(unready({}, { conditions: containersReady(at(90)) }));
    expect(second?.occurrence.id).not.toBe(first?.occurrence.id);
    expect(second?.occurrence.order).toBeGreaterThan(first?.occurrence.order ?? Number.NaN);
  });

  it('of a container that was restarted counts from its start, not from when its Pod became unready', () => {
    expect(found(unready({ startedAt: at(50) }))[0]).toMatchObject({
      sinceMs: noon + 50_000,
      occurrence: { at: at(50) },
    });
  });

  it('counts from the first look where no condition says since when', () => {
    expect(found(unready({}, { conditions: {} }))[0]?.sinceMs).toBeUndefined();
    expect(found(unready({}, { conditions: containersReady(at(5), 'True') }))[0]?.sinceMs).toBeUndefined();
  });

  it.each<[string, Partial<ContainerView>, Partial<PodView>]>([
    ['the container is ready, though its Pod is not: a gate, or a lost node', { ready: true }, {}],
    ['its startup probe has not succeeded yet', { started: false }, {}],
    ['it does not run', { running: false, waiting: { reason: 'CrashLoopBackOff', message: '' } }, {}],
    ['it has no readiness probe', { hasReadinessProbe: false }, {}],
    ['its Pod is being deleted, while its probe goes on to fail', {}, { isBeingDeleted: true }],
    ['its Pod was evicted and its last state stays', {}, { phase: 'Failed', reason: 'Evicted' }],
  ])('is no trouble when %s', (_, container, over) => {
    expect(found(unready(container, over), { events: [anEvent({ count: 9 })] })).toEqual([]);
  });

  it('has the newest text that was said about this container, also when a combined Event names none', () => {
    const said = (...events: ReturnType<typeof anEvent>[]) => found(unready(), { events })[0]?.occurrence.message;
    const older = anEvent({ uid: 'a', message: 'Readiness probe failed: old' });
    const newer = anEvent({ uid: 'b', message: 'Readiness probe failed: new' });
    const other = anEvent({ uid: 'c', message: 'Readiness probe failed: other', container: 'proxy' });
    const liveness = anEvent({ uid: 'd', message: 'Liveness probe failed: other' });
    expect(said(older, newer, other, liveness)).toMatch(/: Readiness probe failed: new$/);
    const combined = aPodEvent({ message: 'Readiness probe failed: combined' });
    expect(said(combined)).toMatch(/combined$/);
    const both = unready();
    const pod = { ...both, containers: [...both.containers, aContainer({ name: 'proxy' })] };
    expect(found(pod, { events: [combined] })[0]?.occurrence.message).not.toContain('combined');
  });
});

describe('a failed liveness or startup probe', () => {
  const kill = (probe: string, seconds: number, over = {}) => {
    const ms = noon + seconds * 1000;
    const message = `Container app failed ${probe} probe, will be restarted`;
    return anEvent({
      uid: `k${seconds}`,
      type: 'Normal',
      reason: 'Killing',
      message,
      firstMs: ms,
      lastMs: ms,
      ...over,
    });
  };
  const running = aPod({ containers: [aContainer({ startedAt: at(0) })] });
  const again = aPod({ containers: [restarted({ lastTerminated: anEnd({ exitCode: 137, finishedAt: at(10) }) })] });

  it.each(['liveness', 'startup'])(
    '%s: is found while the container still runs, and is the same one after its end',
    (probe) => {
      const events = [
        anEvent({ message: `${probe === 'liveness' ? 'Liveness' : 'Startup'} probe failed: 500` }),
        kill(probe, 9),
      ];
      const [early] = found(running, { events });
      const [late] = found(again, { events });
      expect(early).toMatchObject({
        nature: 'edge',
        fact: 'pod-uid/app/containerd://a0',
        occurrence: {
          id: `pod-uid/app/containerd://a0/${probe}`,
          order: 1,
          cause: probe,
          reason: 'Unhealthy',
          at: at(9),
        },
      });
      expect(early?.occurrence.message).toMatch(/probe failed\. \w+ probe failed: 500$/);
      expect(late).toMatchObject({
        fact: early?.fact,
        occurrence: { id: early?.occurrence.id, order: 1, exitCode: 137 },
      });
      expect(look(podRestart, again, { events })[0]?.fact).toBe(early?.fact);
    },
  );

  it('that did not reach its threshold is none, however often it was reported', () => {
    const attempts = ['Liveness', 'Startup'].map((probe) =>
      anEvent({ uid: probe, message: `${probe} probe failed: 500`, count: 52 }),
    );
    expect(found(running, { events: attempts })).toEqual([]);
    const slow = aPod({
      containers: [aContainer({ hasReadinessProbe: true, ready: false, started: false, startedAt: at(0) })],
    });
    expect(found(slow, { events: attempts })).toEqual([]);
  });

  it('is none for a redirect, which is a success', () => {
    const events = [anEvent({ reason: 'ProbeWarning', message: 'Liveness probe warning: redirect' })];
    expect(found(running, { events })).toEqual([]);
  });

  it('of the run before is none of the run that goes on, not even in the second of its start', () => {
    const second = restarted({ startedAt: at(10), lastTerminated: anEnd({ finishedAt: at(10) }) });
    const ids = (seconds: number) =>
      found(aPod({ containers: [second] }), { events: [kill('liveness', seconds)] }).map(
        ({ occurrence }) => occurrence.id,
      );
    expect(ids(9)).toEqual(['pod-uid/app/containerd://a0/liveness']);
    expect(ids(10)).toEqual(['pod-uid/app/containerd://a0/liveness']);
    expect(ids(11)).toEqual(['pod-uid/app/containerd://a1/liveness']);
  });

  it('of two runs that share one Event is two findings', () => {
    const shared = kill('liveness', 9, { count: 2, lastMs: noon + 40_000 });
    expect(found(again, { events: [shared] }).map(({ occurrence }) => [occurrence.id, occurrence.order])).toEqual([
      ['pod-uid/app/containerd://a0/liveness', 1],
      ['pod-uid/app/containerd://a1/liveness', 2],
    ]);
  });

  it('of a run whose start is not known is the first run’s, or that after the last end', () => {
    const { startedAt: _, ...first } = aContainer();
    const { startedAt: __, ...second } = restarted();
    const ids = (container: ContainerView, seconds: number) =>
      found(aPod({ containers: [container] }), { events: [kill('liveness', seconds)] }).map(
        ({ occurrence }) => occurrence.id,
      );
    expect(ids(first, 9)).toEqual(['pod-uid/app/containerd://a0/liveness']);
    expect(ids(second, 9)).toEqual(['pod-uid/app/containerd://a0/liveness']);
    expect(ids(second, 30)).toEqual(['pod-uid/app/containerd://a1/liveness']);
  });

  it('is not shown by the kill of a container that is stopped, resized or changed, or whose Pod is deleted', () => {
    for (const message of [
      'Stopping container app',
      'Container app resize requires restart',
      'Container app definition changed',
    ]) {
      expect(found(running, { events: [kill('liveness', 9, { message })] })).toEqual([]);
    }
    expect(found({ ...running, isBeingDeleted: true }, { events: [kill('liveness', 9)] })).toEqual([]);
  });

  it('of one run that is shown as running and as ended is one finding', () => {
    const shared = kill('liveness', 9, { count: 2, lastMs: noon + 40_000 });
    const same = aPod({ containers: [restarted({ containerID: 'containerd://a0' })] });
    expect(found(same, { events: [shared] })).toHaveLength(1);
  });

  it('is not shown by an old Event of a run that nobody remembers', () => {
    const late = aPod({
      containers: [
        restarted({
          restartCount: 4,
          lastTerminated: anEnd({ startedAt: at(20), finishedAt: at(30) }),
          startedAt: at(40),
        }),
      ],
    });
    expect(found(late, { events: [kill('liveness', 9)] })).toEqual([]);
  });
});
