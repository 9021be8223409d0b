import { expect, it } from 'vitest';
import { lineOf, type Row, tableOf } from '../faults/table.ts';

const row = (over: Partial<Row> = {}): Row => ({
  name: 'a fault',
  place: 0,
  seed: 1,
  seconds: 10,
  incidents: 5,
  lost: [],
  doubled: [],
  difference: 0,
  forgotten: 0,
  watcherMiB: 200,
  ...over,
});

it('has a line for each fault over all its seeds, in their order, and one for all, and hides nothing that went wrong', () => {
  const rows = [
    row({ name: 'other', place: 1, doubled: ['b'], forgotten: 1, watcherMiB: 300 }),
    row(),
    row({ lost: ['a'], difference: -2 }),
  ];
  const cells = tableOf(rows).map((line) => line.trim().split(/ {2,}/));
  expect(cells).toEqual([
    ['fault', 'runs', 'broken', 'incidents', 'asked once', 'lost', 'doubled', 'ledger', 'MiB', 'seconds'],
    ['a fault', '2', '0', '10', '9', '1', '0', '2', '200', '20'],
    ['other', '1', '0', '5', '4', '0', '1', '1', '300', '10'],
    ['all', '3', '0', '15', '13', '1', '1', '3', '300', '30'],
  ]);
});

it('prints each run when it is over, also one that broke off', () => {
  expect(lineOf(row())).toBe('✓ a fault (seed 1): 5 incident(s), 0 wrong, 10 s');
  expect(lineOf(row({ doubled: ['a'] }))).toBe('✗ a fault (seed 1): 5 incident(s), 1 wrong, 10 s');
  expect(lineOf(row({ error: 'Error: late' }))).toBe('✗ a fault (seed 1): Error: late, 10 s');
  expect(tableOf([row({ error: 'Error: late' })])[1]).toMatch(/^a fault +1 +1 /);
});

it('shows what neighbours paid, at most, where that was measured, and no such column elsewhere', () => {
  const rows = [row({ neighbourMs: 340 }), row({ neighbourMs: 1260 }), row({ name: 'other' })];
  expect(tableOf(rows).map((line) => line.trim().split(/ {2,}/).slice(9))).toEqual([
    ['seconds', 'neighbour'],
    ['20', '1.3'],
    ['10'],
    ['30', '1.3'],
  ]);
  expect(tableOf([row()])[0]).not.toContain('neighbour');
  expect(lineOf(row({ neighbourMs: 340 }))).toBe(
    '✓ a fault (seed 1): 5 incident(s), 0 wrong, neighbour asked after 0.3 s, 10 s',
  );
});
