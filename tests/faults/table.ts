/** What came of every fault: a line as soon as it is over, and a table over all seeds in the end. */
import { z } from 'zod';

/** One run of one fault; one that broke off before its end has an error and no figures. */
export const Row = z.object({
  name: z.string(),
  /** In the list of all faults: some run at once, and end in any order. */
  place: z.number(),
  seed: z.number(),
  seconds: z.number(),
  incidents: z.number().default(0),
  lost: z.array(z.string()).default([]),
  doubled: z.array(z.string()).default([]),
  difference: z.number().default(0),
  forgotten: z.number().default(0),
  watcherMiB: z.number().default(0),
  /** How long a neighbour of the trouble waited until its agent was asked; where that was measured. */
  neighbourMs: z.number().optional(),
  error: z.string().optional(),
});
export type Row = z.infer<typeof Row>;

export function lineOf(row: Row): string {
  const { name, seed, seconds, incidents, neighbourMs, error } = row;
  const isGood = error === undefined && wrongs(row) === 0;
  const waited = neighbourMs === undefined ? '' : `, neighbour asked after ${inSeconds(neighbourMs)} s`;
  const what = error ?? `${incidents} incident(s), ${wrongs(row)} wrong${waited}`;
  return `${isGood ? '✓' : '✗'} ${name} (seed ${seed}): ${what}, ${seconds} s`;
}

function wrongs({ lost, doubled, difference, forgotten }: Row): number {
  return lost.length + doubled.length + Math.abs(difference) + forgotten;
}

const common = ['fault', 'runs', 'broken', 'incidents', 'asked once', 'lost', 'doubled', 'ledger', 'MiB', 'seconds'];

/** With what the neighbours waited, where that was measured for one of them. */
export function tableOf(rows: readonly Row[]): string[] {
  const isMeasured = rows.some(({ neighbourMs }) => neighbourMs !== undefined);
  const columns = [...common, ...(isMeasured ? ['neighbour'] : [])];
  const cellsOf = (name: string, runs: readonly Row[]) => [
    ...commonCellsOf(name, runs),
    ...(isMeasured ? [longestWaitOf(runs)] : []),
  ];
  const lines = [
    ...Map.groupBy(
      rows.toSorted((a, b) => a.place - b.place),
      ({ name }) => name,
    ),
  ].map(([name, runs]) => cellsOf(name, runs));
  const all = [...lines, cellsOf('all', rows)];
  const widths = columns.map((column, n) => Math.max(column.length, ...all.map((line) => (line[n] ?? '').length)));
  const pad = (cells: readonly string[]) =>
    cells
      .map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0)))
      .join('  ')
      .trimEnd();
  return [columns, ...all].map(pad);
}

function longestWaitOf(runs: readonly Row[]): string {
  const waited = runs.flatMap(({ neighbourMs }) => (neighbourMs === undefined ? [] : [neighbourMs]));
  return waited.length === 0 ? '' : inSeconds(Math.max(...waited));
}

function inSeconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function commonCellsOf(name: string, runs: readonly Row[]): string[] {
  const sum = (of: (row: Row) => number) => runs.reduce((total, row) => total + of(row), 0);
  const incidents = sum((row) => row.incidents);
  const lost = sum(({ lost: names }) => names.length);
  const doubled = sum(({ doubled: names }) => names.length);
  return [
    name,
    String(runs.length),
    String(runs.filter(({ error }) => error !== undefined).length),
    String(incidents),
    String(incidents - lost - doubled),
    String(lost),
    String(doubled),
    String(sum(({ difference, forgotten }) => Math.abs(difference) + forgotten)),
    String(Math.max(0, ...runs.map(({ watcherMiB }) => watcherMiB))),
    String(sum(({ seconds }) => seconds)),
  ];
}
