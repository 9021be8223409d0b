/**
 * What became of the incidents: every execution of this installation, and every request that its agents received.
 *
 * Called by the demo again and again while it waits, and once more for the verdict. Only reads.
 */
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { z } from 'zod';
import { handleIncidentType } from '../../../workflows/contract/names.ts';
import { IncidentMemo } from '../../../workflows/contract/outcome.ts';

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

/** A request for an agent run, as the stand-in for Kagent received it. */
export interface Ask {
  type: string;
  pod: string;
  path: string;
  /** A status, or the kind of a fault. */
  answered: string;
  prompt: string;
}

export interface Account {
  chapters: Chapter[];
  /** Undefined where Kagent is the user's own. */
  asks: Ask[] | undefined;
}

export interface Sources {
  client: Client;
  installation: string;
  /** The stand-in for Kagent, where there is one. */
  kagentUrl: string | undefined;
}

export async function readAccount({ client, installation, kagentUrl }: Sources): Promise<Account> {
  const query = `Installation='${installation}' AND WorkflowType='${handleIncidentType}'`;
  const executions = await Array.fromAsync(client.workflow.list({ query }));
  // In this order, an execution that says that its agent was asked never lacks the ask.
  const asks = kagentUrl === undefined ? undefined : await readAsks(kagentUrl);
  return { chapters: executions.map(chapterOf), asks };
}

/** Asks that belong to an execution. */
export function asksOf({ type, pod }: { type: string; pod: string }, asks: readonly Ask[]): Ask[] {
  return asks.filter((ask) => ask.type === type && ask.pod === pod);
}

function chapterOf(execution: WorkflowExecutionInfo): Chapter {
  const keyword = (name: string) => String(execution.searchAttributes[name]?.[0] ?? '');
  return {
    workflowId: execution.workflowId,
    runId: execution.runId,
    type: keyword('IncidentType'),
    pod: keyword('ResourceName'),
    hook: `${keyword('HookNamespace')}/${keyword('Hook')}`,
    agent: keyword('Agent'),
    state: keyword('IncidentState'),
    memo: IncidentMemo.parse(execution.memo?.['incident']),
  };
}

const Requests = z.array(
  z.looseObject({
    method: z.string(),
    path: z.string(),
    answered: z.string().optional(),
    body: z
      .looseObject({ prompt: z.string(), context: z.looseObject({ eventName: z.string(), resourceName: z.string() }) })
      .optional()
      .catch(undefined),
  }),
);

async function readAsks(kagentUrl: string): Promise<Ask[]> {
  const answer = await fetch(`${kagentUrl}/_fake/requests`);
  const requests = Requests.parse(await answer.json()).filter(({ method }) => method === 'POST');
  return requests.map(({ path, answered = 'no answer', body }) => ({
    type: body?.context.eventName ?? 'something',
    pod: body?.context.resourceName ?? 'nothing in particular',
    path,
    answered,
    prompt: body?.prompt ?? '',
  }));
}
