/** What the observer hands over, seen from the queue behind it. The detectors are the real ones. */
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createListeners } from '../../watcher/hooks/listeners.ts';
import type { LiveHook } from '../../watcher/hooks/live-hook.ts';
import { createObserver } from '../../watcher/observing/observe.ts';
import type { Handover } from '../../watcher/starting/handover.ts';
import { workflowIdFor } from '../../watcher/starting/incident-of.ts';
import type { OwnerRef } from '../../watcher/views/metadata.ts';
import type { ContainerView, PodView } from '../../watcher/views/pod-view.ts';
import type { Incident, ResolvedSignal } from '../../workflows/contract/incident.ts';
import { aContainer, aFinding, aHook, anEvent, anIncident, aPod, at, noon } from '../make.ts';

const { installation, timing } = anIncident();
const ours = { name: installation, cluster: { uid: 'cluster-uid' }, timing };

type Queued =
  | { kind: 'occurred'; workflowId: string; incident: Incident }
  | { kind: 'resolved'; workflowId: string; signal: ResolvedSignal };

function aScene(...hooks: LiveHook[]) {
  const listeners = createListeners(() => false);
  const listen = (hook: LiveHook, edgesFromMs = noon) => {
    const listener = { hook, edgesFromMs };
    listeners.set(listener);
    return listener;
  };
  for (const hook of hooks) listen(hook);
  const remove = (uid: string) => {
    listeners.delete(uid);
    observer.hookGone(uid);
  };
  const queued: Queued[] = [];
  const handover: Handover = {
    occurred: async (workflowId, incident) => void queued.push({ kind: 'occurred', workflowId, incident }),
    resolved: async (workflowId, signal) => void queued.push({ kind: 'resolved', workflowId, signal }),
    oldestWaitingMs: () => undefined,
    settled: async () => undefined,
  };
  const pods = new Map<string, PodView>();
  const links = new Map<string, OwnerRef>();
  const learned = { count: 0, failures: [] as boolean[] };
  const observer = createObserver({
    installation: ours,
    listeners,
    owners: {
      of: ({ owner }) => {
        const root = owner && links.get(owner.uid);
        return [...(owner === undefined ? [] : [owner]), ...(root === undefined ? [] : [root])];
      },
      knows: ({ owner }) => owner === undefined || learned.failures.length === 0,
      learn: async () => {
        learned.count += 1;
        if (learned.failures.shift() === true) throw new Error('The API server is busy.');
      },
    },
    podOf: (uid) => pods.get(uid),
    holds: {},
    handover,
    log: pino({ level: 'silent' }),
    nowMs: Date.now,
  });
  const podChanged = observer.changed('Pod');
  const show = async (next: PodView | undefined, uid = next?.uid ?? 'pod-uid') => {
    const before = pods.get(uid);
    if (next === undefined) pods.delete(uid);
    else pods.set(uid, next);
    await podChanged(before, next);
  };
  /** What was queued since the last time, as `kind type hook`. */
  const news = () =>
    queued
      .splice(0)
      .map((item) =>
        item.kind === 'occurred'
          ? `occurred ${item.incident.type} ${item.incident.hook.name}`
          : `resolved ${item.signal.occurrenceId} ${item.workflowId}`,
      );
  const openIds = () => [...observer.trueNow()];
  return { observer, listen, remove, queued, show, news, links, learned, openIds };
}

const killed = (reason: string, over: Partial<ContainerView> = {}) =>
  aPod({
    containers: [
      aContainer({
        restartCount: 1,
        containerID: 'containerd://a1',
        lastTerminated: { exitCode: 137, reason, message: '', finishedAt: at(10), containerID: 'containerd://a0' },
        ...over,
      }),
    ],
  });

const pending = (over: Partial<PodView> = {}) => aPod({ phase: 'Pending', containers: [], ...over });

const unready = (since: string) =>
  aPod({
    containers: [aContainer({ ready: false, hasReadinessProbe: true })],
    conditions: { ContainersReady: { status: 'False', reason: 'ContainersNotReady', message: '', since } },
  });

