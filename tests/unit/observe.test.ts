/** What the observer hands over, seen from the queue behind it. The detectors are the real ones. */
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Handover } from '../../watcher/handover.ts';
import { workflowIdFor } from '../../watcher/incident-of.ts';
import type { LiveHook } from '../../watcher/live-hook.ts';
import type { Listener } from '../../watcher/match.ts';
import { createObserver } from '../../watcher/observe.ts';
import type { ContainerView, PodView } from '../../watcher/pod-view.ts';
import type { Incident, ResolvedSignal } from '../../workflows/contract/incident.ts';
import { aContainer, aFinding, aHook, anIncident, aPod, at, noon } from '../make.ts';

const { installation, timing } = anIncident();
const ours = { name: installation, cluster: { uid: 'cluster-uid' }, timing };

type Told =
  | { kind: 'occurred'; workflowId: string; incident: Incident }
  | { kind: 'resolved'; workflowId: string; signal: ResolvedSignal };

function aScene(...hooks: LiveHook[]) {
  const listeners: Listener[] = hooks.map((hook) => ({ hook, edgesFromMs: noon }));
  const told: Told[] = [];
  const handover: Handover = {
    occurred: async (workflowId, incident) => void told.push({ kind: 'occurred', workflowId, incident }),
    resolved: async (workflowId, signal) => void told.push({ kind: 'resolved', workflowId, signal }),
    oldestWaitingMs: () => undefined,
    counts: () => ({}),
    settled: async () => undefined,
  };
  const observer = createObserver({
    installation: ours,
    thresholds: { pendingAfterMs: 300_000, unreadyAfterMs: 30_000 },
    listenersIn: (namespace) => listeners.filter(({ hook }) => hook.namespace === namespace),
    handover,
    log: pino({ level: 'silent' }),
    nowMs: Date.now,
  });
  let pod: PodView | undefined;
  const show = async (next: PodView | undefined) => {
    const before = pod;
    pod = next;
    await observer.podChanged(before, next);
  };
  /** What was told since the last time, as `kind type hook`. */
  const news = () =>
    told
      .splice(0)
      .map((item) =>
        item.kind === 'occurred'
          ? `occurred ${item.incident.type} ${item.incident.hook.name}`
          : `resolved ${item.signal.occurrenceId} ${item.workflowId}`,
      );
  return { observer, listeners, told, show, news, pods: () => (pod === undefined ? [] : [pod]) };
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
    containersReady: { status: 'False', reason: 'ContainersNotReady', message: '', since },
  });

