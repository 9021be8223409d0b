import { describe, expect, it } from 'vitest';
import { podRestart } from '../../../watcher/detectors/pod-restart.ts';
import type { EventView } from '../../../watcher/views/event-view.ts';
import type { ContainerView, PodView, Termination } from '../../../watcher/views/pod-view.ts';
import { aContainer, anEvent, aPod, at, noon } from '../../make.ts';
import { anEnd, aPodEvent, look, restarted } from './look.ts';

const podOf = (container: Partial<ContainerView> = {}, over: Partial<PodView> = {}) =>
  aPod({ containers: [restarted(container)], ...over });
const withoutRecord = (container: Partial<ContainerView>) => {
  const { lastTerminated: _, ...running } = restarted(container);
  return aPod({ containers: [running] });
};
const ended = (record: Partial<Termination>, over: Partial<PodView> = {}) =>
  podOf({ lastTerminated: anEnd(record) }, over);
const killed = (text: string, seconds: number) => {
  const ms = noon + seconds * 1000;
  return { uid: `kill-${seconds}`, type: 'Normal', reason: 'Killing', message: text, firstMs: ms, lastMs: ms };
};
const killing = (text: string, seconds: number, over = {}) => anEvent({ ...killed(text, seconds), ...over });
const liveness = 'Container app failed liveness probe, will be restarted';
const causes = (pod: PodView, over = {}) => look(podRestart, pod, over).map(({ occurrence }) => occurrence.cause);

describe('a restart', () => {
  it('carries what its record and its container show, and is seen without any Event', () => {
    expect(look(podRestart, podOf())).toEqual([
      {
        type: 'pod-restart',
        nature: 'edge',
        container: 'app',
        fact: 'pod-uid/app/containerd://a0',
        occurrence: {
          id: 'pod-uid/app/containerd://a0',
          member: 'pod-uid/app',
          objectName: 'web-0',
          order: 1,
          reason: 'Error',
          message: 'Container app ended with exit code 1 (Error) and was restarted (restarts so far: 1)',
          at: at(10),
          times: 1,
          exitCode: 1,
          restartCount: 1,
          nodeName: 'node-a',
          cause: 'exit-code',
          container: 'app',
          containerKind: 'container',
          image: 'registry.example/app:1',
          evidence: [`exit code 1 (Error) at ${at(10)}`],
        },
      },
    ]);
  });

  it('that the kubelet skipped is counted by the jump of restartCount', () => {
    const before = podOf({ restartCount: 2 });
    const [found] = look(podRestart, podOf({ restartCount: 5, lastTerminated: anEnd({ containerID: 'c4' }) }), {
      before,
    });
    expect(found?.occurrence).toMatchObject({ times: 3, restartCount: 5, order: 5 });
  });

  it('of a Pod with the same name as one before is not counted from the counter of that one', () => {
    const [found] = look(podRestart, podOf({ restartCount: 5 }), { before: undefined });
    expect(found?.occurrence.times).toBe(1);
  });

  it('held back in CrashLoopBackOff and carried out later is one occurrence', () => {
    const waiting = { reason: 'CrashLoopBackOff', message: '' };
    const [held] = look(podRestart, podOf({ restartCount: 0, running: false, waiting }));
    const [done] = look(podRestart, podOf());
    expect(held?.occurrence.reason).toBe('CrashLoopBackOff');
    expect([held?.occurrence.id, held?.occurrence.order]).toEqual([done?.occurrence.id, done?.occurrence.order]);
  });

  it('is none of a container that ended for good, of an init container that is done, or of a Pod that is deleted', () => {
    const gone = { running: false, terminated: anEnd({ exitCode: 0, reason: 'Completed' }) };
    expect(look(podRestart, aPod({ containers: [aContainer({ running: false, terminated: anEnd() })] }))).toEqual([]);
    expect(look(podRestart, aPod({ containers: [aContainer({ kind: 'init', ...gone }), aContainer()] }))).toEqual([]);
    expect(look(podRestart, podOf({}, { isBeingDeleted: true }))).toEqual([]);
  });

  it.each(['Failed', 'Succeeded'])('is none of a Pod that has %s, where the kubelet fills in what it lost', (phase) => {
    const {
      startedAt: _,
      finishedAt: __,
      containerID: ___,
      ...lost
    } = anEnd({
      exitCode: 137,
      reason: 'ContainerStatusUnknown',
    });
    const shown = [
      restarted({ lastTerminated: lost, running: false, terminated: lost }),
      restarted({ lastTerminated: lost, running: false, waiting: { reason: 'ContainerCreating', message: '' } }),
      restarted({ lastTerminated: lost }),
    ];
    for (const container of shown) expect(look(podRestart, aPod({ phase, containers: [container] }))).toEqual([]);
    // What was restarted before it ended, was.
    const before = restarted({ running: false, terminated: lost });
    expect(causes(aPod({ phase, containers: [before] }))).toEqual(['exit-code']);
  });

  it('whose run the kubelet lost is one while it waits and once it runs', () => {
    const {
      startedAt: _,
      finishedAt: __,
      containerID: ___,
      ...lost
    } = anEnd({
      exitCode: 137,
      reason: 'ContainerStatusUnknown',
    });
    const waiting = { reason: 'ContainerCreating', message: '' };
    const ids = [
      podOf({ lastTerminated: lost, running: false, waiting }),
      podOf({ lastTerminated: lost }),
      withoutRecord({ restartCount: 1 }),
    ].map((pod) => look(podRestart, pod).map(({ occurrence }) => [occurrence.id, occurrence.order]));
    expect(ids).toEqual([[['pod-uid/app/run-1', 1]], [['pod-uid/app/run-1', 1]], [['pod-uid/app/run-1', 1]]]);
  });

  it('is none of a container that could not be created', () => {
    const waiting = { reason: 'CreateContainerConfigError', message: 'secret "a" not found' };
    expect(look(podRestart, aPod({ phase: 'Pending', containers: [aContainer({ running: false, waiting })] }))).toEqual(
      [],
    );
  });

  it('is none of a container that waits for its image, though the back-off of images has the same name', () => {
    const waiting = { reason: 'ImagePullBackOff', message: '' };
    const events = [anEvent({ reason: 'BackOff', message: 'Back-off pulling image "a:1"' })];
    const pod = aPod({ phase: 'Pending', containers: [aContainer({ running: false, waiting })] });
    expect(look(podRestart, pod, { events })).toEqual([]);
  });

  it('is not predicted from the restart policy of the Pod', () => {
    expect(causes(podOf({}, { restartPolicy: 'Never' }))).toEqual(['exit-code']);
  });

  it.each(['init', 'sidecar'] as const)('of a failing container of kind %s counts and says so', (kind) => {
    expect(look(podRestart, podOf({ kind }))[0]?.occurrence.containerKind).toBe(kind);
  });
});

