/** What the tracker keeps of a finding that goes on: when its time begins anew, and how much time it is given besides. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../watcher/detectors/detector.ts';
import { goneOn, type Seen } from '../../watcher/tracking/memory.ts';
import { aFinding } from '../make.ts';

const seen = (finding: Partial<Finding>): Seen => ({
  finding: aFinding({ nature: 'state', ...finding }),
  firstMs: 0,
  isWitnessed: false,
  begunHere: false,
});
const next = (known: Seen, finding: Partial<Finding>, clockMs = 100) =>
  goneOn(known, aFinding({ nature: 'state', ...finding }), clockMs);

describe('counts that grow', () => {
  it.each<[string, number[] | undefined, number[] | undefined, boolean]>([
    ['the first of them', [1, 3, 3], [2, 2, 2], true],
    ['a later one', [1, 2, 2], [1, 2, 3], true],
    ['none', [1, 2, 3], [1, 2, 3], false],
    ['one, while one before it falls', [2, 2, 2], [1, 3, 3], false],
    ['those that were not counted before', undefined, [0, 0, 0], false],
    ['those that are not counted any more', [1, 2, 3], undefined, false],
  ])('%s: from %j to %j', (_, before, now, isAnew) => {
    const after = next(seen(before ? { counts: before } : {}), now ? { counts: now } : {});
    expect(after).toMatchObject({ firstMs: isAnew ? 100 : 0, begunHere: isAnew });
  });

  it('begin the time anew only where they were never so high, however often they fall and come back', () => {
    const three = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3));
    const number = ([a, b, c]: readonly number[]) => Number(`${a}${b}${c}`);
    fc.assert(
      fc.property(fc.array(three, { minLength: 2, maxLength: 12 }), ([first = [0, 0, 0], ...rest]) => {
        let known = seen({ counts: first });
        let most = number(first);
        for (const [index, counts] of rest.entries()) {
          known = next(known, { counts }, index + 1);
          expect(known.firstMs === index + 1).toBe(number(counts) > most);
          most = Math.max(most, number(counts));
        }
      }),
    );
  });
});

it('another time of its own begins its time anew', () => {
  expect(next(seen({ sinceMs: 1 }), { sinceMs: 2 })).toMatchObject({ firstMs: 100, begunHere: true });
  expect(next(seen({ sinceMs: 1 }), { sinceMs: 1 })).toMatchObject({ firstMs: 0, begunHere: false });
});

it('where it says how far it is, only that begins its time anew, and what it said first of its beginning stays', () => {
  const known = seen({ progress: 'gated', sinceMs: 1 });
  expect(next(known, { progress: 'gated' })).toMatchObject({ firstMs: 0, finding: { sinceMs: 1 } });
  expect(next(known, { progress: 'gated', sinceMs: 2 })).toMatchObject({ firstMs: 0, finding: { sinceMs: 1 } });
  expect(next(known, { progress: 'open', sinceMs: 1 })).toMatchObject({ firstMs: 100, begunHere: true });
});

it('the time that it is given besides becomes shorter and never longer', () => {
  const allowed = (known: Seen, finding: Partial<Finding>) => next(known, finding).finding.allowedMs ?? 0;
  expect(allowed(seen({ allowedMs: 30 }), { allowedMs: 10 })).toBe(10);
  expect(allowed(seen({ allowedMs: 30 }), {})).toBe(0);
  expect(allowed(seen({ allowedMs: 10 }), { allowedMs: 30 })).toBe(10);
  expect(allowed(seen({}), { allowedMs: 30 })).toBe(0);
});
