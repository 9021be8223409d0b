/**
 * Signals of somebody who has no key, sent to an encrypted execution: what is not encrypted is dropped, what names a key that
 * nobody has holds this execution up until a person leaves the signal out. Nothing is lost by that, and nobody asked twice.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import pino from 'pino';
import { expect, inject, it, onTestFinished } from 'vitest';
import { failureConverterPath, openDataConverter } from '../../codec/data-converter.ts';
import { workflowIdOf } from '../../watcher/starting/identity.ts';
import { startOrJoin } from '../../watcher/starting/start.ts';
import { signalNames, taskQueue } from '../../workflows/contract/plain/names.ts';
import { anIncident } from '../make.ts';
import { waitFor } from '../wait-for.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });

/** Its workers hold back a failed workflow task for some seconds, so the quiet window is no shorter. */
const quietWindowMs = 3000;

async function anEncryptedExecution() {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'));
  writeFileSync(join(folder, 'ours'), randomBytes(32).toString('base64'));
  const dataConverter = openDataConverter(folder, pino({ level: 'silent' })) ?? {};
  const address = inject('temporalAddress');
  const [connection, native] = [await Connection.connect({ address }), await NativeConnection.connect({ address })];
  onTestFinished(async () => {
    rmSync(folder, { recursive: true });
    await connection.close();
    await native.close();
  });
  const client = new Client({ connection, dataConverter });
  const installation = `f${randomBytes(4).toString('hex')}`;
  const made = anIncident({ installation });
  const incident = { ...made, timing: { ...made.timing, quietWindowMs } };
  const workflowId = workflowIdOf(incident);
  const asked: string[] = [];
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  const worker = await Worker.create({
    connection: native,
    taskQueue: taskQueue(installation),
    workflowBundle: await bundleWorkflowCode({
      workflowsPath,
      failureConverterPath,
      logger: new DefaultLogger('ERROR'),
    }),
    dataConverter,
    activities: {
      renderPrompt: async () => 'prompt',
      callAgent: async () => {
        asked.push('asked');
        return { executionId: 'e', message: 'started' };
      },
    },
  });
  const handle = client.workflow.getHandle(workflowId);
  const failedTasks = async () => {
    const { events } = await handle.fetchHistory();
    return (events ?? []).filter(({ workflowTaskFailedEventAttributes: failed }) => failed).length;
  };
  const signal = (payloads: Payload[]) =>
    connection.workflowService.signalWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId },
      signalName: signalNames.occurrences,
      input: { payloads },
    });
  const start = async () => {
    await startOrJoin(client, { workflowId, incident, occurrences: [incident.occurrence] });
    // Not only the call: a reset to a task before its end would make it again.
    await waitFor('the ask', async () => (await handle.describe()).searchAttributes['IncidentState']?.[0] === 'asked');
  };
  return { workflowId, handle, worker, asked, failedTasks, signal, start };
}

const sealedBy = (key: string): Payload => ({
  metadata: { encoding: Buffer.from('binary/encrypted'), 'encryption-key-id': Buffer.from(key) },
  data: randomBytes(80),
});

it('what is not encrypted and cannot be decoded is dropped', async () => {
  const { handle, worker, asked, failedTasks, signal, start } = await anEncryptedExecution();
  await worker.runUntil(async () => {
    await start();
    await signal([{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{{') }]);
    expect(await handle.result()).toMatchObject({ state: 'resolved', occurrences: 1 });
  });
  expect(asked).toHaveLength(1);
  expect(await failedTasks()).toBe(0);
});

it.each(['nobodys', 'ours'])(
  'what names the key %s and is not encrypted with it holds the execution up, until it is reset without its signals',
  async (key) => {
    const { workflowId, handle, worker, asked, failedTasks, signal, start } = await anEncryptedExecution();
    await worker.runUntil(async () => {
      await start();
      await signal([sealedBy(key)]);
      await waitFor('a failed workflow task', async () => (await failedTasks()) > 0);
      expect((await handle.describe()).status.name).toBe('RUNNING');
      const reset = ['workflow', 'reset', '--workflow-id', workflowId, '--type', 'LastWorkflowTask'];
      const without = ['--reapply-exclude', 'Signal', '--reason', 'a signal that nobody can read'];
      await promisify(execFile)(inject('enginePaths').temporal, [
        ...reset,
        ...without,
        '--address',
        inject('temporalAddress'),
      ]);
      expect(await handle.result()).toMatchObject({ state: 'resolved', occurrences: 1 });
    });
    expect(asked).toHaveLength(1);
  },
);