describe('a restart without its record', () => {
  it('is one of unknown cause, dated by the start that followed', () => {
    expect(look(podRestart, withoutRecord({ restartCount: 3 }))).toMatchObject([
      {
        fact: 'pod-uid/app/run-3',
        isUnrecorded: true,
        occurrence: {
          id: 'pod-uid/app/run-3',
          order: 3,
          reason: 'Restarted',
          cause: 'unknown',
          at: at(12),
          message: 'Container app was restarted (restarts so far: 3); how its last run ended is not recorded',
        },
      },
    ]);
  });

  it('is the same one while it is held back, and never has an exit code or a possible OOM kill', () => {
    const waiting = { reason: 'CrashLoopBackOff', message: '' };
    const [held] = look(podRestart, withoutRecord({ restartCount: 2, running: false, waiting }));
    const [done] = look(podRestart, withoutRecord({ restartCount: 3 }));
    expect([held?.occurrence.id, held?.occurrence.order]).toEqual([done?.occurrence.id, done?.occurrence.order]);
    expect([held?.occurrence.reason, held?.occurrence.exitCode, held?.occurrence.confidence]).toEqual([
      'CrashLoopBackOff',
      undefined,
      undefined,
    ]);
  });

  it('counts by the jump of restartCount, and belongs to those who ask where a Job restarts on failure', () => {
    const before = withoutRecord({ restartCount: 1 });
    expect(look(podRestart, withoutRecord({ restartCount: 4 }), { before })[0]?.occurrence.times).toBe(3);
    const owner = { kind: 'Job', name: 'import', uid: 'job' };
    const ofJob = { ...withoutRecord({ restartCount: 1 }), owner, restartPolicy: 'OnFailure' };
    expect(look(podRestart, ofJob)[0]?.optIn).toBe('job-restarts');
  });

  it.each<[string, Partial<ContainerView>, Partial<PodView>]>([
    ['a first run', { restartCount: 0 }, {}],
    ['an init container, run again in a new sandbox', { restartCount: 1, kind: 'init' }, {}],
    ['a container that waits for its image', { running: false, waiting: { reason: 'ErrImagePull', message: '' } }, {}],
    ['a container that has ended once more', { running: false, terminated: anEnd() }, {}],
    ['a Pod that has failed', {}, { phase: 'Failed' }],
    ['a Pod that is deleted', {}, { isBeingDeleted: true }],
  ])('is not seen in %s', (_, container, over) => {
    expect(look(podRestart, { ...withoutRecord({ restartCount: 2, ...container }), ...over })).toEqual([]);
  });
});

