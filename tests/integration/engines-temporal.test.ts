/** Temporal is a real one: gRPC and Web UI answer, our search attributes are registered, a file keeps what was written to it. */
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { expect, inject, it, onTestFinished } from 'vitest';
import { openRun, type Run } from '../../deploy/local/runs/open-run.ts';
import { readSettings } from '../../deploy/local/settings.ts';
import { startTemporal } from '../../deploy/local/start-temporal.ts';
import { searchAttributeTypes } from '../../workflows/contract/plain/names.ts';

async function openOwnRun(): Promise<Run> {
  const run = await openRun(readSettings());
  onTestFinished(() => run.close());
  return run;
}

async function connect(address: string): Promise<Client> {
  const connection = await Connection.connect({ address });
  onTestFinished(() => connection.close());
  return new Client({ connection });
}

/** Starts an execution that no worker will ever take. */
async function startLonely(client: Client, workflowId: string): Promise<void> {
  await client.workflow.start('lonely', { taskQueue: 'nobody', workflowId });
}

it('the Web UI answers with a page', async () => {
  const response = await fetch(inject('temporalUiUrl'));
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('<html');
});

it('every search attribute of the contract is registered with its type', async () => {
  const { connection } = await connect(inject('temporalAddress'));
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
  const typeNumbers = { Keyword: 2, Datetime: 6 };
  for (const [name, type] of Object.entries(searchAttributeTypes)) {
    expect([name, customAttributes[name]]).toEqual([name, typeNumbers[type]]);
  }
});

it('with a database file, executions survive a kill and a restart on the same address', async () => {
  const run = await openOwnRun();
  const path = inject('enginePaths').temporal;
  const temporal = await startTemporal({ run, path, dbFilename: join(run.folder, 'temporal.db') });
  await startLonely(await connect(temporal.address), 'before-the-kill');
  const { pid } = temporal;

  await temporal.kill();
  await temporal.restart();

  expect(temporal.pid).not.toBe(pid);
  const client = await connect(temporal.address);
  const { status } = await client.workflow.getHandle('before-the-kill').describe();
  expect(status.name).toBe('RUNNING');
  await startLonely(client, 'after-the-kill');
});

it('a taken port is an error that quotes the log', async () => {
  const run = await openOwnRun();
  const port = Number(inject('temporalAddress').split(':')[1]);
  const failure = startTemporal({ run, path: inject('enginePaths').temporal, port });
  await expect(failure).rejects.toThrow(/temporal ended with code 1 before it was ready[^]*address already in use/);
});
