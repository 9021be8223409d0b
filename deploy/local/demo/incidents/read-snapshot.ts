/**
 * What Temporal and the stand-in know at one moment: every execution of this installation, and everything that its agents
 * received. Only reads.
 */
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { createExecutionList } from '../../../../watcher/executions/list-executions.ts';
import { incidentsOf, keywordOf } from '../../../../watcher/executions/read-execution.ts';
import type { Unreadable } from '../../../../watcher/executions/unreadable.ts';
import { awaitingStates, IncidentMemo } from '../../../../workflows/contract/outcome.ts';
import type { LocalSystem } from '../system/open-system.ts';
import { type Ask, readAsks } from './read-asks.ts';

/** One execution, as its search attributes and its memo have it. */
export interface IncidentExecution {
  workflowId: string;
  runId: string;
  type: string;
  pod: string;
  hook: string;
  agent: string;
  state: string;
  memo: IncidentMemo;
}

export interface Snapshot {
  executions: IncidentExecution[];
  /** Undefined where Kagent is the user's own. */
  asks: Ask[] | undefined;
  /** Whether the runs of agents are followed to their answers. Undefined where Kagent is the user's own. */
  hasAnswers: boolean | undefined;
}

export async function readSnapshot({
  client,
  installation,
  standIn,
}: Pick<LocalSystem, 'client' | 'installation' | 'standIn'>): Promise<Snapshot> {
  const listed = await Array.fromAsync(
    createExecutionList(client, { onUnreadable: refuse })(incidentsOf(installation)),
  );
  const executions = listed.map(executionOf);
  if (standIn === undefined) return { executions, asks: undefined, hasAnswers: undefined };
  // In this order, an execution that says that its agent was asked never lacks the ask.
  return { executions, asks: await readAsks(standIn), hasAnswers: standIn.protocol !== 'rest' };
}

/** A snapshot that lacks an execution would be a wrong one. */
function refuse({ workflowId, error }: Unreadable): never {
  throw new Error(`The execution ${workflowId} cannot be read: ${String(error)}`, { cause: error });
}

function executionOf(execution: WorkflowExecutionInfo): IncidentExecution {
  return {
    workflowId: execution.workflowId,
    runId: execution.runId,
    type: keywordOf(execution, 'IncidentType'),
    pod: keywordOf(execution, 'ResourceName'),
    hook: `${keywordOf(execution, 'HookNamespace')}/${keywordOf(execution, 'Hook')}`,
    agent: keywordOf(execution, 'Agent'),
    state: keywordOf(execution, 'IncidentState'),
    memo: IncidentMemo.parse(execution.memo?.['incident']),
  };
}

/** Asks that belong to an execution: by what they are about, or by the run that it knows and the context of that. */
export function asksOf({ type, pod, memo }: IncidentExecution, asks: readonly Ask[]): Ask[] {
  const known = asks.find((ask) => ask.kind === 'run' && ask.taskId === memo.agentRun);
  const contextId = known?.kind === 'run' ? known.contextId : undefined;
  return asks.filter((ask) =>
    ask.kind === 'request' ? ask.type === type && ask.pod === pod : ask.contextId === contextId,
  );
}

const statesOfRuns = ['running', ...awaitingStates, 'answered', 'run-failed'];

/** Whether people have to answer. */
export function isWaiting({ state }: Pick<IncidentExecution, 'state'>): boolean {
  return awaitingStates.some((awaiting) => awaiting === state);
}

/** Whether the run of this execution is followed to its answer. */
export function isAnswerExpected({ memo }: IncidentExecution, { hasAnswers }: Snapshot): boolean {
  return hasAnswers ?? memo.transitions.some(({ state }) => statesOfRuns.includes(state));
}

/** Nothing more comes of it by itself: answered, ended, waiting for people, or asked where no answer is expected. */
export function isSettled(
  execution: IncidentExecution,
  snapshot: Snapshot,
  { isOnce = false }: { isOnce?: boolean } = {},
): boolean {
  const { state } = execution;
  if (isWaiting(execution)) return !isOnce;
  if (state === 'asked') return !isAnswerExpected(execution, snapshot);
  return state !== '' && !['delivering', 'redelivering', 'running'].includes(state);
}
