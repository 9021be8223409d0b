/**
 * Reports on each Hook, as Kubernetes Events, what happens to its executions.
 *
 * Remembers what it has reported, within bounds. After a restart the names of the Events keep it from writing one twice.
 */
import type { LiveHook } from '../hooks/live-hook.ts';
import type { ExecutionRow } from '../reporting/executions.ts';
import { eventsOf, nothingReported, type Reported, reportedOf } from './events-of.ts';
import type { EventWriter } from './write-events.ts';

export type EventRecorder = ReturnType<typeof createEventRecorder>;

/** Runs that are remembered; beyond that, what is fresh would be written again, under the same name. */
const rememberLimit = 20_000;

export function createEventRecorder(writer: EventWriter, nowMs: () => number = Date.now) {
  const reported = new Map<string, Reported>();
  return {
    see: (row: ExecutionRow, hook: LiveHook | undefined) => {
      if (hook === undefined) return;
      const before = remember(reported, row, nowMs());
      for (const event of eventsOf(row, hook, { reported: before, nowMs: nowMs() })) writer.write(event);
    },
  };
}

/** Takes what has been reported of a row once its Events are written; gives what was before. */
export function remember(reported: Map<string, Reported>, row: ExecutionRow, nowMs: number): Reported {
  const before = reported.get(row.runId) ?? nothingReported;
  const now = reportedOf(row);
  reported.delete(row.runId);
  // All that ended within the hour is listed every few minutes; most of it is old.
  if (now.freshUntilMs > nowMs) reported.set(row.runId, now);
  forget(reported, nowMs);
  return before;
}

/** From those seen longest ago on: what is too many, and what no Event would be written about any more. */
function forget(reported: Map<string, Reported>, nowMs: number): void {
  for (const [runId, { freshUntilMs }] of reported) {
    if (reported.size <= rememberLimit && freshUntilMs > nowMs) return;
    reported.delete(runId);
  }
}
