/**
 * A verdict in a line for people, or in one for programs. Pure.
 *
 * Called by main. Returns text; writes nothing.
 */
import type { Verdict } from './replay-run.ts';

export function printJson(verdict: Verdict): string {
  const { source, workflowType, runId, events, ends = 'Running', differs } = verdict;
  return JSON.stringify({ source, workflowType, runId, replays: differs === undefined, events, ends, differs });
}

export function printText({ source, events, ends, differs }: Verdict): string {
  if (differs === undefined) {
    return `${source}: replays: ${events} event${events === 1 ? '' : 's'}, ${ends === undefined ? 'still running' : `ends ${ends}`}`;
  }
  return `${source}: differs at event ${differs.eventId} of ${events}, ${differs.event}: ${differs.instead}`;
}