describe('the cause of a restart', () => {
  it.each<[Partial<Termination>, string, string | undefined]>([
    [{ exitCode: 137, reason: 'OOMKilled' }, 'oom', undefined],
    [{ exitCode: 137, reason: 'Error' }, 'exit-code', 'possible-oom'],
    [{ exitCode: 137, reason: 'StartError' }, 'exit-code', undefined],
    [{ exitCode: 143, reason: 'Error' }, 'exit-code', undefined],
    [{ exitCode: 0, reason: 'Completed' }, 'completed', undefined],
    [{ exitCode: 137, reason: 'ContainerStatusUnknown' }, 'unknown', undefined],
    [{ exitCode: 255, reason: 'Unknown' }, 'node-reboot', undefined],
    [{ exitCode: 255, reason: 'Error' }, 'exit-code', undefined],
  ])('%j is %s, confidence %s', (record, cause, confidence) => {
    const [found] = look(podRestart, ended(record));
    expect([found?.occurrence.cause, found?.occurrence.confidence]).toEqual([cause, confidence]);
  });

  it.each([
    [liveness, 'liveness-probe'],
    ['Container app failed startup probe', 'startup-probe'],
    ['Container app resize requires restart', 'resize'],
    ['Container app definition changed, will be restarted', 'spec-change'],
    ['Stopping container app', 'exit-code'],
  ])('after the Event "%s" is %s', (text, cause) => {
    expect(causes(ended({ exitCode: 143 }), { events: [killing(text, 9)] })).toEqual([cause]);
  });

  it('after a liveness kill past the grace time is the probe, and 137 then is no possible OOM kill', () => {
    const [found] = look(podRestart, ended({ exitCode: 137 }), { events: [killing(liveness, 5)] });
    expect(found?.occurrence.cause).toBe('liveness-probe');
    expect(found?.occurrence.confidence).toBeUndefined();
  });

  it.each<[string, string, Partial<EventView>]>([
    ['for its failed hook', 'post-start-hook', { reason: 'Killing', message: 'FailedPostStartHook' }],
    ['as its Warning says', 'post-start-hook', { reason: 'FailedPostStartHook', message: 'PostStartHook failed' }],
    ['with its Pod', 'exit-code', { reason: 'Killing', message: 'Stopping container app' }],
    ['with its hook', 'exit-code', { reason: 'FailedPreStopHook', message: 'PreStopHook failed' }],
    [
      'with its sandbox',
      'exit-code',
      { reason: 'SandboxChanged', message: 'Pod sandbox changed, it will be killed and re-created.' },
    ],
  ])('that the kubelet killed %s is %s, and 137 no possible OOM kill', (_, cause, event) => {
    const inRun = (seconds: number) => ({ firstMs: noon + seconds * 1000, lastMs: noon + seconds * 1000 });
    const killedAt = (seconds: number, make = anEvent) =>
      look(podRestart, ended({ exitCode: 137 }), { events: [make({ ...event, ...inRun(seconds) })] })[0]?.occurrence;
    expect([killedAt(9)?.cause, killedAt(9)?.confidence]).toEqual([cause, undefined]);
    // What came after it had ended, or was about another container, says nothing of it.
    expect(killedAt(13)?.confidence).toBe('possible-oom');
    expect(killedAt(9, (over) => anEvent({ ...over, container: 'proxy' }))?.confidence).toBe('possible-oom');
    const isOfAll = event.reason === 'SandboxChanged' || event.message === 'Stopping container app';
    expect(killedAt(9, aPodEvent)?.confidence).toBe(isOfAll ? undefined : 'possible-oom');
  });

  it('is the probe where its kill was followed by a stop of the Pod', () => {
    const stop = { ...killing('Stopping container app', 9), uid: 'stop' };
    expect(causes(ended({ exitCode: 137 }), { events: [killing(liveness, 5), stop] })).toEqual(['liveness-probe']);
  });

  it('is an OOM kill even when a probe failed as well', () => {
    expect(causes(ended({ exitCode: 137, reason: 'OOMKilled' }), { events: [killing(liveness, 5)] })).toEqual(['oom']);
  });

  it('is not a kill that belongs to another run of the container', () => {
    const second = { startedAt: at(20), finishedAt: at(40) };
    const lastTerminated = anEnd({ ...second, containerID: 'containerd://a1' });
    const pod = podOf({ restartCount: 2, containerID: 'containerd://a2', startedAt: at(42), lastTerminated });
    const after = (seconds: number) => causes(pod, { events: [killing(liveness, seconds)] });
    expect(after(18)).toEqual(['exit-code']);
    expect(after(20)).toEqual(['exit-code']);
    expect(after(21)).toEqual(['liveness-probe']);
    expect(after(42)).toEqual(['liveness-probe']);
    expect(after(43)).toEqual(['exit-code']);
  });

  it('in the second of the very first start is the kill of that second', () => {
    expect(causes(ended({ finishedAt: at(1) }), { events: [killing(liveness, 0)] })).toEqual(['liveness-probe']);
  });

  it('is found in an Event that is shared by the kills of two runs', () => {
    const shared = killing(liveness, 9, { count: 2, lastMs: noon + 30_000 });
    expect(causes(podOf(), { events: [shared] })).toEqual(['liveness-probe']);
  });

  it('is not the kill of another container', () => {
    expect(causes(podOf(), { events: [killing(liveness, 9, { container: 'proxy' })] })).toEqual(['exit-code']);
    expect(causes(podOf(), { events: [aPodEvent(killed('Container app-2 failed liveness probe', 9))] })).toEqual([
      'exit-code',
    ]);
    expect(causes(podOf(), { events: [aPodEvent(killed(liveness, 9))] })).toEqual(['liveness-probe']);
  });

  it('is taken from the newest kill where the record has no times', () => {
    const { startedAt: _, finishedAt: __, ...timeless } = anEnd();
    expect(causes(podOf({ lastTerminated: timeless }), { events: [killing(liveness, 9)] })).toEqual(['liveness-probe']);
    expect(causes(podOf({ lastTerminated: timeless }), { events: [killing(liveness, 15)] })).toEqual(['exit-code']);
  });

  it('is not an old kill where a container could not be started, or nobody saw how it ended', () => {
    const events = [killing(liveness, 5)];
    const notStarted = ended({ exitCode: 128, reason: 'StartError', startedAt: '1970-01-01T00:00:00Z' });
    expect(causes(notStarted, { events })).toEqual(['exit-code']);
    const { startedAt: _, finishedAt: __, ...lost } = anEnd({ exitCode: 137, reason: 'ContainerStatusUnknown' });
    expect(causes(podOf({ lastTerminated: lost }), { events })).toEqual(['unknown']);
  });

  it('is a reboot where the status was lost and the node was away, and a lost status alone proves none', () => {
    const away = aPodEvent({ reason: 'NodeNotReady', message: 'Node is not ready' });
    const lost = ended({ exitCode: 137, reason: 'ContainerStatusUnknown' });
    const [found] = look(podRestart, lost, { events: [away] });
    expect([found?.occurrence.cause, found?.fallout]).toEqual(['node-reboot', { kind: 'Node', name: 'node-a' }]);
    expect(look(podRestart, lost)[0]?.fallout).toBeUndefined();
    expect(causes(ended({ exitCode: 1 }), { events: [away] })).toEqual(['exit-code']);
  });
});

