/** What Pods of one workload have in common is kept once, and sharing changes nothing of what they say. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PodView, viewPod } from '../../watcher/views/pod-view.ts';
import { createSharing } from '../../watcher/views/share-equal.ts';

const at = (second: number) => `2026-09-01T12:00:0${second}Z`;

/** As it comes from the API server: every value is another one in memory. */
function read(n: number, { labels, second = 0 }: { labels: Record<string, string>; second?: number }): PodView {
  const text = JSON.stringify({
    kind: 'Pod',
    metadata: {
      uid: `uid-${n}`,
      name: `web-${n}`,
      namespace: 'a-namespace-of-some-length',
      resourceVersion: `${n}`,
      creationTimestamp: at(second),
      labels,
      ownerReferences: [{ kind: 'ReplicaSet', name: 'web-5d9c', uid: 'uid-of-the-replica-set', controller: true }],
    },
    spec: { nodeName: 'a-node-of-some-length', containers: [{ name: 'app', image: 'registry.example/app:1' }] },
    status: {
      phase: 'Running',
      conditions: [{ type: 'ContainersReady', status: 'True', lastTransitionTime: at(second) }],
      containerStatuses: [{ name: 'app', image: '', state: { running: { startedAt: at(second) } } }],
    },
  });
  const view = viewPod(JSON.parse(text));
  if (view === undefined) throw new Error('This Pod cannot be read.');
  return view;
}

describe('Pods of one workload', () => {
  const [one, other] = [1, 2].map((n) => read(n, { labels: { app: 'web', tier: 'frontend' } }));

  it('have one object of labels, one owner and one condition between them', () => {
    expect(other?.labels).toBe(one?.labels);
    expect(other?.owner).toBe(one?.owner);
    expect(other?.conditions.ContainersReady).toBe(one?.conditions.ContainersReady);
    expect(one).toMatchObject({ labels: { app: 'web', tier: 'frontend' }, owner: { name: 'web-5d9c' } });
  });

  it('keep what only one of them has', () => {
    expect([one?.name, other?.name]).toEqual(['web-1', 'web-2']);
    const later = read(3, { labels: { app: 'web', tier: 'backend' }, second: 5 });
    expect(later.labels).toEqual({ app: 'web', tier: 'backend' });
    expect(later.conditions.ContainersReady?.since).toBe(at(5));
    expect(one?.conditions.ContainersReady?.since).toBe(at(0));
  });
});

it('labels are shared only where each name and value is the same, whatever they are called', () => {
  const anyLabels = fc.dictionary(fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 }), { maxKeys: 4 });
  fc.assert(
    fc.property(anyLabels, anyLabels, (labels, others) => {
      const [first, second] = [read(1, { labels }), read(2, { labels: others })];
      expect(first.labels).toEqual(read(3, { labels }).labels);
      expect(first.labels === second.labels).toBe(JSON.stringify(first.labels) === JSON.stringify(second.labels));
      expect(second.labels).toEqual(read(4, { labels: others }).labels);
    }),
  );
});

it('remembers no more values than it may: after so many others, the first comes as new', () => {
  const share = createSharing(({ name }: { name: string }) => name, 3);
  const [first, same] = [share({ name: 'a' }), share({ name: 'a' })];
  expect(same).toBe(first);
  share({ name: 'b' });
  share({ name: 'c' });
  expect(share({ name: 'a' })).toBe(first);
  share({ name: 'd' });
  expect(share({ name: 'a' })).not.toBe(first);
});

it('does not remember what is long', () => {
  const share = createSharing(({ name }: { name: string }) => name, 3);
  const long = { name: 'x'.repeat(1001) };
  expect(share(long)).toBe(long);
  expect(share({ ...long })).not.toBe(long);
});
