/**
 * The executions from which the status of Hooks is made: listed as a whole, and by what has changed.
 *
 * Each way of listing completes what is known, whatever becomes of the other.
 */
import type { LiveHook } from '../hooks/live-hook.ts';
import type { EventRecorder } from '../recorder/record-events.ts';
import { createCursor } from './cursor.ts';
import { type ExecutionRow, type Executions, type KnownExecution, knownOf } from './executions.ts';
import { shownForMs } from './hook-status.ts';
import { createRowsByHook, type RowsByHook } from './rows-by-hook.ts';

export interface KnownExecutionsOptions {
  executions: Executions;
  hooks: () => LiveHook[];
  /** Sees every row that is listed. */
  recorder: EventRecorder;
}

export interface KnownExecutions {
  /** The newest run of each execution. */
  rows: () => Iterable<KnownExecution>;
  /** Those of one Hook; the same array for as long as nothing was read about them. */
  rowsOf: (hookUid: string) => readonly KnownExecution[];
  /** Finds also what a listing of changes has missed. */
  readAll: () => Promise<void>;
  readChanges: () => Promise<void>;
}

/** Closed executions that are kept; status shows the newest few, and how many more there are. */
const closedLimit = 2000;

export function createKnownExecutions({ executions, hooks, recorder }: KnownExecutionsOptions): KnownExecutions {
  const rows = createRowsByHook();
  const cursor = createCursor();

  async function read(listed: AsyncIterable<ExecutionRow>): Promise<void> {
    const begunMs = cursor.begin();
    const byUid = new Map(hooks().map((hook) => [hook.uid, hook]));
    for await (const row of listed) {
      cursor.see(row);
      recorder.see(row, byUid.get(row.hookUid));
      const known = rows.get(row);
      if (known === undefined || isNewer(row, known)) rows.set(knownOf(row));
    }
    cursor.read(begunMs);
    forgetClosed(rows);
  }

  const horizon = () => Date.now() - shownForMs;
  return {
    rows: rows.all,
    rowsOf: rows.of,
    // After a long time without Temporal, also what has ended since it was read last: it is counted.
    readAll: () => read(executions.since(Math.min(horizon(), cursor.fromMs() ?? horizon()))),
    readChanges: () => read(executions.changedSince(cursor.fromMs() ?? horizon())),
  };
}

/** Status shows no closed one any more that is so old, and of too many not the oldest. */
function forgetClosed(rows: RowsByHook): void {
  const fromMs = Date.now() - shownForMs;
  const closed = [...rows.all()].filter(({ isOpen }) => !isOpen);
  const newestFirst = closed.toSorted((a, b) => (b.closedMs ?? 0) - (a.closedMs ?? 0));
  for (const [index, row] of newestFirst.entries())
    if (index >= closedLimit || (row.closedMs ?? 0) < fromMs) rows.delete(row);
}

/** A later run wins; of one run, the closed row wins over an open one, and of open ones the later change. */
function isNewer(row: ExecutionRow, known: KnownExecution): boolean {
  if (row.runId !== known.runId) return row.startedMs >= known.startedMs;
  if (row.isOpen && known.isOpen) return (row.changedMs ?? 0) >= (known.changedMs ?? 0);
  return !row.isOpen;
}