describe('a restart is not everybody’s', () => {
  const changed = 'Container app definition changed, will be restarted';
  const resizing = (since?: string): Partial<PodView> => ({
    conditions: {
      PodResizeInProgress: { status: 'True', reason: '', message: '', ...(since !== undefined && { since }) },
    },
  });

  it('when the container was resized in place or its definition changed: it is dismissed with a sentence', () => {
    const said = (pod: PodView, text = '') => look(podRestart, pod, { events: [killing(text, 9)] })[0]?.dismissed;
    expect(said(podOf({}, resizing(at(9))))).toMatch(/resized/);
    expect(said(podOf({}, resizing()))).toMatch(/resized/);
    expect(said(podOf({}, { generation: 2 }), 'Container app resize requires restart')).toMatch(/resized/);
    expect(said(podOf({}, { generation: 2 }), changed)).toMatch(/definition/);
    expect(said(ended({ exitCode: 143 }), changed)).toMatch(/definition/);
    expect(said(podOf())).toBeUndefined();
  });

  it('but an Event alone dismisses nothing: a Pod that never was changed, or a crash of one that cannot show it', () => {
    for (const text of [changed, 'Container app resize requires restart']) {
      const crashes = [ended({ exitCode: 137 }, { generation: 1 }), ended({ exitCode: 1 })];
      const found = crashes.flatMap((pod) => look(podRestart, pod, { events: [killing(text, 9)] }));
      expect(found.map(({ dismissed, occurrence }) => [dismissed, occurrence.cause])).toEqual([
        [undefined, 'exit-code'],
        [undefined, 'exit-code'],
      ]);
    }
  });

  it('but what ended before the resize began, or ran out of memory during it, is no resize', () => {
    const before = look(podRestart, podOf({}, resizing(at(11))))[0];
    expect([before?.dismissed, before?.occurrence.cause]).toEqual([undefined, 'exit-code']);
    const oom = look(podRestart, ended({ exitCode: 137, reason: 'OOMKilled' }, resizing(at(9))))[0];
    expect([oom?.dismissed, oom?.occurrence.cause]).toEqual([undefined, 'oom']);
  });

  it('when it belongs to a Job that restarts on failure: it is for those who ask', () => {
    const owner = { kind: 'Job', name: 'import', uid: 'job' };
    const optIn = (over: Partial<PodView>) => look(podRestart, podOf({}, over))[0]?.optIn;
    expect(optIn({ owner, restartPolicy: 'OnFailure' })).toBe('job-restarts');
    expect(optIn({ owner, restartPolicy: 'Never' })).toBeUndefined();
    expect(optIn({ owner: { ...owner, kind: 'ReplicaSet' }, restartPolicy: 'OnFailure' })).toBeUndefined();
  });

  it('when its node went down: it belongs to the node', () => {
    const lost = { exitCode: 255, reason: 'Unknown' };
    expect(look(podRestart, ended(lost))[0]?.fallout).toEqual({ kind: 'Node', name: 'node-a' });
    expect(look(podRestart, podOf())[0]?.fallout).toBeUndefined();
  });

  it('when nobody knows the time of its end: it is dated by the next start, not by our look', () => {
    const { startedAt: _, finishedAt: __, ...lost } = anEnd({ exitCode: 137, reason: 'ContainerStatusUnknown' });
    const [found] = look(podRestart, podOf({ lastTerminated: lost }), { clockMs: noon + 86_400_000 });
    expect(found?.occurrence.at).toBe(at(12));
  });
});

