import { expect, it } from 'vitest';
import { tableOf } from '../faults/table.ts';

const row = (over: Partial<Parameters<typeof tableOf>[0][number]> = {}) => ({
  name: 'a fault',
  seconds: 10,
  incidents: 5,
  lost: [],
  doubled: [],
  difference: 0,
  forgotten: 0,
  watcherMiB: 200,
  ...over,
});

it('has a line for each fault over all its seeds, and one for all, and hides nothing that went wrong', () => {
  const rows = [
    row(),
    row({ lost: ['a'], difference: -2 }),
    row({ name: 'other', doubled: ['b'], forgotten: 1, watcherMiB: 300 }),
  ];
  const cells = tableOf(rows).map((line) => line.trim().split(/ {2,}/));
  expect(cells).toEqual([
    ['fault', 'runs', 'incidents', 'asked once', 'lost', 'doubled', 'ledger', 'MiB', 'seconds'],
    ['a fault', '2', '10', '9', '1', '0', '2', '200', '20'],
    ['other', '1', '5', '4', '0', '1', '1', '300', '10'],
    ['all', '3', '15', '13', '1', '1', '3', '300', '30'],
  ]);
});
