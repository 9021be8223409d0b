/** What is said of several reflectors together is what holds for each of them. */
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { joinReflectors } from '../../watcher/kube/join-reflectors.ts';
import type { Reflector } from '../../watcher/kube/reflector.ts';
import { collectionsOf } from '../../watcher/observing/open-stream.ts';

interface Thing {
  uid: string;
  resourceVersion: string;
}

function aReflector(over: { uids?: string[]; aliveMs?: number; version?: string; synced?: Promise<void> }) {
  const { uids = [], aliveMs = 1, version, synced = Promise.resolve() } = over;
  const items: Thing[] = uids.map((uid) => ({ uid, resourceVersion: '1' }));
  const reflector: Reflector<Thing> = {
    synced,
    items: () => items,
    get: (uid) => items.find((item) => item.uid === uid),
    aliveMs: () => aliveMs,
    version: () => version,
    done: Promise.resolve(),
  };
  return reflector;
}

it('has the objects of all', () => {
  const joined = joinReflectors([aReflector({ uids: ['a', 'b'] }), aReflector({}), aReflector({ uids: ['c'] })]);
  expect(joined.items().map(({ uid }) => uid)).toEqual(['a', 'b', 'c']);
  expect(joined.get('c')?.uid).toBe('c');
  expect(joined.get('d')).toBeUndefined();
});

it('is synced when the last is', async () => {
  const last = Promise.withResolvers<void>();
  const joined = joinReflectors([aReflector({}), aReflector({ synced: last.promise })]);
  let isSynced = false;
  const synced = joined.synced.then(() => (isSynced = true));
  await setImmediate(); // whatever the others bring about has happened by then
  expect(isSynced).toBe(false);
  last.resolve();
  await synced;
});

it('is as complete as the one that was proved longest ago', () => {
  expect(joinReflectors([aReflector({ aliveMs: 9 }), aReflector({ aliveMs: 5 })]).aliveMs()).toBe(5);
});

it.each([
  [['9', '10'], '9'],
  [['18446744073709551617', '18446744073709551616'], '18446744073709551616'],
  [['9', undefined], undefined],
  [['9', 'opaque'], undefined],
  [['opaque'], 'opaque'],
  [[undefined], undefined],
] as const)('of the versions %j the oldest holds for all: %s', (versions, oldest) => {
  const parts = versions.map((version) => aReflector(version === undefined ? {} : { version }));
  expect(joinReflectors(parts).version()).toBe(oldest);
});

it('a kind is watched in the cluster, or at a place and by a name of its own in each namespace', () => {
  const jobs = { name: 'owners-jobs', path: '/apis/batch/v1/jobs' };
  expect(collectionsOf(jobs, undefined)).toEqual([jobs]);
  expect(collectionsOf({ name: 'pods', path: '/api/v1/pods' }, ['shop'])).toEqual([
    { name: 'pods (shop)', path: '/api/v1/namespaces/shop/pods' },
  ]);
  expect(collectionsOf(jobs, ['shop', 'ops'])).toEqual([
    { name: 'owners-jobs (shop)', path: '/apis/batch/v1/namespaces/shop/jobs' },
    { name: 'owners-jobs (ops)', path: '/apis/batch/v1/namespaces/ops/jobs' },
  ]);
});