describe('all containers restarted by a rule', () => {
  const {
    startedAt: _,
    finishedAt: __,
    containerID: ___,
    ...record
  } = anEnd({ exitCode: 137, reason: 'RestartingAllContainers' });
  const waiting = { reason: 'RestartingAllContainers', message: '' };
  const train = { name: 'train', restartCount: 5, lastTerminated: record };
  const helper = { name: 'helper', restartCount: 1, lastTerminated: record };
  const seen = (...containers: ContainerView[]) => look(podRestart, aPod({ restartPolicy: 'Never', containers }));

  it('are one finding of their Pod, the same while they are held back and when they run', () => {
    const held = seen(
      restarted({ ...train, running: false, waiting }),
      restarted({ ...helper, running: false, waiting }),
    );
    const run = seen(restarted(train), restarted(helper));
    expect(held.map(({ container, occurrence }) => [container, occurrence.member, occurrence.cause])).toEqual([
      [undefined, 'pod-uid', 'restart-rule'],
    ]);
    expect(run.map(({ occurrence }) => [occurrence.id, occurrence.order])).toEqual([
      [held[0]?.occurrence.id, held[0]?.occurrence.order],
    ]);
    expect(run[0]?.occurrence.exitCode).toBeUndefined();
  });

  it('once more are another occurrence', () => {
    const [first] = seen(restarted(train), restarted(helper));
    const [second] = seen(restarted({ ...train, restartCount: 6 }), restarted({ ...helper, restartCount: 2 }));
    expect(second?.occurrence.id).not.toBe(first?.occurrence.id);
    expect(second?.occurrence.order).toBeGreaterThan(first?.occurrence.order ?? Number.NaN);
  });

  it('are not restarted once more when one of them crashes after that', () => {
    const crashed = restarted({ ...train, restartCount: 6, lastTerminated: anEnd() });
    expect(seen(crashed, restarted(helper)).map(({ container }) => container)).toEqual(['train']);
  });
});