const idOf = (hook: LiveHook, type: 'pod-pending' | 'probe-failed', container?: string) => {
  const { container: _, ...finding } = aFinding({ type });
  return workflowIdFor(ours, hook, {
    pod: aPod(),
    finding: container === undefined ? finding : { ...finding, container },
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
  it('is told once, however often the Pod changes while it is visible', async () => {
    const { show, news } = aScene(aHook(['oom-kill']));
    await show(aPod());
    await show(killed('OOMKilled'));
    await show({ ...killed('OOMKilled'), resourceVersion: '3' });
    await show({ ...killed('OOMKilled', { ready: false }), resourceVersion: '4' });
    expect(news()).toEqual(['occurred oom-kill checkout']);
  });

  it('is told again for the next termination of the same container', async () => {
    const { show, told } = aScene(aHook(['oom-kill']));
    const record = { exitCode: 137, reason: 'OOMKilled', message: '', finishedAt: at(15) };
    await show(aPod());
    await show(killed('OOMKilled'));
    await show(killed('OOMKilled', { restartCount: 2, lastTerminated: { ...record, containerID: 'containerd://a1' } }));
    const ids = told.map((item) => (item.kind === 'occurred' ? item.incident.occurrence.id : item.kind));
    expect(ids).toEqual(['pod-uid/app/containerd://a0', 'pod-uid/app/containerd://a1']);
    expect(new Set(told.map(({ workflowId }) => workflowId)).size).toBe(1);
  });

  it('is told to every Hook of the namespace that wants it, and to no Hook of another', async () => {
    const elsewhere = aHook(['oom-kill'], { namespace: 'bank', name: 'elsewhere', uid: 'elsewhere-uid' });
    const third = aHook(['pod-pending'], { name: 'third', uid: 'third-uid' });
    const { show, told, news } = aScene(aHook(['oom-kill']), other(['oom-kill']), elsewhere, third);
    await show(aPod());
    await show(killed('OOMKilled'));
    expect(new Set(told.map(({ workflowId }) => workflowId)).size).toBe(2);
    expect(news()).toEqual(['occurred oom-kill checkout', 'occurred oom-kill other']);
  });

  it('that was there when the Pod was first seen is news only if it happened late enough', async () => {
    const { show, listeners, news } = aScene(aHook(['oom-kill']), other(['oom-kill']));
    listeners[0]!.edgesFromMs = noon + 10_000;
    listeners[1]!.edgesFromMs = noon + 10_001;
    await show(killed('OOMKilled'));
    expect(news()).toEqual(['occurred oom-kill checkout']);
  });

  it('that we saw happen is news whatever its clock says', async () => {
    const { show, listeners, news } = aScene(aHook(['oom-kill']));
    listeners[0]!.edgesFromMs = noon + 999_999;
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
  it('that a Hook was told of as a restart is not told to it again as an OOM kill', async () => {
    const { show, news } = aScene(aHook(['pod-restart', 'oom-kill']), other(['oom-kill']));
    await show(aPod());
    await show(killed('Error'));
    expect(news()).toEqual(['occurred pod-restart checkout']);
    await show({ ...killed('OOMKilled'), resourceVersion: '3' });
    expect(news()).toEqual(['occurred oom-kill other']);
    await show({ ...killed('OOMKilled'), resourceVersion: '4' });
    expect(news()).toEqual([]);
  });

  it('that is an OOM kill from the beginning is told as such only', async () => {
    const { show, news } = aScene(aHook(['pod-restart', 'oom-kill']), other(['pod-restart']));
    await show(aPod());
    await show(killed('OOMKilled'));
    expect(news()).toEqual(['occurred oom-kill checkout', 'occurred pod-restart other']);
  });

  it('is taken per termination: the next one may be an OOM kill', async () => {
    const { show, news } = aScene(aHook(['pod-restart', 'oom-kill']));
    const record = { exitCode: 137, reason: 'OOMKilled', message: '', finishedAt: at(15) };
    await show(aPod());
    await show(killed('Error'));
    await show(killed('x', { restartCount: 2, lastTerminated: { ...record, containerID: 'containerd://a1' } }));
    expect(news()).toEqual(['occurred pod-restart checkout', 'occurred oom-kill checkout']);
  });
});

describe('a state', () => {
  it('fires at its deadline although nothing is ever written to the Pod again', async () => {
    const { show, news, observer } = aScene(aHook(['pod-pending']));
    await show(pending());
    await vi.advanceTimersByTimeAsync(279_999);
    expect(news()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(news()).toEqual(['occurred pod-pending checkout']);
    expect(observer.isFiring('pod-uid', 'pod-pending', undefined)).toBe(true);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(news()).toEqual([]);
  });

  it('does not fire when it has ended before its deadline, and resolves nothing', async () => {
    const { show, news, observer } = aScene(aHook(['pod-pending']));
    await show(pending());
    await show(aPod());
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(news()).toEqual([]);
    expect(observer.isFiring('pod-uid', 'pod-pending', undefined)).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that ends is resolved for each Hook that configures its type, under the id of the incident', async () => {
    const hooks = [aHook(['probe-failed']), other(['probe-failed', 'oom-kill'])];
    const third = aHook(['oom-kill'], { name: 'third', uid: 'third-uid' });
    const { show, told, observer } = aScene(...hooks, third);
    await show(unready(at(-60)));
    const opened = told.splice(0);
    expect(opened.map(({ workflowId }) => workflowId)).toEqual(hooks.map((hook) => idOf(hook, 'probe-failed', 'app')));
    expect(observer.isFiring('pod-uid', 'probe-failed', 'app')).toBe(true);
    await show(aPod());
    expect(told.map(({ kind, workflowId }) => [kind, workflowId])).toEqual(
      opened.map(({ workflowId }) => ['resolved', workflowId]),
    );
    const [first] = opened;
    const id = first?.kind === 'occurred' ? first.incident.occurrence.id : '';
    expect(told[0]).toMatchObject({ signal: { occurrenceId: id, at: '2026-09-01T12:00:20.000Z' } });
    expect(observer.isFiring('pod-uid', 'probe-failed', 'app')).toBe(false);
  });

  it('that ends and begins again within one change is the old one resolved and a new one told', async () => {
    const { show, news } = aScene(aHook(['probe-failed']));
    await show(unready(at(-60)));
    news();
    await show(unready(at(-40)));
    expect(news().map((line) => line.split(' ')[0])).toEqual(['occurred', 'resolved']);
  });

  it('is over when the Pod is gone, and its clock with it', async () => {
    const hook = aHook(['pod-pending']);
    const { show, news, observer } = aScene(hook);
    await show(pending({ createdAt: at(-400) }));
    news();
    await show(undefined);
    expect(news()).toEqual([`resolved pod-uid/Pending/${at(-400)} ${idOf(hook, 'pod-pending')}`]);
    expect(observer.isFiring('pod-uid', 'pod-pending', undefined)).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is over once only when the Pod is first being deleted and then gone', async () => {
    const { show, told } = aScene(aHook(['pod-pending']));
    await show(pending({ createdAt: at(-400) }));
    await show(pending({ createdAt: at(-400), isBeingDeleted: true }));
    await show(undefined);
    expect(told.map(({ kind }) => kind)).toEqual(['occurred', 'resolved']);
  });

  it('of a Pod that goes before its deadline never fires', async () => {
    const { show, news } = aScene(aHook(['pod-pending']));
    await show(pending());
    await show(undefined);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(news()).toEqual([]);
  });

  it('is told about anew when it becomes true again', async () => {
    const { show, news } = aScene(aHook(['probe-failed']));
    await show(unready(at(-60)));
    await show(aPod());
    await show(unready(at(-31)));
    expect(news().map((line) => line.split(' ')[0])).toEqual(['occurred', 'resolved', 'occurred']);
  });

  it('has a clock that stops with the observer', async () => {
    const { show, news, observer } = aScene(aHook(['pod-pending']));
    await show(pending());
    observer.stop();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(news()).toEqual([]);
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
  it('is told of states that are true now and of edges since its own beginning, the others of nothing', async () => {
    const { observer, listeners, show, news, pods } = aScene(aHook(['oom-kill', 'probe-failed']));
    const both = { ...killed('OOMKilled', { ready: false, hasReadinessProbe: true }) };
    const since = { status: 'False', reason: '', message: '', since: at(-60) };
    await show(aPod());
    await show({ ...both, containersReady: since });
    news();
    const late = { hook: other(['oom-kill', 'probe-failed']), edgesFromMs: noon + 11_000 };
    listeners.push(late);
    await observer.hookChanged(late, pods());
    expect(news()).toEqual(['occurred probe-failed other']);
    const early = { ...late, edgesFromMs: noon + 10_000 };
    await observer.hookChanged(early, pods());
    expect(news()).toEqual(['occurred oom-kill other', 'occurred probe-failed other']);
  });

  it('is shown the Pods of its own namespace only', async () => {
    const { observer, show, news, pods } = aScene();
    await show(pending({ createdAt: at(-400), namespace: 'bank' }));
    const hook = other(['pod-pending']);
    await observer.hookChanged({ hook, edgesFromMs: noon }, pods());
    expect(news()).toEqual([]);
  });

  it('is told of the end of a state that it was told of', async () => {
    const { observer, listeners, show, told, pods } = aScene();
    await show(unready(at(-60)));
    const late = { hook: other(['probe-failed']), edgesFromMs: noon };
    listeners.push(late);
    await observer.hookChanged(late, pods());
    await show(aPod());
    expect(told.map(({ kind, workflowId }) => [kind, workflowId])).toEqual([
      ['occurred', idOf(late.hook, 'probe-failed', 'app')],
      ['resolved', idOf(late.hook, 'probe-failed', 'app')],
    ]);
  });

  it('is not told of a state that ended, nor of a Pod that went, while other Pods were shown to it', async () => {
    const { observer, show, news, pods } = aScene();
    await show(pending({ createdAt: at(-400) }));
    const stale = pods();
    await show(aPod());
    await observer.hookChanged({ hook: other(['pod-pending']), edgesFromMs: noon }, stale);
    expect(news()).toEqual([]);
    await show(undefined);
    await observer.hookChanged({ hook: other(['pod-pending']), edgesFromMs: noon }, stale);
    expect(news()).toEqual([]);
    expect(observer.isFiring('pod-uid', 'pod-pending', undefined)).toBe(false);
  });

  it('gets no second incident of a termination that it knows as a restart', async () => {
    const { observer, listeners, show, news, pods } = aScene(aHook(['pod-restart', 'oom-kill']));
    await show(aPod());
    await show(killed('Error'));
    news();
    await show(killed('OOMKilled'));
    await observer.hookChanged(listeners[0]!, pods());
    expect(news()).toEqual([]);
  });
});

it('an incident carries what the Hook wants done and what the Pod is', async () => {
  const { show, told } = aScene(aHook(['oom-kill']));
  const owner = { kind: 'StatefulSet', name: 'web' };
  await show(aPod());
  await show({ ...killed('OOMKilled'), owner });
  expect(told[0]).toMatchObject({
    incident: {
      installation,
      type: 'oom-kill',
      nature: 'edge',
      hook: { namespace: 'shop', name: 'checkout', uid: 'hook-uid', generation: 1 },
      agent: { namespace: 'shop', name: 'memory-analyzer' },
      subject: { kind: 'Pod', namespace: 'shop', name: 'web-0', uid: 'pod-uid' },
      container: 'app',
      owner,
    },
  });
});
