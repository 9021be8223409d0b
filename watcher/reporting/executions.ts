/**
 * The executions that Temporal's visibility store lists: what changed since a moment, or all that status may show.
 *
 * Visibility lags a little and is read with overlap; decisions about starting never come from here.
 */
import type { WorkflowExecutionInfo } from '@temporalio/client';
import type { IncidentMemo } from '../../workflows/contract/outcome.ts';
import type { SearchAttributeName } from '../../workflows/contract/plain/names.ts';
import type { ExecutionList } from '../executions/list-executions.ts';
import { incidentsOf, keywordOf, memoOf } from '../executions/read-execution.ts';

/** One execution as visibility shows it. */
export interface ExecutionRow {
  workflowId: string;
  runId: string;
  hookUid: string;
  isOpen: boolean;
  startedMs: number;
  closedMs: number | undefined;
  /** When it last changed its state, by Temporal's clock; left out where it has not since it was started. */
  changedMs?: number;
  eventType: string;
  resourceName: string;
  resourceNamespace: string;
  agent: string;
  state: string;
  memo: IncidentMemo;
}

type ShownInMemo = 'firstSeen' | 'lastSeen' | 'count' | 'agentRun' | 'agentRunLink' | 'outcome' | 'answer' | 'waiting';

/** What is kept of an execution: there may be thousands, and a memo is larger than all the rest. */
export interface KnownExecution extends Omit<ExecutionRow, 'memo'> {
  memo: Pick<IncidentMemo, ShownInMemo>;
}

export function knownOf(row: ExecutionRow): KnownExecution {
  const { firstSeen, lastSeen, count, agentRun, agentRunLink, outcome, answer, waiting } = row.memo;
  return { ...row, memo: { firstSeen, lastSeen, count, agentRun, agentRunLink, outcome, answer, waiting } };
}

export interface Executions {
  /** Open ones, and those closed since a moment. */
  since: (ms: number) => AsyncIterable<ExecutionRow>;
  /** Those that changed their state, or were closed, since a moment. A terminated one upserts nothing, so both are asked. */
  changedSince: (ms: number) => AsyncIterable<ExecutionRow>;
}

export function executionsOf(list: ExecutionList, installation: string): Executions {
  const ours = incidentsOf(installation);
  return {
    since: (ms) => rows(list, [`${ours} AND ExecutionStatus='Running'`, closedSince(ours, ms)]),
    changedSince: (ms) => rows(list, [openedOrChangedSince(ours, ms), closedSince(ours, ms)]),
  };
}

/** One that was only started has no time of a change yet: every time is by Temporal's clock. */
function openedOrChangedSince(ours: string, ms: number): string {
  return `${ours} AND (StateChangedAt > '${iso(ms)}' OR StartTime > '${iso(ms)}')`;
}

/** `CloseTime > t` alone also matches every open execution. */
function closedSince(ours: string, ms: number): string {
  return `${ours} AND ExecutionStatus != 'Running' AND CloseTime > '${iso(ms)}'`;
}

async function* rows(list: ExecutionList, queries: string[]): AsyncGenerator<ExecutionRow> {
  for (const query of queries) {
    for await (const execution of list(query)) {
      const row = rowOf(execution);
      if (row !== undefined) yield row;
    }
  }
}

function rowOf(execution: WorkflowExecutionInfo): ExecutionRow | undefined {
  const memo = memoOf(execution);
  if (memo === undefined || execution.status.name === 'CONTINUED_AS_NEW') return undefined;
  const keyword = (name: SearchAttributeName) => keywordOf(execution, name);
  const [changedAt] = execution.searchAttributes['StateChangedAt' satisfies SearchAttributeName] ?? [];
  const isOpen = execution.status.name === 'RUNNING' || execution.status.name === 'PAUSED';
  return {
    workflowId: execution.workflowId,
    runId: execution.runId,
    hookUid: memo.hookUid,
    isOpen,
    startedMs: execution.startTime.getTime(),
    closedMs: execution.closeTime?.getTime(),
    ...(changedAt instanceof Date && { changedMs: changedAt.getTime() }),
    eventType: keyword('IncidentType'),
    resourceName: keyword('ResourceName'),
    resourceNamespace: keyword('ResourceNamespace'),
    agent: keyword('Agent'),
    state: execution.status.name === 'TERMINATED' ? 'terminated' : keyword('IncidentState'),
    memo,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
