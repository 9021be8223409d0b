/**
 * What became of each incident, read from Temporal and from the agent platform's own record.
 *
 * Called by the demo until every incident has reached its agent. Only reads.
 */
import type { Client } from '@temporalio/client';
import { z } from 'zod';
import { IncidentMemo } from '../../../workflows/contract/outcome.ts';
import type { Trouble } from './make-trouble.ts';

export interface Chapter {
  trouble: Trouble;
  workflowId: string;
  runId: string;
  hook: string;
  agent: string;
  state: string;
  memo: IncidentMemo;
  /** Requests that the stand-in received about this incident; undefined where Kagent is the user's own. */
  requests: { path: string; answered: string; prompt: string }[] | undefined;
}

const Requests = z.array(
  z.looseObject({
    path: z.string(),
    answered: z.string().optional(),
    body: z
      .looseObject({ prompt: z.string(), context: z.looseObject({ eventName: z.string(), resourceName: z.string() }) })
      .optional()
      .catch(undefined),
  }),
);

export interface Sources {
  client: Client;
  installation: string;
  /** The stand-in for Kagent, where there is one. */
  kagentUrl: string | undefined;
}

/** The chapter of one incident; undefined until its agent has answered. More than one execution is an error. */
export async function readChapter(trouble: Trouble, sources: Sources): Promise<Chapter | undefined> {
  const { client, installation, kagentUrl } = sources;
  const query = `Installation='${installation}' AND IncidentType='${trouble.type}' AND ResourceName='${trouble.pod}'`;
  const found = await Array.fromAsync(client.workflow.list({ query }));
  if (found.length > 1)
    throw new Error(`${trouble.type} of ${trouble.pod} has ${found.length} executions; wanted one.`);
  const [execution] = found;
  const memo = IncidentMemo.safeParse(execution?.memo?.['incident']);
  if (execution === undefined || !memo.success || memo.data.agentRun === undefined) return undefined;
  const keyword = (name: string) => String(execution.searchAttributes[name]?.[0] ?? '');
  return {
    trouble,
    workflowId: execution.workflowId,
    runId: execution.runId,
    hook: `${keyword('HookNamespace')}/${keyword('Hook')}`,
    agent: keyword('Agent'),
    state: keyword('IncidentState'),
    memo: memo.data,
    requests: kagentUrl === undefined ? undefined : await requestsAbout(trouble, kagentUrl),
  };
}

async function requestsAbout({ type, pod }: Trouble, kagentUrl: string): Promise<Chapter['requests']> {
  const answer = await fetch(`${kagentUrl}/_fake/requests`);
  return Requests.parse(await answer.json()).flatMap(({ path, answered = '', body }) =>
    body?.context.eventName === type && body.context.resourceName === pod
      ? [{ path, answered, prompt: body.prompt }]
      : [],
  );
}
