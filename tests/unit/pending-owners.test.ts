/** How objects wait whose owners have to be asked for: in order, each namespace for itself, and never for ever. */
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { createPendingOwners } from '../../watcher/observing/pending-owners.ts';
import { aPod, noon } from '../make.ts';

function aScene() {
  const clock = { ms: noon + 5000 };
  const answers: (() => void)[] = [];
  const asked: string[] = [];
  const pending = createPendingOwners({
    owners: {
      of: () => [],
      knows: ({ owner }) => owner === undefined,
      learn: ({ namespace }) => {
        asked.push(namespace);
        return new Promise((resolve) => answers.push(resolve));
      },
    },
    nowMs: () => clock.ms,
    log: pino({ level: 'silent' }),
    signal: new AbortController().signal,
  });
  const done: string[] = [];
  const work = (name: string) => async () => void done.push(name);
  const orphan = (namespace: string, uid: string) =>
    aPod({ namespace, uid, owner: { kind: 'ReplicaSet', name: 'web', uid: `owner of ${uid}` } });
  const answer = async () => {
    while (answers.length > 0) {
      answers.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { clock, pending, asked, done, work, orphan, answer };
}

describe('an object whose owners are not known', () => {
  it('waits, while those whose owners are known pass', async () => {
    const { pending, done, work, orphan, answer } = aScene();
    await pending.whenKnown(orphan('shop', 'a'), work('a'));
    await pending.whenKnown(aPod({ uid: 'b' }), work('b'));
    await pending.after({ uid: 'c' }, work('c'));
    expect(done).toEqual(['b', 'c']);
    await answer();
    await pending.settled();
    expect(done).toEqual(['b', 'c', 'a']);
  });

  it('is not overtaken by its own later changes, though its owner were known by then', async () => {
    const { pending, done, work, orphan, answer } = aScene();
    await pending.whenKnown(orphan('shop', 'a'), work('first'));
    await pending.whenKnown(aPod({ uid: 'a' }), work('second'));
    await pending.after({ uid: 'a' }, work('gone'));
    expect(done).toEqual([]);
    await answer();
    await answer();
    await pending.settled();
    expect(done).toEqual(['first', 'second', 'gone']);
  });

  it('keeps the moment of its creation from being called handled, for as long as it waits', async () => {
    const { pending, work, orphan, answer } = aScene();
    expect(pending.oldestMs()).toBeUndefined();
    await pending.whenKnown({ ...orphan('shop', 'a'), createdAt: new Date(noon).toISOString() }, work('a'));
    await pending.after({ uid: 'a' }, work('gone'));
    expect(pending.oldestMs()).toBe(noon);
    await answer();
    await pending.settled();
    expect(pending.oldestMs()).toBeUndefined();
  });

  it('whose change cannot be handled holds up neither its next change nor the stream', async () => {
    const { pending, done, work, orphan, answer } = aScene();
    await pending.whenKnown(orphan('shop', 'a'), () => Promise.reject(new Error('broken')));
    await pending.after({ uid: 'a' }, work('next'));
    await answer();
    await pending.settled();
    expect(done).toEqual(['next']);
  });
});

it('a namespace full of unknown owners has four requests at once, and none of another waits for them', async () => {
  const { pending, asked, work, orphan } = aScene();
  for (let index = 0; index < 400; index += 1) await pending.whenKnown(orphan('attacker', `a${index}`), work('a'));
  await pending.whenKnown(orphan('shop', 'b'), work('b'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toEqual(['attacker', 'attacker', 'attacker', 'attacker', 'shop']);
});

it('nobody waits for longer because many are asked for before: half a minute counts from when it was seen', async () => {
  const { clock, pending, asked, done, work, orphan, answer } = aScene();
  for (let index = 0; index < 100; index += 1) await pending.whenKnown(orphan('shop', `a${index}`), work(`a${index}`));
  await new Promise((resolve) => setImmediate(resolve));
  clock.ms += 30_000;
  await answer();
  await pending.settled();
  expect([asked.length, done.length]).toEqual([4, 100]);
});

it('very many Pods of one owner wait for one answer', async () => {
  const { pending, asked, done, work, orphan, answer } = aScene();
  const owner = { kind: 'ReplicaSet', name: 'web', uid: 'rs-uid' };
  for (let index = 0; index < 2000; index += 1)
    await pending.whenKnown({ ...orphan('shop', `a${index}`), owner }, work(`a${index}`));
  await new Promise((resolve) => setImmediate(resolve));
  expect([asked.length, done.length]).toEqual([1, 0]);
  await answer();
  await pending.settled();
  expect(done).toHaveLength(2000);
});

it('what a namespace has too many of goes on without being asked for, and is not lost', async () => {
  const { pending, done, work, orphan, answer } = aScene();
  for (let index = 0; index < 600; index += 1)
    await pending.whenKnown(orphan('attacker', `a${index}`), work(`a${index}`));
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toHaveLength(100);
  await answer();
  await pending.settled();
  expect(new Set(done).size).toBe(600);
});
