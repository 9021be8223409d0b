/**
 * The connection to Temporal: waits for the server, and for the search attributes that executions carry.
 *
 * What is missing is waited for, with a log line per step of the back-off. Never creates anything there.
 */
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { Logger } from 'pino';
import { readTemporalSettings } from '../../runtime/temporal-settings.ts';
import { missingAttributes, registerCommand } from '../../workflows/contract/search-attributes.ts';
import { temporalChannel } from '../../workflows/contract/temporal-channel.ts';
import { createBackoff, pause } from '../loops/backoff.ts';

/** For one answer of the server. */
const callMs = 5000;

export async function connectTemporal(
  log: Logger,
  signal: AbortSignal,
  dataConverter?: DataConverter,
): Promise<Client> {
  const { connectionOptions, address, namespace } = readTemporalSettings();
  // Callers retry. The client's own retries would come on top, and one of them after `close` ends the process.
  const connection = Connection.lazy({
    ...connectionOptions,
    channelArgs: temporalChannel,
    interceptors: [],
  });
  const client = new Client({
    connection,
    namespace,
    ...(dataConverter !== undefined && { dataConverter }),
  });
  await untilReady({ log, signal, what: `Temporal at ${address}` }, () => checkNamespace(client));
  await untilReady({ log, signal, what: 'the search attributes' }, () => checkSearchAttributes(client));
  return client;
}

async function checkNamespace(client: Client): Promise<void> {
  await client.connection.withDeadline(Date.now() + callMs, () =>
    client.workflowService.describeNamespace({ namespace: client.options.namespace }),
  );
}

/** Throws a sentence with the commands that register what is missing. */
async function checkSearchAttributes(client: Client): Promise<void> {
  const { namespace } = client.options;
  const missing = await missingAttributes((query) =>
    client.withDeadline(Date.now() + callMs, () =>
      client.workflowService.countWorkflowExecutions({ namespace, query }),
    ),
  );
  if (missing.length === 0) return;
  const commands = missing.map((name) => registerCommand(name, `--namespace ${namespace}`));
  throw new Error(`Namespace ${namespace} lacks search attributes. To register them: ${commands.join(' && ')}`);
}

async function untilReady(
  wait: { log: Logger; signal: AbortSignal; what: string },
  check: () => Promise<void>,
): Promise<void> {
  const backoff = createBackoff();
  while (!wait.signal.aborted) {
    try {
      await check();
      return;
    } catch (error) {
      const waitMs = backoff.nextMs();
      const message = error instanceof Error ? error.message : String(error);
      wait.log.warn({ waitMs, error: message }, `waiting for ${wait.what}`);
      await pause(waitMs, wait.signal);
    }
  }
}
