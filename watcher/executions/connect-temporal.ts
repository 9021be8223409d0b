/**
 * The connection to Temporal: waits for the server, and for the search attributes that executions carry.
 *
 * Missing is waited for, one log line per step of the back-off; never creates anything there.
 */
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { Logger } from 'pino';
import { readTemporalSettings } from '../../runtime/temporal-settings.ts';
import { attributeProbe, searchAttributeTypes } from '../../workflows/contract/plain/names.ts';
import { temporalChannel } from '../../workflows/contract/temporal-channel.ts';
import { createBackoff, pause } from '../loops/backoff.ts';

export async function connectTemporal(
  log: Logger,
  signal: AbortSignal,
  dataConverter?: DataConverter,
): Promise<Client> {
  const { connectionOptions, address, namespace } = readTemporalSettings();
  // Who calls tries again itself. The client's own tries would come on top, and one of them after `close` ends the process.
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
  await client.connection.withDeadline(Date.now() + 5000, () =>
    client.workflowService.describeNamespace({ namespace: client.options.namespace }),
  );
}

/** Throws a sentence with the command that registers what is missing. Asked by a query, which every kind of server allows. */
async function checkSearchAttributes(client: Client): Promise<void> {
  const { namespace } = client.options;
  for (const [name, type] of Object.entries(searchAttributeTypes)) {
    const count = () => client.workflowService.countWorkflowExecutions({ namespace, query: attributeProbe(name) });
    await client.withDeadline(Date.now() + 5000, count).catch((cause: unknown) => {
      const create = `temporal operator search-attribute create --namespace ${namespace} --name ${name} --type ${type}`;
      throw new Error(
        `Search attribute ${name} cannot be used in namespace ${namespace}; if it is missing: ${create}`,
        { cause },
      );
    });
  }
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
