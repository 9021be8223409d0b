/** The parts of the tracker that have a life of their own: deadlines, evidence, listeners. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createListeners } from '../../watcher/hooks/listeners.ts';
import { readHook } from '../../watcher/hooks/live-hook.ts';
import { createDeadlines } from '../../watcher/tracking/deadlines.ts';
import { createEvidence } from '../../watcher/tracking/evidence.ts';
import { createTracker } from '../../watcher/tracking/tracker.ts';
import { aContainer, aHook, aHookObject, anEvent, aPod, noon, oomConfiguration } from '../make.ts';

describe('deadlines', () => {
  it('come in the order of their moments, the newest moment of each object only', () => {
    const deadlines = createDeadlines();
    deadlines.set('a', 30);
    deadlines.set('b', 10);
    deadlines.set('c', 20);
    deadlines.set('a', 5);
    deadlines.set('b', undefined);
    expect(deadlines.nextMs()).toBe(5);
    expect(deadlines.take(19)).toEqual(['a']);
    expect(deadlines.nextMs()).toBe(20);
    expect(deadlines.take(100)).toEqual(['c']);
    expect(deadlines.nextMs()).toBeUndefined();
  });

  it('that are replaced or taken away again and again are not kept', () => {
    const deadlines = createDeadlines();
    for (let n = 0; n < 10_000; n += 1) {
      deadlines.set('a', 1e9 + n);
      deadlines.set('b', n % 2 === 0 ? undefined : 2e9 + n);
    }
    expect(deadlines.size()).toBeLessThan(100);
    expect(deadlines.take(3e9)).toEqual(['a', 'b']);
  });

  it('are those of a simple list, whatever is set and taken', () => {
    const step = fc.oneof(
      fc.record({ uid: fc.constantFrom('a', 'b', 'c'), dueMs: fc.option(fc.nat(20), { nil: undefined }) }),
      fc.record({ takeMs: fc.nat(20) }),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const deadlines = createDeadlines();
        const model = new Map<string, number>();
        for (const one of steps) {
          if ('takeMs' in one) {
            const due = [...model].filter(([, ms]) => ms <= one.takeMs).map(([uid]) => uid);
            expect(deadlines.take(one.takeMs).toSorted()).toEqual(due.toSorted());
            for (const uid of due) model.delete(uid);
          } else {
            deadlines.set(one.uid, one.dueMs);
            if (one.dueMs === undefined) model.delete(one.uid);
            else model.set(one.uid, one.dueMs);
          }
          expect(deadlines.nextMs()).toBe(model.size === 0 ? undefined : Math.min(...model.values()));
        }
      }),
    );
  });
});

describe('evidence', () => {
  const pod = aPod();

  it('keeps the newest state of each Event, oldest first, and leaves out the course of things', () => {
    const evidence = createEvidence();
    expect(evidence.add(anEvent({ uid: 'started', type: 'Normal', reason: 'Started' }))).toBe(false);
    expect(evidence.add(anEvent({ uid: 'b', lastMs: 2000 }))).toBe(true);
    evidence.add(anEvent({ uid: 'a', lastMs: 1000 }));
    evidence.add(anEvent({ uid: 'a', lastMs: 3000, count: 7 }));
    expect(evidence.about(pod).map(({ uid, count }) => [uid, count])).toEqual([
      ['b', 1],
      ['a', 7],
    ]);
  });

  it.each(['TriggeredScaleUp', 'Nominated'])('keeps %s, which says that a node is on its way', (reason) => {
    expect(createEvidence().add(anEvent({ type: 'Normal', reason }))).toBe(true);
  });

  it('of a storm about one Pod stays small, and so does that about very many Pods', () => {
    const evidence = createEvidence();
    for (let n = 0; n < 5000; n += 1) evidence.add(anEvent({ uid: `event-${n}`, lastMs: 1_000_000 + n }));
    expect(evidence.about(pod)).toHaveLength(10);
    expect(evidence.about(pod).at(-1)?.uid).toBe('event-4999');
    for (let n = 0; n < 6000; n += 1) {
      evidence.add(
        anEvent({ uid: `other-${n}`, about: { kind: 'Pod', namespace: 'shop', name: `p-${n}`, uid: `p-${n}` } }),
      );
    }
    expect(evidence.about(pod)).toEqual([]);
    expect(evidence.about(aPod({ uid: 'p-5999', name: 'p-5999' }))).toHaveLength(1);
  });

  it('is found by name where the reporter gives no uid, or gives that of a node as its name', () => {
    const evidence = createEvidence();
    evidence.add(anEvent({ uid: 'a', about: { kind: 'Pod', namespace: 'shop', name: 'web-0', uid: '' } }));
    const about = { kind: 'Node', namespace: '', name: 'node-a', uid: 'node-a' };
    evidence.add(anEvent({ uid: 'b', namespace: 'default', about }));
    expect(evidence.about(pod).map(({ uid }) => uid)).toEqual(['a']);
    const node = { kind: 'Node', uid: 'a-real-uid', namespace: '', name: 'node-a' };
    expect(evidence.about(node).map(({ uid }) => uid)).toEqual(['b']);
  });
});

describe('a refusal by several configurations of one type', () => {
  const agentRef = { name: 'agent' };
  const elsewhere = { eventType: 'oom-kill', name: 'elsewhere', agentRef, match: { names: ['other-*'] } };
  const faulty = {
    eventType: 'oom-kill',
    name: 'faulty',
    agentRef,
    match: { expression: 'incident.labels["a"] == "b"' },
  };

  it.each([[[elsewhere, faulty]], [[faulty, elsewhere]]])(
    'is that of the expression that failed, wherever it stands: %j',
    (eventConfigurations) => {
      const hook = readHook(aHookObject({ eventConfigurations }), { isWide: () => false });
      if (hook === undefined) throw new Error('This is no Hook.');
      const listeners = createListeners(() => true);
      listeners.set({ hook, edgesFromMs: 0 });
      const tracker = createTracker({ listeners, evidence: createEvidence(), ownersOf: () => [], holds: {} });
      const lastTerminated = { exitCode: 137, reason: 'OOMKilled', message: '', containerID: 'containerd://1' };
      const now = aPod({ containers: [aContainer({ restartCount: 1, lastTerminated })] });
      const announcements = tracker.see('Pod', { before: undefined, now, isWitnessed: true, clockMs: noon + 60_000 });
      expect(announcements).toMatchObject([
        { kind: 'refused', configuration: { key: 'faulty' }, refusal: { reason: 'ExpressionFailed' } },
      ]);
    },
  );
});

describe('listeners', () => {
  const wide = (namespaces: string[]) =>
    readHook(aHookObject({ eventConfigurations: [{ ...oomConfiguration, match: { namespaces } }] }, { uid: 'wide' }), {
      isWide: () => true,
    });

  it('are those of the type and the namespace, also after edits and deletions', () => {
    const listeners = createListeners(() => false);
    const names = (type: 'oom-kill' | 'pod-pending', namespace: string) =>
      [...listeners.of(type, namespace)].map(({ hook }) => hook.uid);
    listeners.set({ hook: aHook(['oom-kill']), edgesFromMs: 0 });
    listeners.set({ hook: aHook(['pod-pending'], { uid: 'bank', namespace: 'bank' }), edgesFromMs: 0 });
    expect([names('oom-kill', 'shop'), names('oom-kill', 'bank'), names('pod-pending', 'bank')]).toEqual([
      ['hook-uid'],
      [],
      ['bank'],
    ]);
    listeners.set({ hook: aHook(['pod-pending']), edgesFromMs: 0 });
    expect([names('oom-kill', 'shop'), names('pod-pending', 'shop')]).toEqual([[], ['hook-uid']]);
    listeners.delete('hook-uid');
    expect(names('pod-pending', 'shop')).toEqual([]);
    expect([...listeners.types()]).toEqual(['pod-pending']);
  });

  it('that look at other namespaces are asked about every one of them, and once', () => {
    const listeners = createListeners(() => false);
    const hook = wide(['*']);
    if (hook === undefined) throw new Error('The Hook cannot be read.');
    listeners.set({ hook, edgesFromMs: 0 });
    expect([...listeners.of('oom-kill', 'bank')]).toHaveLength(1);
    expect([...listeners.of('oom-kill', 'shop')]).toHaveLength(1);
  });

  it('see Nodes only where their namespace may', () => {
    const listeners = createListeners((namespace) => namespace === 'kagent-system');
    listeners.set({ hook: aHook(['node-not-ready']), edgesFromMs: 0 });
    listeners.set({ hook: aHook(['node-not-ready'], { uid: 'system', namespace: 'kagent-system' }), edgesFromMs: 0 });
    expect([...listeners.of('node-not-ready', '')].map(({ hook }) => hook.uid)).toEqual(['system']);
  });
});
