/**
 * Reads the ledger from the Lease, and from Temporal what executions remember. Changes nothing.
 */
import type { Client } from '@temporalio/client';
import { createExecutionList } from '../executions/list-executions.ts';
import { incidentsOf, memoOf } from '../executions/read-execution.ts';
import { type LeasePlace, readLease } from '../leading/lease.ts';
import { readEntries, totalOf } from './entries.ts';
import type { LedgerReport, Remembered } from './print.ts';

/** Undefined where no watcher has written its account yet. */
export async function readLedger(
  client: Client,
  lease: Omit<LeasePlace, 'identity'>,
  installation: string,
): Promise<LedgerReport | undefined> {
  const found = await readLease({ ...lease, identity: '' });
  const entries = readEntries(found?.annotations ?? {});
  const sinceMs = Date.parse(found?.annotations['kagent.dev/installed-at'] ?? '');
  if (entries.size === 0 || Number.isNaN(sinceMs)) return undefined;
  const remembered = await readRemembered(client, installation);
  return { installation, sinceMs, watchers: entries.size, account: totalOf(entries), remembered };
}

async function readRemembered(client: Client, installation: string): Promise<Remembered> {
  const { namespace } = client.options;
  const { config } = await client.workflowService.describeNamespace({ namespace });
  const retentionMs = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) * 1000;
  const remembered = { executions: 0, received: 0, unreadable: 0, retainedFromMs: Date.now() - retentionMs };
  const query = `${incidentsOf(installation)} AND ExecutionStatus != 'ContinuedAsNew'`;
  const list = createExecutionList(client, { onUnreadable: () => void (remembered.unreadable += 1) });
  for await (const execution of list(query)) {
    const memo = memoOf(execution);
    if (memo === undefined) continue;
    remembered.executions += 1;
    remembered.received += memo.received;
  }
  return remembered;
}
