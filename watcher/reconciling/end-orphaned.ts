/**
 * Cancels an open execution whose Hook was deleted, with that as the reason.
 *
 * Looks the Hook up before it cancels. Never stops an agent run itself: a cancelled execution asks the agent to stop it.
 */
import { randomUUID } from 'node:crypto';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { type ApiServer, KubeError } from '../kube/api-server.ts';
import { pathOf } from '../kube/path-of.ts';
import { uidOf } from '../kube/uid-of.ts';
import type { OpenExecution } from './open-executions.ts';

export interface EndOrphaned {
  client: Client;
  api: ApiServer;
  /** Uids of the Hooks that are known. */
  hookUids: ReadonlySet<string>;
}

/** Whether it was cancelled. */
export async function endOrphaned({ client, api, hookUids }: EndOrphaned, execution: OpenExecution): Promise<boolean> {
  const { hook, memo, workflowId, runId } = execution;
  if (hookUids.has(memo.hookUid) || (await isThere(api, hook, memo.hookUid))) return false;
  try {
    await client.workflowService.requestCancelWorkflowExecution({
      namespace: client.options.namespace,
      workflowExecution: { workflowId, runId },
      identity: client.options.identity,
      requestId: randomUUID(),
      reason: `The Hook ${hook.namespace}/${hook.name} was deleted.`,
    });
  } catch (error) {
    if (isClosed(error)) return false;
    throw error;
  }
  return true;
}

/** A Hook of the same name with another uid is another Hook. */
async function isThere(api: ApiServer, { namespace, name }: OpenExecution['hook'], uid: string): Promise<boolean> {
  try {
    const path = pathOf('apis', 'kagent.dev', 'v1alpha2', 'namespaces', namespace, 'hooks', name);
    return uidOf(await api.json({ path })) === uid;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return false;
    throw error;
  }
}

const grpcNotFound = 5;

function isClosed(error: unknown): boolean {
  if (error instanceof WorkflowNotFoundError) return true;
  return error instanceof Error && 'code' in error && error.code === grpcNotFound;
}
