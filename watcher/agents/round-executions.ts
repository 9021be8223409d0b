/**
 * Rounds of checks as executions in Temporal: starts one, and reads the newest.
 *
 * The worker has the key, so the question goes through Temporal. Remembers nothing.
 */
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowExecutionDescription,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { AgentCheck, type AgentCheckRequest } from '../../workflows/contract/agent-check.ts';
import { checkAgentsId, checkAgentsType, roundCauses, taskQueue } from '../../workflows/contract/plain/names.ts';
import type { Round } from './known-agents.ts';

export interface RoundExecutions {
  client: Client;
  installation: string;
}

/** False where a round is under way: it may have been asked about other agents. */
export async function startRound({ client, installation }: RoundExecutions, request: AgentCheckRequest) {
  try {
    await client.workflow.start(checkAgentsType, {
      workflowId: checkAgentsId(installation),
      taskQueue: taskQueue(installation),
      args: [request],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
      memo: { request },
      staticSummary: `look up ${request.agents.length} agent(s)`,
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

export async function describeNewest({ client, installation }: RoundExecutions) {
  try {
    return await client.workflow.getHandle(checkAgentsId(installation)).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** What a round has found out; undefined where it failed. Throws where its result cannot be read now. */
export async function readRound(client: Client, ended: WorkflowExecutionDescription): Promise<Round | undefined> {
  if (ended.status.name !== 'COMPLETED') return undefined;
  const result: unknown = await client.workflow.getHandle(ended.workflowId, ended.runId).result();
  const check = AgentCheck.safeParse(result);
  if (!check.success) return undefined;
  const isNewKey = ended.memo?.['cause'] === roundCauses.credentials;
  return { check: check.data, closedMs: ended.closeTime?.getTime() ?? Date.now(), isNewKey };
}
