import { expect, it } from 'vitest';
import { lostAmong } from '../titles-of.ts';
import { traps } from '../traps.ts';

it('every trap that is known has a test, which is there, once', () => {
  const proofs = traps.flatMap(({ sentence, shownBy = [] }) => shownBy.map((proof) => ({ sentence, ...proof })));
  expect(lostAmong(proofs)).toEqual([]);
  expect(traps.filter(({ shownBy = [] }) => shownBy.length === 0)).toEqual([]);
  expect(traps.length).toBeGreaterThan(60);
});
