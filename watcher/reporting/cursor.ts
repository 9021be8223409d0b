/**
 * From which moment on changes are asked for, by Temporal's clock: ours may be ahead of it or behind.
 *
 * Temporal shows its time only in rows, so the newest time of a row, and a stopwatch since then, are the earliest that it can
 * be now.
 */
import type { ExecutionRow } from './executions.ts';

export interface Cursor {
  see: (row: Pick<ExecutionRow, 'startedMs' | 'closedMs' | 'changedMs'>) => void;
  /** By the stopwatch; given back to `read` when what was asked for then has been read to its end. */
  begin: () => number;
  read: (begunMs: number) => void;
  /** Undefined while no row was seen. */
  fromMs: () => number | undefined;
}

/** Visibility may show a change late; what is read twice changes nothing. */
const overlapMs = 5000;
/** Stopwatches drift a little, so they count for no longer than this. */
const stopwatchLimitMs = 60 * 60_000;
/** Anybody who may start executions may write any time into one; a time so far ahead of us is ignored. */
const farMs = 60 * 60_000;

export function createCursor(stopwatchMs: () => number = performance.now.bind(performance)): Cursor {
  let newest: { rowMs: number; seenMs: number } | undefined;
  let readMs: number | undefined;
  return {
    see: ({ startedMs, closedMs = 0, changedMs = 0 }) => {
      const limitMs = Date.now() + farMs;
      const rowMs = Math.max(...[startedMs, closedMs, changedMs].filter((ms) => ms <= limitMs), 0);
      if (rowMs > (newest?.rowMs ?? 0)) newest = { rowMs, seenMs: stopwatchMs() };
    },
    begin: stopwatchMs,
    read: (begunMs) => {
      readMs = Math.max(begunMs, readMs ?? begunMs);
    },
    fromMs: () => {
      if (newest === undefined || readMs === undefined) return undefined;
      return newest.rowMs + Math.min(readMs - newest.seenMs, stopwatchLimitMs) - overlapMs;
    },
  };
}
