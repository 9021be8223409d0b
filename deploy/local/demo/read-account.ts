/**
 * What became of the incidents: every execution of this installation, and everything that its agents received.
 *
 * Only reads.
 */
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { createExecutionList } from '../../../watcher/executions/list-executions.ts';
import { incidentsOf, keywordOf } from '../../../watcher/executions/read-execution.ts';
import type { Unreadable } from '../../../watcher/executions/unreadable.ts';
import { IncidentMemo } from '../../../workflows/contract/outcome.ts';
import { type Ask, readAsks } from './read-asks.ts';
import type { StandIn } from './stage.ts';

/** One execution, with what its agent was asked. */
export interface Chapter {
  workflowId: string;
  runId: string;
  type: string;
  pod: string;
  hook: string;
  agent: string;
  state: string;
  memo: IncidentMemo;
}

export interface Account {
  chapters: Chapter[];
  /** Undefined where Kagent is the user's own. */
  asks: Ask[] | undefined;
  /** Whether agents are heard of again after they were asked. Undefined where Kagent is the user's own. */
  areAnswersWanted: boolean | undefined;
}

export interface Sources {
  client: Client;
  installation: string;
  /** Undefined where Kagent is the user's own. */
  standIn: StandIn | undefined;
}

export async function readAccount({ client, installation, standIn }: Sources): Promise<Account> {
  const executions = await Array.fromAsync(
    createExecutionList(client, { onUnreadable: refuse })(incidentsOf(installation)),
  );
  // In this order, an execution that says that its agent was asked never lacks the ask.
  const asks = standIn === undefined ? undefined : await readAsks(standIn);
  const areAnswersWanted = standIn === undefined ? undefined : standIn.protocol !== 'rest';
  return { chapters: executions.map(chapterOf), asks, areAnswersWanted };
}

/** An account without an execution that is there would be a wrong one. */
function refuse({ workflowId, error }: Unreadable): never {
  throw new Error(`The execution ${workflowId} cannot be read: ${String(error)}`, { cause: error });
}

/** Asks that belong to an execution: by what they are about, or by the run that it knows and the context of that. */
export function asksOf({ type, pod, memo }: Chapter, asks: readonly Ask[]): Ask[] {
  const known = asks.find((ask) => ask.kind === 'run' && ask.taskId === memo.agentRun);
  const contextId = known?.kind === 'run' ? known.contextId : undefined;
  return asks.filter((ask) =>
    ask.kind === 'request' ? ask.type === type && ask.pod === pod : ask.contextId === contextId,
  );
}

const statesOfWaiting = ['awaiting-approval', 'awaiting-answer'];
const statesOfRuns = ['running', ...statesOfWaiting, 'answered', 'run-failed'];

/** Whether it is for people to say something. */
export function isWaiting({ state }: Pick<Chapter, 'state'>): boolean {
  return statesOfWaiting.includes(state);
}

/** Whether the agent of an execution is heard of again after it was asked. */
export function isAnswerWanted({ memo }: Chapter, { areAnswersWanted }: Account): boolean {
  return areAnswersWanted ?? memo.transitions.some(({ state }) => statesOfRuns.includes(state));
}

/** Nothing more comes of it by itself: answered, ended, waiting for people, or asked where that is all there is. */
export function isSettled(chapter: Chapter, account: Account, { isOnce = false }: { isOnce?: boolean } = {}): boolean {
  const { state } = chapter;
  if (isWaiting(chapter)) return !isOnce;
  if (state === 'asked') return !isAnswerWanted(chapter, account);
  return state !== '' && !['delivering', 'redelivering', 'running'].includes(state);
}

function chapterOf(execution: WorkflowExecutionInfo): Chapter {
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
