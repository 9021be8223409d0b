/**
 * The agent runs of an installation that wait for people, as Temporal's visibility shows them. Changes nothing.
 *
 * Visibility lags a little; whether an answer still counts is decided by the execution.
 */
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { awaitingStates, type Waiting } from '../../workflows/contract/outcome.ts';
import { createExecutionList } from '../executions/list-executions.ts';
import { incidentsOf, keywordOf, memoOf } from '../executions/read-execution.ts';
import type { Unreadable } from '../executions/unreadable.ts';

export interface WaitingExecution {
  workflowId: string;
  type: string;
  /** `namespace/name` of the object, or its name. */
  object: string;
  agent: string;
  /** The run in Kagent's own UI. */
  link?: string;
  waiting: Waiting;
}

/** The one query that finds everything that waits. */
export function waitingQuery(installation: string): string {
  const states = awaitingStates.map((state) => `'${state}'`).join(', ');
  return `${incidentsOf(installation)} AND ExecutionStatus='Running' AND IncidentState IN (${states})`;
}

export async function readWaiting(client: Client, installation: string, onUnreadable: (left: Unreadable) => void) {
  const list = createExecutionList(client, { onUnreadable });
  const found: WaitingExecution[] = [];
  for await (const execution of list(waitingQuery(installation))) {
    const one = waitingOf(execution);
    if (one !== undefined) found.push(one);
  }
  return found.toSorted((a, b) => a.waiting.since.localeCompare(b.waiting.since));
}

function waitingOf(execution: WorkflowExecutionInfo): WaitingExecution | undefined {
  const memo = memoOf(execution);
  if (memo?.waiting === undefined) return undefined;
  const namespace = keywordOf(execution, 'ResourceNamespace');
  const name = keywordOf(execution, 'ResourceName');
  return {
    workflowId: execution.workflowId,
    type: keywordOf(execution, 'IncidentType'),
    object: `${memo.subjectKind} ${namespace === '' ? name : `${namespace}/${name}`}`,
    agent: keywordOf(execution, 'Agent'),
    ...(memo.agentRunLink !== undefined && { link: memo.agentRunLink }),
    waiting: memo.waiting,
  };
}

/** The one whose id begins so; a sentence where there is none, or more than one. */
export function findPause(all: readonly WaitingExecution[], beginning: string): WaitingExecution | { problem: string } {
  const found = all.filter(({ waiting }) => waiting.pause.startsWith(beginning));
  const [first] = found;
  if (first === undefined || beginning === '')
    return { problem: `No run waits with a pause that begins with "${beginning}".` };
  if (found.length > 1)
    return { problem: `${found.length} pauses begin with "${beginning}"; expected more of its id.` };
  return first;
}
