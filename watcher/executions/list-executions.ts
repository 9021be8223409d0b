/**
 * Executions that a query finds, page by page. One that cannot be decoded, because its key is gone, hides only itself.
 *
 * The client's own `list` ends with the first memo that it cannot decode. Visibility lags behind a little; decisions about
 * starting never come from here.
 */
import { type Client, isGrpcServiceError, type WorkflowExecutionInfo } from '@temporalio/client';
import { executionInfoFromRaw } from '../../runtime/temporal-private.ts';
import type { Unreadable } from './unreadable.ts';

export type ExecutionList = (query: string) => AsyncIterable<WorkflowExecutionInfo>;

export interface ListOptions {
  /** Called for each that is left out, every time that it is found. */
  onUnreadable: (left: Unreadable) => void;
  /** Of the first page. */
  pageSize?: number;
}

/** Executions of 20 Pods have memos of some KiB; a thousand of them, the server's own page, is more than gRPC takes. */
const usualPageSize = 100;
/** For one page. */
const pageMs = 30_000;
const resourceExhausted = 8;

export function createExecutionList(client: Client, options: ListOptions): ExecutionList {
  return (query) => listReadable(client, query, options);
}

async function* listReadable(
  client: Client,
  query: string,
  { onUnreadable, pageSize = usualPageSize }: ListOptions,
): AsyncGenerator<WorkflowExecutionInfo> {
  const { namespace, loadedDataConverter } = client.options;
  let next: { token: Uint8Array; size: number } = { token: new Uint8Array(), size: pageSize };
  do {
    const { page, size } = await readPage(client, { namespace, query, nextPageToken: next.token }, next.size);
    for (const raw of page.executions) {
      const leaveOut = (error: unknown) => {
        const { workflowId, runId } = raw.execution ?? {};
        onUnreadable({ workflowId: workflowId ?? '', runId: runId ?? '', error });
      };
      const decoded = await executionInfoFromRaw(raw, loadedDataConverter, raw, namespace).catch(leaveOut);
      if (decoded !== undefined) yield decoded;
    }
    next = { token: page.nextPageToken, size };
  } while (next.token.length > 0);
}

/** A page that is too large for one answer is asked for again by half, down to one execution; the token holds all the same. */
async function readPage(client: Client, request: object, expected: number) {
  for (let size = expected; ; size = Math.floor(size / 2)) {
    const read = () => client.workflowService.listWorkflowExecutions({ ...request, pageSize: size });
    try {
      return { page: await client.withDeadline(Date.now() + pageMs, read), size };
    } catch (error) {
      if (size <= 1 || !isTooLarge(error)) throw error;
    }
  }
}

/** gRPC's RESOURCE_EXHAUSTED also means that too much is asked, and then smaller pages would ask for still more. */
function isTooLarge(error: unknown): boolean {
  return (
    isGrpcServiceError(error) && Number(error.code) === resourceExhausted && /larger than max/i.test(error.message)
  );
}
