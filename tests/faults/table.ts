/** What came of every fault, a line for each, over all its seeds. */
export interface Row {
  name: string;
  seconds: number;
  incidents: number;
  lost: readonly string[];
  doubled: readonly string[];
  difference: number;
  forgotten: number;
  watcherMiB: number;
}

const columns = ['fault', 'runs', 'incidents', 'asked once', 'lost', 'doubled', 'ledger', 'MiB', 'seconds'];

export function tableOf(rows: readonly Row[]): string[] {
  const lines = [...Map.groupBy(rows, ({ name }) => name)].map(([name, runs]) => lineOf(name, runs));
  const all = [...lines, lineOf('all', rows)];
  const widths = columns.map((column, n) => Math.max(column.length, ...all.map((line) => (line[n] ?? '').length)));
  const pad = (cells: readonly string[]) =>
    cells
      .map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0)))
      .join('  ')
      .trimEnd();
  return [columns, ...all].map(pad);
}

function lineOf(name: string, runs: readonly Row[]): string[] {
  const sum = (of: (row: Row) => number) => runs.reduce((total, row) => total + of(row), 0);
  const incidents = sum((row) => row.incidents);
  const lost = sum(({ lost: names }) => names.length);
  const doubled = sum(({ doubled: names }) => names.length);
  return [
    name,
    String(runs.length),
    String(incidents),
    String(incidents - lost - doubled),
    String(lost),
    String(doubled),
    String(sum(({ difference, forgotten }) => Math.abs(difference) + forgotten)),
    String(Math.max(0, ...runs.map(({ watcherMiB }) => watcherMiB))),
    String(sum(({ seconds }) => seconds)),
  ];
}
