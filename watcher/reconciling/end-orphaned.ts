/**
 * Cancels an open execution whose Hook was deleted, with that as the reason.
 *
 * Looks the Hook up before it cancels. Never stops an agent run itself: a cancelled execution asks the agent to stop it.
 */
import { randomUUID } from 'node:crypto';
import { type Client, isGrpcServiceError } from '@temporalio/client';
import type { ApiServer } from '../kube/api-server.ts';
import { isThere } from './is-there.ts';
import type { OpenExecution } from './open-executions.ts';

export interface EndOrphaned {
  client: Client;
  api: ApiServer;
  /** Uids of the Hooks that are known. */
  hookUids: ReadonlySet<string>;
}

const grpcNotFound = 5;

/** Whether it was cancelled. */
export async function endOrphaned({ client, api, hookUids }: EndOrphaned, execution: OpenExecution): Promise<boolean> {
  const { hook, memo, workflowId, runId } = execution;
  const path = ['apis', 'kagent.dev', 'v1alpha2', 'namespaces', hook.namespace, 'hooks', hook.name];
  if (hookUids.has(memo.hookUid) || (await isThere(api, path, memo.hookUid))) return false;
  try {
    await client.workflowService.requestCancelWorkflowExecution({
      namespace: client.options.namespace,
      workflowExecution: { workflowId, runId },
      identity: client.options.identity,
      requestId: randomUUID(),
      reason: `The Hook ${hook.namespace}/${hook.name} was deleted.`,
    });
  } catch (error) {
    if (isGrpcServiceError(error) && Number(error.code) === grpcNotFound) return false; // it has closed
    throw error;
  }
  return true;
}
