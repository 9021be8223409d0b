/**
 * Tells on each Hook, as Kubernetes Events, what happens to its executions.
 *
 * Remembers what it told, and forgets what is over. Costs Temporal nothing. After a restart the names of the Events keep news
 * from being told twice.
 */
import type { LiveHook } from '../hooks/live-hook.ts';
import type { ExecutionRow } from '../reporting/hook-status.ts';
import { newsOf, nothingTold, type Told, toldOf } from './news-of.ts';
import type { EventWriter } from './write-events.ts';

export interface NewsRecorder {
  see: (row: ExecutionRow, hook: LiveHook | undefined) => void;
}

/** Runs whose news is remembered; of those forgotten, only what is fresh would be told again, under the same name. */
const rememberLimit = 20_000;

export function createNewsRecorder(writer: EventWriter, nowMs: () => number = Date.now): NewsRecorder {
  const told = new Map<string, Told>();
  return {
    see: (row, hook) => {
      if (hook === undefined) return;
      const news = newsOf(row, hook, { told: told.get(row.runId) ?? nothingTold, nowMs: nowMs() });
      told.delete(row.runId);
      told.set(row.runId, toldOf(row));
      const [oldest] = told.keys();
      if (told.size > rememberLimit && oldest !== undefined) told.delete(oldest);
      for (const one of news) writer.write(one);
    },
  };
}
