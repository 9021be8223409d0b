/**
 * Executions of this installation and cluster, as reconciliation needs them: the open ones, and those that failed lately.
 *
 * Visibility lags behind a little: whatever acts on a row has to pin its run, or ask Temporal again.
 */
import type { WorkflowExecutionInfo } from '@temporalio/client';
import type { IncidentMemo } from '../../workflows/contract/outcome.ts';
import type { ExecutionList } from '../executions/list-executions.ts';
import { incidentsOf, keywordOf, memoOf } from '../executions/read-execution.ts';
import type { Installation } from '../starting/incident-of.ts';

export interface OpenExecution {
  workflowId: string;
  runId: string;
  hook: { namespace: string; name: string };
  resource: { namespace: string; name: string };
  memo: IncidentMemo;
}

export interface FailedExecution extends OpenExecution {
  closedMs: number;
  /** Why it failed; one of the reason words. */
  reason: string;
  agent: { namespace: string; name: string };
}

/** Executions of another cluster with the same installation name are left alone. */
type Origin = Pick<Installation, 'name' | 'cluster'>;

export async function* openExecutions(list: ExecutionList, origin: Origin): AsyncGenerator<OpenExecution> {
  for await (const execution of list(`${incidentsOf(origin.name)} AND ExecutionStatus='Running'`)) {
    const found = read(execution, origin);
    if (found !== undefined) yield found;
  }
}

export async function* failedSince(list: ExecutionList, origin: Origin, ms: number): AsyncGenerator<FailedExecution> {
  const query = `${incidentsOf(origin.name)} AND ExecutionStatus='Failed' AND CloseTime > '${new Date(ms).toISOString()}'`;
  for await (const execution of list(query)) {
    const found = read(execution, origin);
    const closedMs = execution.closeTime?.getTime();
    if (found === undefined || closedMs === undefined) continue;
    const [namespace = '', name = ''] = keywordOf(execution, 'Agent').split('/');
    yield { ...found, closedMs, reason: keywordOf(execution, 'FailureReason'), agent: { namespace, name } };
  }
}

function read(execution: WorkflowExecutionInfo, { cluster }: Origin): OpenExecution | undefined {
  const memo = memoOf(execution);
  if (memo?.clusterUid !== cluster.uid) return undefined;
  return {
    workflowId: execution.workflowId,
    runId: execution.runId,
    hook: { namespace: keywordOf(execution, 'HookNamespace'), name: keywordOf(execution, 'Hook') },
    resource: { namespace: keywordOf(execution, 'ResourceNamespace'), name: keywordOf(execution, 'ResourceName') },
    memo,
  };
}
