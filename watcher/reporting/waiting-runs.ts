/**
 * The agent runs that wait for people, among all executions that are known. Pure.
 */
import { awaitingStates } from '../../workflows/contract/outcome.ts';
import type { WaitingRun } from '../serving/metrics.ts';
import type { KnownExecution } from './executions.ts';

export function waitingRuns(rows: Iterable<KnownExecution>): WaitingRun[] {
  const states: readonly string[] = awaitingStates;
  return [...rows]
    .filter(({ isOpen, state }) => isOpen && states.includes(state))
    .map(({ state, memo, changedMs, startedMs }) => ({
      kind: state === 'awaiting-approval' ? 'approval' : 'question',
      sinceMs: sinceOf(memo.waiting?.since) ?? changedMs ?? startedMs,
    }));
}

function sinceOf(at: string | undefined): number | undefined {
  const ms = Date.parse(at ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
