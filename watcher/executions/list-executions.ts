/**
 * Executions that a query finds, page by page. One that cannot be decoded, because its key is gone, hides only itself.
 *
 * Used by reporting, reconciling and the ledger. The client's own `list` ends with the first memo that it cannot decode.
 * Visibility lags behind a little; decisions about starting never come from here.
 */
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { executionInfoFromRaw } from '@temporalio/client/lib/helpers.js';
import type { Unreadable } from './unreadable.ts';

export type ExecutionList = (query: string) => AsyncIterable<WorkflowExecutionInfo>;

export interface ListOptions {
  /** Told of each that is left out, every time that it is found. */
  onUnreadable: (left: Unreadable) => void;
  /** The server's own where left out. */
  pageSize?: number;
}

export function createExecutionList(client: Client, options: ListOptions): ExecutionList {
  return (query) => listReadable(client, query, options);
}

async function* listReadable(
  client: Client,
  query: string,
  { onUnreadable, pageSize }: ListOptions,
): AsyncGenerator<WorkflowExecutionInfo> {
  const { namespace, loadedDataConverter } = client.options;
  const request = { namespace, query, ...(pageSize !== undefined && { pageSize }) };
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await client.workflowService.listWorkflowExecutions({ ...request, nextPageToken });
    for (const raw of page.executions) {
      const tell = (error: unknown) => {
        const { workflowId, runId } = raw.execution ?? {};
        onUnreadable({ workflowId: workflowId ?? '', runId: runId ?? '', error });
      };
      const decoded = await executionInfoFromRaw(raw, loadedDataConverter, raw, namespace).catch(tell);
      if (decoded !== undefined) yield decoded;
    }
    ({ nextPageToken } = page);
  } while (nextPageToken.length > 0);
}
