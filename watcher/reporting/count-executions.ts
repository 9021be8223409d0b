/**
 * Counts executions as they are listed: how many are open, and each one that has ended, once.
 *
 * Passes every row on unchanged, so that counting asks Temporal nothing more.
 */
import { endStates } from '../../workflows/contract/outcome.ts';
import type { ExecutionRow, Executions } from './executions.ts';

export interface OpenExecutions {
  /** Open executions by incident type. */
  open: () => Map<string, number>;
}

export interface CountOptions {
  /** What ended before this moment was counted by an earlier process. */
  sinceMs: number;
  onEnded: (type: string, outcome: string) => void;
}

/** What ended so long before a whole listing began is on no listing after it. */
const overlapMs = 60 * 60_000;

const outcomes: ReadonlySet<string> = new Set(endStates);

export function countExecutions(listed: Executions, options: CountOptions): Executions & OpenExecutions {
  const { sinceMs, onEnded } = options;
  /** The newest run of each execution: one that goes on in a new run is still one. */
  const open = new Map<string, { runId: string; type: string }>();
  /** When each run ended, by its id. */
  const ended = new Map<string, number>();

  function take({ workflowId, runId, isOpen, closedMs = 0, eventType, state }: ExecutionRow): void {
    if (isOpen) {
      if (!ended.has(runId)) open.set(workflowId, { runId, type: eventType });
      return;
    }
    if (open.get(workflowId)?.runId === runId) open.delete(workflowId);
    if (closedMs < sinceMs || ended.has(runId)) return;
    ended.set(runId, closedMs);
    onEnded(eventType, outcomes.has(state) ? state : 'other');
  }

  /** A whole listing shows all that are open: what is not on it is gone. */
  async function* takeAll(fromMs: number): AsyncGenerator<ExecutionRow> {
    const listedRuns = new Set<string>();
    const openBefore = new Set([...open.values()].map(({ runId }) => runId)); // what is opened meanwhile may be on no page
    yield* passing(listed.since(fromMs), (row) => {
      take(row);
      listedRuns.add(row.runId);
    });
    for (const [workflowId, { runId }] of open)
      if (openBefore.has(runId) && !listedRuns.has(runId)) open.delete(workflowId);
    for (const [runId, closedMs] of ended) if (closedMs < fromMs - overlapMs) ended.delete(runId);
  }

  return {
    since: takeAll,
    changedSince: (ms) => passing(listed.changedSince(ms), take),
    open: () => {
      const counts = new Map<string, number>();
      for (const { type } of open.values()) counts.set(type, (counts.get(type) ?? 0) + 1);
      return counts;
    },
  };
}

async function* passing(
  rows: AsyncIterable<ExecutionRow>,
  take: (row: ExecutionRow) => void,
): AsyncGenerator<ExecutionRow> {
  for await (const row of rows) {
    take(row);
    yield row;
  }
}
