/**
 * Executions of this installation and cluster, as reconciliation needs them: the open ones, and those that failed lately.
 *
 * Asks visibility, which lags behind a little; what follows from it is decided again where it matters.
 */
import type { WorkflowExecutionInfo } from '@temporalio/client';
import type { IncidentMemo } from '../../workflows/contract/outcome.ts';
import type { ExecutionList } from '../executions/list-executions.ts';
import { incidentsOf, keywordOf, memoOf } from '../executions/read-execution.ts';

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

interface Place {
  installation: string;
  /** Executions of another cluster with the same installation name are left alone. */
  clusterUid: string;
}

export async function* openExecutions(list: ExecutionList, place: Place): AsyncGenerator<OpenExecution> {
  for await (const execution of list(`${incidentsOf(place.installation)} AND ExecutionStatus='Running'`)) {
    const found = read(execution, place);
    if (found !== undefined) yield found;
  }
}

export async function* failedSince(list: ExecutionList, place: Place, ms: number): AsyncGenerator<FailedExecution> {
  const query = `${incidentsOf(place.installation)} AND ExecutionStatus='Failed' AND CloseTime > '${new Date(ms).toISOString()}'`;
  for await (const execution of list(query)) {
    const found = read(execution, place);
    const closedMs = execution.closeTime?.getTime();
    if (found === undefined || closedMs === undefined) continue;
    const [namespace = '', name = ''] = keywordOf(execution, 'Agent').split('/');
    yield { ...found, closedMs, reason: keywordOf(execution, 'FailureReason'), agent: { namespace, name } };
  }
}

function read(execution: WorkflowExecutionInfo, { clusterUid }: Place): OpenExecution | undefined {
  const memo = memoOf(execution);
  if (memo?.clusterUid !== clusterUid) return undefined;
  return {
    workflowId: execution.workflowId,
    runId: execution.runId,
    hook: { namespace: keywordOf(execution, 'HookNamespace'), name: keywordOf(execution, 'Hook') },
    resource: { namespace: keywordOf(execution, 'ResourceNamespace'), name: keywordOf(execution, 'ResourceName') },
    memo,
  };
}