const idOf = (hook: LiveHook, type: 'pod-pending' | 'probe-failed', container?: string) => {
  const { container: _, ...finding } = aFinding({ type });
  const [configuration] = hook.configurations;
  return workflowIdFor(ours, {
    listener: { hook, edgesFromMs: 0 },
    configuration: { ...configuration!, type, key: type },
    sighting: {
      object: aPod(),
      finding: container === undefined ? finding : { ...finding, container },
      owners: [],
      isWitnessed: true,
    },
  });
};

const other = (types: string[], over: Record<string, unknown> = {}) =>
  aHook(types, { name: 'other', uid: 'other-uid', ...over });

beforeEach(() => {
  vi.useFakeTimers({ now: noon + 20_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('an edge', () => {
  it('occurs once, however often the Pod changes while it is visible', async () => {
    const { show, news } = aScene(aHook(['oom-kill']));
    await show(aPod());
    await show(killed('OOMKilled'));
    await show({ ...killed('OOMKilled'), resourceVersion: '3' });
    await show({ ...killed('OOMKilled', { ready: false }), resourceVersion: '4' });
    expect(news()).toEqual(['occurred oom-kill checkout']);
  });

  it('occurs again with the next termination of the same container', async () => {
    const { show, queued } = aScene(aHook(['oom-kill']));
    const record = { exitCode: 137, reason: 'OOMKilled', message: '', finishedAt: at(15) };
    await show(aPod());
    await show(killed('OOMKilled'));
    await show(killed('OOMKilled', { restartCount: 2, lastTerminated: { ...record, containerID: 'containerd://a1' } }));
    const ids = queued.map((item) => (item.kind === 'occurred' ? item.incident.occurrence.id : item.kind));
    expect(ids).toEqual(['pod-uid/app/containerd://a0', 'pod-uid/app/containerd://a1']);
    expect(new Set(queued.map(({ workflowId }) => workflowId)).size).toBe(1);
  });

  it('occurs for every Hook of the namespace that asks for it, and for no Hook of another', async () => {
    const elsewhere = aHook(['oom-kill'], { namespace: 'bank', name: 'elsewhere', uid: 'elsewhere-uid' });
    const third = aHook(['pod-pending'], { name: 'third', uid: 'third-uid' });
    const { show, queued, news } = aScene(aHook(['oom-kill']), other(['oom-kill']), elsewhere, third);
    await show(aPod());
    await show(killed('OOMKilled'));
    expect(new Set(queued.map(({ workflowId }) => workflowId)).size).toBe(2);
    expect(news()).toEqual(['occurred oom-kill checkout', 'occurred oom-kill other']);
  });

  it('that was there when the Pod was first seen is news only if it happened late enough', async () => {
    const { show, listen, news } = aScene();
    listen(aHook(['oom-kill']), noon + 10_000);
    listen(other(['oom-kill']), noon + 10_001);
    await show(killed('OOMKilled'));
    expect(news()).toEqual(['occurred oom-kill checkout']);
  });

  it('that we saw happen is news whatever its clock says', async () => {
    const { show, listen, news } = aScene();
    listen(aHook(['oom-kill']), noon + 999_999);
    await show(aPod());
    await show(killed('OOMKilled'));
    expect(news()).toEqual(['occurred oom-kill checkout']);
  });

  it('has no end: nothing is resolved when it is not visible any more, nor when the Pod goes', async () => {
    const { show, news } = aScene(aHook(['oom-kill']));
    await show(aPod());
    await show(killed('OOMKilled'));
    await show(aPod());
    await show(killed('OOMKilled'));
    await show(undefined);
    expect(news().filter((line) => line.startsWith('resolved'))).toEqual([]);
  });
});

describe('a termination', () => {
  it('waits two seconds for a better cause only where the Hook has a type for it', async () => {
    const { show, news } = aScene(aHook(['pod-restart', 'oom-kill']), other(['pod-restart']));
    await show(aPod());
    await show(killed('Error'));
    expect(news()).toEqual(['occurred pod-restart other']);
    await vi.advanceTimersByTimeAsync(1_999);
    expect(news()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(news()).toEqual(['occurred pod-restart checkout']);
  });

  it('that turns out to be an OOM kill within these two seconds occurs as such only', async () => {
    const { show, news } = aScene(aHook(['pod-restart', 'oom-kill']));
    await show(aPod());
    await show(killed('Error'));
    await vi.advanceTimersByTimeAsync(1_000);
    await show({ ...killed('OOMKilled'), resourceVersion: '3' });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(news()).toEqual(['occurred oom-kill checkout']);
  });

  it('that a Hook took as a restart does not occur for it again as an OOM kill, but the restart learns its cause', async () => {
    const { show, news, queued } = aScene(aHook(['pod-restart', 'oom-kill']), other(['oom-kill']));
    await show(aPod());
    await show(killed('Error'));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(news()).toEqual(['occurred pod-restart checkout']);
    await show({ ...killed('OOMKilled'), resourceVersion: '3' });
    const update = queued.find((item) => item.kind === 'occurred' && item.incident.type === 'pod-restart');
    expect(update).toMatchObject({ incident: { occurrence: { cause: 'oom' } } });
    expect(news().toSorted()).toEqual(['occurred oom-kill other', 'occurred pod-restart checkout']);
    await show({ ...killed('OOMKilled'), resourceVersion: '4' });
    expect(news()).toEqual([]);
  });

  it('that is an OOM kill from the beginning occurs as such only', async () => {
    const { show, news } = aScene(aHook(['pod-restart', 'oom-kill']), other(['pod-restart']));
    await show(aPod());
    await show(killed('OOMKilled'));
    expect(news()).toEqual(['occurred oom-kill checkout', 'occurred pod-restart other']);
  });

  const held = (message = 'x') => {
    const record = {
      exitCode: 128,
      reason: 'StartError',
      message,
      startedAt: '1970-01-01T00:00:00Z',
      finishedAt: at(10),
    };
    const waiting = { reason: 'CrashLoopBackOff', message: '' };
    return aPod({
      containers: [
        aContainer({ running: false, waiting, lastTerminated: { ...record, containerID: 'containerd://a0' } }),
      ],
    });
  };

  it('of a container that cannot be started waits for the state that this is, and occurs as that only', async () => {
    const { show, news } = aScene(aHook(['pod-restart', 'container-config-error']), other(['pod-restart']));
    await show(aPod());
    await show(held());
    expect(news()).toEqual(['occurred pod-restart other']);
    await vi.advanceTimersByTimeAsync(29_999);
    expect(news()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(news()).toEqual(['occurred container-config-error checkout']);
    await vi.advanceTimersByTimeAsync(60_000);
    await show({ ...held(), resourceVersion: '9' });
    expect(news()).toEqual([]);
  });

  it('waits for a state no longer than a minute, however late that counts', async () => {
    const hook = aHook(['pod-restart', 'container-config-error']);
    const configurations = hook.configurations.map((each) => ({ ...each, afterMs: 600_000 }));
    const { show, news } = aScene({ ...hook, configurations });
    await show(aPod());
    await show(held());
    await vi.advanceTimersByTimeAsync(60_000);
    const { waiting: _, ...started } = held().containers[0]!;
    await show(aPod({ containers: [{ ...started, running: true, restartCount: 1, containerID: 'containerd://a1' }] }));
    await vi.advanceTimersByTimeAsync(600_000);
    expect(news()).toEqual([]);
  });

  it('of a container that could be started after all within that time is a restart', async () => {
    const { show, news } = aScene(aHook(['pod-restart', 'container-config-error']));
    await show(aPod());
    await show(held());
    await vi.advanceTimersByTimeAsync(20_000);
    const { waiting: _, ...started } = held().containers[0]!;
    await show(aPod({ containers: [{ ...started, running: true, restartCount: 1, containerID: 'containerd://a1' }] }));
    expect(news()).toEqual(['occurred pod-restart checkout']);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(news()).toEqual([]);
  });

  it('that turns out to be another trouble than it was taken for stays with who took it', async () => {
    const { observer, show, news } = aScene(aHook(['pod-restart', 'container-config-error']));
    const crashed = held().containers[0]!;
    const lastTerminated = { exitCode: 137, reason: 'Error', message: '', startedAt: at(5), finishedAt: at(12) };
    await show(aPod());
    await show(aPod({ containers: [{ ...crashed, lastTerminated }] }));
    expect(news()).toEqual(['occurred pod-restart checkout']);
    const hook = anEvent({ reason: 'FailedPostStartHook', message: 'PostStartHook failed' });
    await observer.eventChanged(undefined, hook);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(news()).toEqual(['occurred pod-restart checkout']);
  });

  it('that ends its Pod for good is one agent of a Hook, also where its reason comes late', async () => {
    const { show, news } = aScene(aHook(['pod-failed', 'oom-kill', 'pod-restart']), other(['pod-failed']));
    const over = (reason: string) => {
      const terminated = { exitCode: 137, reason, message: '', finishedAt: at(10), containerID: 'containerd://a0' };
      return aPod({ phase: 'Failed', containers: [aContainer({ running: false, terminated })] });
    };
    await show(aPod());
    await show(over('Error'));
    expect(news()).toEqual(['occurred pod-failed other']);
    await vi.advanceTimersByTimeAsync(1_000);
    await show({ ...over('OOMKilled'), resourceVersion: '3' });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(news().toSorted()).toEqual(['occurred oom-kill checkout', 'occurred pod-failed other']);
  });

  it('is taken per termination: the next one may be an OOM kill', async () => {
    const { show, news } = aScene(aHook(['pod-restart', 'oom-kill']));
    const record = { exitCode: 137, reason: 'OOMKilled', message: '', finishedAt: at(15) };
    await show(aPod());
    await show(killed('Error'));
    await vi.advanceTimersByTimeAsync(2_000);
    await show(killed('x', { restartCount: 2, lastTerminated: { ...record, containerID: 'containerd://a1' } }));
    expect(news()).toEqual(['occurred pod-restart checkout', 'occurred oom-kill checkout']);
  });
});

describe('a state', () => {
  it('fires at its deadline although nothing is ever written to the Pod again', async () => {
    const { show, news, openIds } = aScene(aHook(['pod-pending']));
    await show(pending());
    await vi.advanceTimersByTimeAsync(279_999);
    expect(news()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(news()).toEqual(['occurred pod-pending checkout']);
    expect(openIds()).not.toEqual([]);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(news()).toEqual([]);
  });

  it('does not fire when it has ended before its deadline, and resolves nothing', async () => {
    const { show, news, openIds } = aScene(aHook(['pod-pending']));
    await show(pending());
    await show(aPod());
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(news()).toEqual([]);
    expect(openIds()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that ends is resolved for each Hook that configures its type, under the id of the incident', async () => {
    const hooks = [aHook(['probe-failed']), other(['probe-failed', 'oom-kill'])];
    const third = aHook(['oom-kill'], { name: 'third', uid: 'third-uid' });
    const { show, queued, openIds } = aScene(...hooks, third);
    await show(unready(at(-60)));
    const opened = queued.splice(0);
    expect(opened.map(({ workflowId }) => workflowId)).toEqual(hooks.map((hook) => idOf(hook, 'probe-failed', 'app')));
    expect(openIds()).not.toEqual([]);
    await show(aPod());
    expect(queued.map(({ kind, workflowId }) => [kind, workflowId])).toEqual(
      opened.map(({ workflowId }) => ['resolved', workflowId]),
    );
    const [first] = opened;
    const id = first?.kind === 'occurred' ? first.incident.occurrence.id : '';
    expect(queued[0]).toMatchObject({ signal: { occurrenceId: id, at: '2026-09-01T12:00:20.000Z' } });
    expect(openIds()).toEqual([]);
  });

  it('that ends and begins again within one change is resolved, and occurs when it has held by our own clock', async () => {
    const { show, news } = aScene(aHook(['probe-failed']));
    await show(unready(at(-60)));
    news();
    await show(unready(at(-40)));
    expect(news().map((line) => line.split(' ')[0])).toEqual(['resolved']);
    await vi.advanceTimersByTimeAsync(29_999);
    expect(news()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(news().map((line) => line.split(' ')[0])).toEqual(['occurred']);
  });

  it.each([-1200, 0, 1200])(
    'counts by our clock where we saw it begin, with a node clock off by %d s',
    async (skew) => {
      const { show, news } = aScene(aHook(['probe-failed']));
      await show(aPod());
      await show(unready(at(20 + skew)));
      await vi.advanceTimersByTimeAsync(29_999);
      expect(news()).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      expect(news()).toEqual(['occurred probe-failed checkout']);
    },
  );

  it('is over when the Pod is gone, and its clock with it', async () => {
    const hook = aHook(['pod-pending']);
    const { show, news, openIds } = aScene(hook);
    await show(pending({ createdAt: at(-400) }));
    news();
    await show(undefined);
    expect(news()).toEqual([`resolved pod-uid/Pending/${at(-400)} ${idOf(hook, 'pod-pending')}`]);
    expect(openIds()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is over once only when the Pod is first being deleted and then gone', async () => {
    const { show, queued } = aScene(aHook(['pod-pending']));
    await show(pending({ createdAt: at(-400) }));
    await show(pending({ createdAt: at(-400), isBeingDeleted: true }));
    await show(undefined);
    expect(queued.map(({ kind }) => kind)).toEqual(['occurred', 'resolved']);
  });

  it('of a Pod that goes before its deadline never fires', async () => {
    const { show, news } = aScene(aHook(['pod-pending']));
    await show(pending());
    await show(undefined);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(news()).toEqual([]);
  });

  it('occurs anew when it becomes true again', async () => {
    const { show, news } = aScene(aHook(['probe-failed']));
    await show(unready(at(-60)));
    await show(aPod());
    await show(unready(at(-31)));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(news().map((line) => line.split(' ')[0])).toEqual(['occurred', 'resolved', 'occurred']);
  });

  it('has a clock that stops with the observer', async () => {
    const { show, news, observer } = aScene(aHook(['pod-pending']));
    await show(pending());
    observer.stop();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(news()).toEqual([]);
  });

  const condition = (status: string, reason: string, since = at(0)) => ({
    conditions: { PodScheduled: { status, reason, message: '', since } },
  });

  it('that a gate held back counts from when the gate went, whatever it is about then', async () => {
    const { show, news } = aScene(aHook(['pod-pending']));
    const gated = pending({ isGated: true, ...condition('False', 'SchedulingGated') });
    await show(gated);
    await vi.advanceTimersByTimeAsync(2_400_000);
    await show({ ...gated, isGated: false });
    await vi.advanceTimersByTimeAsync(6_000);
    await show(pending(condition('False', 'Unschedulable')));
    await vi.advanceTimersByTimeAsync(293_999);
    expect(news()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(news()).toEqual(['occurred pod-pending checkout']);
  });

  it('counts on when it is bound, for whom knew it before, and from then for whom did not', async () => {
    const { show, news } = aScene(aHook(['pod-pending']));
    await show(pending(condition('False', 'Unschedulable')));
    await vi.advanceTimersByTimeAsync(220_000);
    const bound = pending(condition('True', '', at(240)));
    await show({ ...bound, uid: 'late-uid', name: 'late' });
    await show(bound);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(news()).toEqual(['occurred pod-pending checkout']);
    await vi.advanceTimersByTimeAsync(239_999);
    expect(news()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(news()).toEqual(['occurred pod-pending checkout']);
  });

  it('with a deadline beyond what a timer can hold fires neither early nor in a storm', async () => {
    const { show, news } = aScene(aHook(['pod-pending']));
    await show(pending({ createdAt: '2026-12-01T12:00:00Z' }));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(news()).toEqual([]);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(92 * 24 * 3_600_000);
    expect(news()).toEqual(['occurred pod-pending checkout']);
  });
});

describe('a Hook that comes later', () => {
  it('gets states that are true now and edges since its own beginning, the others get nothing', async () => {
    const { observer, listen, show, news } = aScene(aHook(['oom-kill', 'probe-failed']));
    const both = killed('OOMKilled', { ready: false, hasReadinessProbe: true });
    const since = { status: 'False', reason: '', message: '', since: at(-60) };
    await show({ ...both, conditions: { ContainersReady: since } });
    news();
    await observer.hookChanged(listen(other(['oom-kill', 'probe-failed']), noon + 11_000));
    expect(news()).toEqual(['occurred probe-failed other']);
    await observer.hookChanged(listen(other(['oom-kill', 'probe-failed']), noon + 10_000));
    expect(news().toSorted()).toEqual(['occurred oom-kill other', 'occurred probe-failed other']);
  });

  it('is shown the Pods of its own namespace only', async () => {
    const { observer, listen, show, news } = aScene(aHook(['pod-pending'], { namespace: 'bank', uid: 'bank-uid' }));
    await show(pending({ createdAt: at(-400), namespace: 'bank' }));
    news();
    await observer.hookChanged(listen(other(['pod-pending'])));
    expect(news()).toEqual([]);
  });

  it('gets the end of a state that it took, also after it was edited', async () => {
    const { observer, listen, show, queued } = aScene();
    await show(unready(at(-60)));
    const late = other(['probe-failed']);
    await observer.hookChanged(listen(late));
    await observer.hookChanged(listen(other(['oom-kill'])));
    await show(aPod());
    expect(queued.map(({ kind, workflowId }) => [kind, workflowId])).toEqual([
      ['occurred', idOf(late, 'probe-failed', 'app')],
      ['resolved', idOf(late, 'probe-failed', 'app')],
    ]);
  });

  it('gets no second incident of a termination that it knows as a restart', async () => {
    const { observer, listen, show, news } = aScene(aHook(['pod-restart', 'oom-kill']));
    await show(aPod());
    await show(killed('Error'));
    await vi.advanceTimersByTimeAsync(2_000);
    await show(killed('OOMKilled'));
    news();
    await observer.hookChanged(listen(aHook(['pod-restart', 'oom-kill'])));
    expect(news().filter((line) => line.includes('oom-kill'))).toEqual([]);
  });
});

describe('a Hook that is deleted', () => {
  it('is waited for no more: no deadline of its own stays, not even in the past', async () => {
    const { observer, listen, remove, show, news } = aScene();
    await observer.hookChanged(listen(aHook(['pod-pending'])));
    for (const index of [0, 1, 2]) await show(pending({ uid: `uid-${index}`, name: `web-${index}` }));
    expect(vi.getTimerCount()).toBe(1);
    remove('hook-uid');
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(vi.getTimerCount()).toBe(0);
    expect(news()).toEqual([]);
  });

  it('leaves the deadlines of the others as they are', async () => {
    const { remove, show, news } = aScene(aHook(['pod-pending']), other(['pod-pending']));
    await show(pending());
    remove('hook-uid');
    await vi.advanceTimersByTimeAsync(280_000);
    expect(news()).toEqual(['occurred pod-pending other']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('still has its execution notified of the end of a state, once', async () => {
    const { remove, show, news } = aScene(aHook(['probe-failed']));
    await show(unready(at(-60)));
    news();
    remove('hook-uid');
    await show(aPod());
    await show(undefined, 'pod-uid');
    expect(news().map((line) => line.split(' ')[0])).toEqual(['resolved']);
  });
});

describe('a workload', () => {
  const replicas = { kind: 'ReplicaSet', name: 'web-7d9', uid: 'rs-uid' };
  const deployment = { kind: 'Deployment', name: 'web', uid: 'deployment-uid' };
  const member = (index: number, pod: PodView) => ({
    ...pod,
    uid: `uid-${index}`,
    name: `web-${index}`,
    owner: replicas,
  });

  it('whose Pods all have the same trouble is one incident, which ends with the last of them', async () => {
    const { show, queued, links, openIds } = aScene(aHook(['probe-failed']));
    links.set('rs-uid', deployment);
    for (let index = 0; index < 60; index += 1) await show(member(index, unready(at(-60))));
    expect(new Set(queued.map(({ workflowId }) => workflowId)).size).toBe(1);
    expect(queued[0]).toMatchObject({
      incident: { subject: { kind: 'Pod', name: 'web-0' }, group: deployment, owner: { name: 'web' } },
    });
    const [{ workflowId } = { workflowId: '' }] = queued.splice(0);
    expect(openIds()).toEqual([workflowId]);
    for (let index = 59; index > 0; index -= 1) await show(member(index, aPod()));
    expect(queued).toEqual([]);
    await show(undefined, 'uid-0');
    // By the name of the occurrence that the execution surely remembers, and not of the one that began long ago.
    expect(queued).toMatchObject([
      { kind: 'resolved', workflowId, signal: { occurrenceId: expect.stringContaining('uid-59') } },
    ]);
  });

  it('is many incidents where the configuration keeps Pods apart', async () => {
    const { show, queued, links, listen } = aScene();
    links.set('rs-uid', deployment);
    const hook = aHook(['probe-failed']);
    listen({ ...hook, configurations: hook.configurations.map((one) => ({ ...one, groupBy: 'pod' })) });
    for (const index of [0, 1, 2]) await show(member(index, unready(at(-60))));
    expect(new Set(queued.map(({ workflowId }) => workflowId)).size).toBe(3);
  });
});

describe('a node that reboots', () => {
  const rebooted = (name: string) =>
    aContainer({
      name,
      restartCount: 1,
      containerID: `containerd://${name}1`,
      lastTerminated: { exitCode: 255, reason: 'Unknown', message: '', finishedAt: at(10), containerID: `${name}0` },
    });

  it('is one incident of each Hook, whatever its Pods and their containers are called', async () => {
    const { show, queued } = aScene(aHook(['pod-restart']));
    await show(aPod({ containers: [rebooted('app'), rebooted('sidecar')] }));
    await show(aPod({ uid: 'db-uid', name: 'db-0', containers: [rebooted('postgres')] }));
    const incidents = queued.flatMap((item) => (item.kind === 'occurred' ? [item.incident] : []));
    expect(incidents.map(({ occurrence }) => occurrence.container)).toEqual(['app', 'sidecar', 'postgres']);
    expect(new Set(queued.map(({ workflowId }) => workflowId.replace(/[0-9a-f]{16}$/, 'KEY')))).toEqual(
      new Set(['test/shop/checkout/pod-restart/Node/node-a/KEY']),
    );
    expect(new Set(queued.map(({ workflowId }) => workflowId)).size).toBe(1);
    expect(incidents.map(({ container }) => container)).toEqual([undefined, undefined, undefined]);
  });
});

describe('an owner that cannot be asked for', () => {
  const orphan = { ...unready(at(-60)), owner: { kind: 'ReplicaSet', name: 'web', uid: 'rs-uid' } };

  it('is asked for again, and the incident waits for it', async () => {
    const { observer, show, learned, news } = aScene(aHook(['probe-failed']));
    learned.failures.push(true, true);
    await show(orphan);
    await vi.advanceTimersByTimeAsync(10);
    expect(news()).toEqual([]);
    await vi.advanceTimersByTimeAsync(20_000);
    await observer.held.settled();
    expect(learned.count).toBe(3);
    expect(news()).toEqual(['occurred probe-failed checkout']);
  });

  it('for half a minute is gone on without: no incident is lost for a name', async () => {
    const { observer, show, learned, news } = aScene(aHook(['probe-failed']));
    learned.failures.push(...Array.from({ length: 1000 }, () => true));
    await show(orphan);
    await vi.advanceTimersByTimeAsync(120_000);
    await observer.held.settled();
    expect(news()).toEqual(['occurred probe-failed checkout']);
  });

  it('holds up no other Pod, and is known to hold something', async () => {
    const { observer, show, learned, news } = aScene(aHook(['probe-failed']));
    learned.failures.push(true);
    await show(orphan);
    expect(observer.held.oldestMs()).toBe(noon);
    await show({ ...unready(at(-60)), uid: 'neighbour-uid', name: 'neighbour' });
    expect(news()).toHaveLength(1);
    await observer.held.settled();
    expect(news()).toHaveLength(1);
    expect(observer.held.oldestMs()).toBeUndefined();
  });

  it('does not lose what happens to its Pod meanwhile: that it has recovered is queued behind it', async () => {
    const { observer, show, learned, news } = aScene(aHook(['probe-failed']));
    learned.failures.push(true);
    await show(orphan);
    await show(undefined);
    expect(news()).toEqual([]);
    await observer.held.settled();
    expect(news().map((line) => line.split(' ')[0])).toEqual(['occurred', 'resolved']);
  });
});

describe('an Event', () => {
  it('that reports a liveness kill brings the kill to light, though the Pod itself did not change', async () => {
    const { observer, show, news } = aScene(aHook(['probe-failed']));
    await show(aPod({ containers: [aContainer({ startedAt: at(0) })] }));
    const kill = anEvent({
      reason: 'Killing',
      type: 'Normal',
      message: 'Container app failed liveness probe, will be restarted',
    });
    await observer.eventChanged(undefined, kill);
    await observer.eventChanged(kill, { ...kill, resourceVersion: '2' });
    expect(news()).toEqual(['occurred probe-failed checkout']);
  });

  it('of another namespace with the uid of the Pod brings nothing to light', async () => {
    const { observer, show, news } = aScene(aHook(['probe-failed']));
    await show(aPod({ containers: [aContainer({ startedAt: at(0) })] }));
    const about = { kind: 'Pod', namespace: 'attacker', name: 'web-0', uid: 'pod-uid' };
    const message = 'Container app failed liveness probe, will be restarted';
    await observer.eventChanged(
      undefined,
      anEvent({ reason: 'Killing', type: 'Normal', namespace: 'attacker', message, about }),
    );
    expect(news()).toEqual([]);
  });

  it('of a static Pod brings to light what it says of the Pod that stands for it, as long as that is the same', async () => {
    const { observer, show, news } = aScene(aHook(['probe-failed']));
    const kill = (uid: string, name = 'web-0') =>
      anEvent({
        uid: `kill-${uid}-${name}`,
        reason: 'Killing',
        type: 'Normal',
        message: 'Container app failed liveness probe, will be restarted',
        about: { kind: 'Pod', namespace: 'shop', name, uid },
      });
    const mirror = aPod({ staticUid: 'hash-1', containers: [aContainer({ startedAt: at(0) })] });
    await show(mirror);
    await observer.eventChanged(undefined, kill('hash-2'));
    await observer.eventChanged(undefined, kill('hash-1', 'web-1'));
    expect(news()).toEqual([]);
    await observer.eventChanged(undefined, kill('hash-1'));
    expect(news()).toEqual(['occurred probe-failed checkout']);
    // Its file was changed: the kubelet makes another one under the same name.
    await show({ ...mirror, uid: 'next-uid', staticUid: 'hash-2', resourceVersion: '2' });
    await show(undefined, 'pod-uid');
    await observer.eventChanged(undefined, kill('hash-2'));
    expect(news()).toEqual(['occurred probe-failed checkout']);
  });

  it('from before the Hook is no news', async () => {
    const { observer, listen, show, news } = aScene();
    listen(aHook(['probe-failed']), noon + 60_000);
    await show(aPod({ containers: [aContainer({ startedAt: at(0) })] }));
    const kill = anEvent({
      reason: 'Killing',
      type: 'Normal',
      message: 'Container app failed liveness probe, will be restarted',
    });
    await observer.eventChanged(undefined, kill);
    expect(news()).toEqual([]);
  });
});

it('an incident carries what the Hook wants done and what the Pod is', async () => {
  const { show, queued } = aScene(aHook(['oom-kill']));
  const owner = { kind: 'StatefulSet', name: 'web', uid: 'web-uid' };
  await show(aPod());
  await show({ ...killed('OOMKilled'), owner });
  expect(queued[0]).toMatchObject({
    incident: {
      installation,
      type: 'oom-kill',
      nature: 'edge',
      hook: { namespace: 'shop', name: 'checkout', uid: 'hook-uid', generation: 1 },
      agent: { namespace: 'shop', name: 'memory-analyzer' },
      subject: { kind: 'Pod', namespace: 'shop', name: 'web-0', uid: 'pod-uid' },
      container: 'app',
      owner: { kind: 'StatefulSet', name: 'web' },
    },
  });
});
