import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFairLimit } from '../../watcher/starting/fair-limit.ts';

it('lets in so many at once and never more, and everybody in the end, in order', async () => {
  const limit = createFairLimit(3);
  const begun: number[] = [];
  let inside = 0;
  let most = 0;
  const works = Array.from({ length: 50 }, (_, n) =>
    limit(async () => {
      begun.push(n);
      inside += 1;
      most = Math.max(most, inside);
      for (let turns = 0; turns < n % 4; turns += 1) await turn();
      inside -= 1;
      return n;
    }),
  );
  await expect(Promise.all(works)).resolves.toEqual(Array.from({ length: 50 }, (_, n) => n));
  expect(most).toBe(3);
  expect(begun).toEqual(Array.from({ length: 50 }, (_, n) => n));
});

it('gives the place of a work that failed to the next one, whether it throws or rejects', async () => {
  const limit = createFairLimit(1);
  const rejected = limit(async () => {
    await turn();
    throw new Error('later');
  });
  const thrown = limit(() => {
    throw new Error('at once');
  });
  const good = limit(async () => 'done');
  await expect(rejected).rejects.toThrow('later');
  await expect(thrown).rejects.toThrow('at once');
  await expect(good).resolves.toBe('done');
});

it('lets nobody overtake who comes at the moment when a place is free', async () => {
  const limit = createFairLimit(1);
  const begun: string[] = [];
  const first = limit(async () => {
    await turn();
  });
  const second = limit(async () => void begun.push('second'));
  const third = first.then(() => limit(async () => void begun.push('third')));
  await Promise.all([second, third]);
  expect(begun).toEqual(['second', 'third']);
});

it('takes turns between namespaces: one with little waits for one call of each other, however much they have', async () => {
  const limit = createFairLimit(1);
  const begun: string[] = [];
  const works = ['big', 'big', 'big', 'big', 'small', 'other', 'small'].map((namespace, n) =>
    limit(async () => {
      begun.push(`${namespace} ${n}`);
      await turn();
    }, namespace),
  );
  await Promise.all(works);
  expect(begun).toEqual(['big 0', 'big 1', 'small 4', 'other 5', 'big 2', 'small 6', 'big 3']);
});

it('loses nobody and keeps the order of each namespace, whoever comes when', async () => {
  const arrivals = fc.array(fc.record({ namespace: fc.constantFrom('a', 'b', 'c'), turns: fc.nat({ max: 3 }) }));
  await fc.assert(
    fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 4 }), async (all, parallel) => {
      const limit = createFairLimit(parallel);
      const begun: { namespace: string; n: number }[] = [];
      const works: Promise<void>[] = [];
      for (const [n, { namespace, turns }] of all.entries()) {
        works.push(
          limit(async () => {
            begun.push({ namespace, n });
            for (let k = 0; k < turns; k += 1) await turn();
          }, namespace),
        );
        if (turns === 3) await turn();
      }
      await Promise.all(works);
      expect(begun).toHaveLength(all.length);
      for (const [, own] of Map.groupBy(begun, ({ namespace }) => namespace)) {
        expect(own.map(({ n }) => n)).toEqual(own.map(({ n }) => n).toSorted((a, b) => a - b));
      }
    }),
  );
});
