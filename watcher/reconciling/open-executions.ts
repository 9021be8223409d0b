/**
 * Executions of this installation and cluster, as reconciliation needs them: the open ones, and those that failed lately.
 *
 * Asks visibility, which lags behind a little; what follows from it is decided again where it matters.
 */
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { IncidentMemo } from '../../workflows/contract/outcome.ts';
import { handleIncidentType } from '../../workflows/contract/plain/names.ts';
import type { ExecutionList } from '../executions/list-executions.ts';

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
  for await (const execution of list(`${ours(place)} AND ExecutionStatus='Running'`)) {
    const found = read(execution, place);
    if (found !== undefined) yield found;
  }
}

export async function* failedSince(list: ExecutionList, place: Place, ms: number): AsyncGenerator<FailedExecution> {
  const query = `${ours(place)} AND ExecutionStatus='Failed' AND CloseTime > '${new Date(ms).toISOString()}'`;
  for await (const execution of list(query)) {
    const found = read(execution, place);
    const closedMs = execution.closeTime?.getTime();
    if (found === undefined || closedMs === undefined) continue;
    const [namespace = '', name = ''] = keyword(execution, 'Agent').split('/');
    yield { ...found, closedMs, reason: keyword(execution, 'FailureReason'), agent: { namespace, name } };
  }
}

function ours({ installation }: Place): string {
  return `WorkflowType='${handleIncidentType}' AND Installation='${installation}'`;
}

function read(execution: WorkflowExecutionInfo, { clusterUid }: Place): OpenExecution | undefined {
  const memo = IncidentMemo.safeParse(execution.memo?.['incident']);
  if (!memo.success || memo.data.clusterUid !== clusterUid) return undefined;
  return {
    workflowId: execution.workflowId,
    runId: execution.runId,
    hook: { namespace: keyword(execution, 'HookNamespace'), name: keyword(execution, 'Hook') },
    resource: { namespace: keyword(execution, 'ResourceNamespace'), name: keyword(execution, 'ResourceName') },
    memo: memo.data,
  };
}

function keyword({ searchAttributes }: WorkflowExecutionInfo, name: string): string {
  const [value] = searchAttributes[name] ?? [];
  return typeof value === 'string' ? value : '';
}
