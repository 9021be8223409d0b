/**
 * The executions from which the status of Hooks is made: listed as a whole, and by what has changed.
 *
 * Each way of listing completes what is known, whatever becomes of the other.
 */
import type { LiveHook } from '../hooks/live-hook.ts';
import type { EventRecorder } from '../recorder/record-events.ts';
import { createCursor } from './cursor.ts';
import type { ExecutionRow, Executions } from './executions.ts';

export interface KnownExecutionsOptions {
  executions: Executions;
  hooks: () => LiveHook[];
  /** Sees every row that is listed. */
  recorder: EventRecorder;
}

export interface KnownExecutions {
  /** The newest run of each execution. */
  rows: () => Iterable<ExecutionRow>;
  /** Finds also what a listing of changes has missed. */
  readAll: () => Promise<void>;
  readChanges: () => Promise<void>;
}

/** How far back the first listing reaches. */
const horizonMs = 24 * 60 * 60_000;
/** Executions kept; the oldest closed ones go first. */
const keptLimit = 10_000;

export function createKnownExecutions({ executions, hooks, recorder }: KnownExecutionsOptions): KnownExecutions {
  const rows = new Map<string, ExecutionRow>();
  const cursor = createCursor();

  async function read(listed: AsyncIterable<ExecutionRow>): Promise<void> {
    const begunMs = cursor.begin();
    const byUid = new Map(hooks().map((hook) => [hook.uid, hook]));
    for await (const row of listed) {
      cursor.see(row);
      recorder.see(row, byUid.get(row.hookUid));
      const known = rows.get(row.workflowId);
      if (known === undefined || isNewer(row, known)) rows.set(row.workflowId, row);
    }
    cursor.read(begunMs);
    forgetOldest(rows);
  }

  const horizon = () => Date.now() - horizonMs;
  return {
    rows: () => rows.values(),
    readAll: () => read(executions.since(horizon())),
    readChanges: () => read(executions.changedSince(cursor.fromMs() ?? horizon())),
  };
}

function forgetOldest(rows: Map<string, ExecutionRow>): void {
  const surplus = rows.size - keptLimit;
  if (surplus <= 0) return;
  const closed = [...rows.values()].filter(({ isOpen }) => !isOpen);
  const oldestFirst = closed.toSorted((a, b) => (a.closedMs ?? 0) - (b.closedMs ?? 0));
  for (const { workflowId } of oldestFirst.slice(0, surplus)) rows.delete(workflowId);
}

/** A later run wins; of one run, the closed row wins over an open one, and of open ones the later change. */
function isNewer(row: ExecutionRow, known: ExecutionRow): boolean {
  if (row.runId !== known.runId) return row.startedMs >= known.startedMs;
  if (row.isOpen && known.isOpen) return (row.changedMs ?? 0) >= (known.changedMs ?? 0);
  return !row.isOpen;
}
