/**
 * Executions whose key is gone, on the real server: one of them hides itself and nothing else, and starts nothing twice.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApplicationFailure, Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { failureConverterPath, openDataConverter } from '../../codec/data-converter.ts';
import { createExecutionList } from '../../watcher/executions/list-executions.ts';
import { logUnreadable, type Unreadable } from '../../watcher/executions/unreadable.ts';
import { openExecutions } from '../../watcher/reconciling/open-executions.ts';
import { restartFailed } from '../../watcher/reconciling/restart-failed.ts';
import { executionsOf } from '../../watcher/reporting/executions.ts';
import { createHandover } from '../../watcher/starting/handover.ts';
import { workflowIdOf } from '../../watcher/starting/identity.ts';
import { lastRunOf } from '../../watcher/starting/last-run.ts';
import { startOrJoin } from '../../watcher/starting/start.ts';
import { taskQueue } from '../../workflows/contract/plain/names.ts';
import { aHook, anIncident } from '../make.ts';
import { waitFor } from '../wait-for.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });
const log = pino({ level: 'silent' });

let connection: Connection;
beforeAll(async () => {
  connection = await Connection.connect({ address: inject('temporalAddress') });
});
afterAll(() => connection.close());

const keys = new Map<string, string>();
const keyOf = (id: string) => keys.get(id) ?? keys.set(id, randomBytes(32).toString('base64')).get(id) ?? '';

function addKey(folder: string, id: string): void {
  writeFileSync(join(folder, id), keyOf(id));
}

/** The first of the keys encrypts. */
function aFolder(...ids: [string, ...string[]]): string {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const id of ids) addKey(folder, id);
  writeFileSync(join(folder, 'active'), ids[0]);
  return folder;
}
function aClient(folder: string): Client {
  const dataConverter = openDataConverter(folder, log);
  return new Client({ connection, ...(dataConverter !== undefined && { dataConverter }) });
}

function anInstallation() {
  const installation = `u${randomBytes(4).toString('hex')}`;
  const incidentAbout = (name: string) => {
    const made = anIncident({ installation });
    const incident = { ...made, subject: { ...made.subject, name, uid: `uid-${name}` } };
    return { incident, workflowId: workflowIdOf(incident) };
  };
  const start = async (by: Client, name: string) => {
    const { incident, workflowId } = incidentAbout(name);
    await startOrJoin(by, { workflowId, incident, occurrences: [incident.occurrence] });
    return workflowId;
  };
  const all = { namespace: 'default', query: `Installation='${installation}'` };
  const count = async () => Number((await connection.workflowService.countWorkflowExecutions(all)).count);
  const listed = (expected: number) =>
    waitFor(`${expected} executions in visibility`, async () => (await count()) >= expected);
  return { installation, incidentAbout, start, count, listed };
}

describe('a listing with one execution in it whose key is gone', () => {
  it('shows all the others, page by page, reports that one once, and shows it too when its key is back', async () => {
    const { installation, start, listed } = anInstallation();
    const [ours, theirs] = [aFolder('ours'), aFolder('theirs')];
    for (const name of ['a', 'b']) await start(aClient(ours), name);
    const sealed = await start(aClient(theirs), 'sealed');
    for (const name of ['c', 'd']) await start(aClient(ours), name);
    await listed(5);
    const unreadable: Unreadable[] = [];
    const lines: unknown[] = [];
    const logOnce = logUnreadable({ warn: (facts: unknown) => void lines.push(facts) });
    const onUnreadable = (left: Unreadable) => {
      unreadable.push(left);
      logOnce(left);
    };
    const list = createExecutionList(aClient(ours), { onUnreadable, pageSize: 2 });
    const reported = async () => {
      const rows = await Array.fromAsync(executionsOf(list, installation).since(0));
      return rows.map(({ resourceName }) => resourceName).toSorted();
    };
    const clusterUid = anIncident().cluster.uid;
    const reconciled = async () => {
      const open = await Array.fromAsync(openExecutions(list, { name: installation, cluster: { uid: clusterUid } }));
      return open.map(({ resource }) => resource.name).toSorted();
    };
    expect([await reported(), await reconciled()]).toEqual([
      ['a', 'b', 'c', 'd'],
      ['a', 'b', 'c', 'd'],
    ]);
    expect(unreadable.map(({ workflowId }) => workflowId)).toEqual([sealed, sealed]);
    expect(lines).toEqual([
      expect.objectContaining({ workflowId: sealed, error: expect.stringContaining('"theirs"') }),
    ]);
    addKey(ours, 'theirs');
    expect(await reported()).toEqual(['a', 'b', 'c', 'd', 'sealed']);
  });

  it('is not ended by it where there are no keys at all', async () => {
    const { installation, start, listed } = anInstallation();
    await start(aClient(aFolder('theirs')), 'sealed');
    await start(new Client({ connection }), 'plain');
    await listed(2);
    const list = createExecutionList(new Client({ connection }), { onUnreadable: () => undefined });
    const rows = await Array.fromAsync(executionsOf(list, installation).since(0));
    expect(rows.map(({ resourceName }) => resourceName)).toEqual(['plain']);
  });
});

describe('a closed run whose key is gone', () => {
  it.each([
    ['with other keys', (folder: string) => aClient(folder)],
    ['without any', () => new Client({ connection })],
  ])(
    'is no run without a memo for a watcher %s: it starts nothing and says which key is missing',
    async (_, clientOf) => {
      const { incidentAbout, start, listed, count } = anInstallation();
      const workflowId = await start(aClient(aFolder('theirs')), 'web-0');
      await new Client({ connection }).workflow.getHandle(workflowId).terminate();
      const reader = clientOf(aFolder('ours'));
      await expect(lastRunOf(reader, workflowId)).rejects.toThrow(
        /nothing is started until its key is in CODEC_KEY_DIR/,
      );
      const { incident } = incidentAbout('web-0');
      const again = startOrJoin(reader, { workflowId, incident, occurrences: [incident.occurrence] });
      await expect(again).rejects.toThrow(`${workflowId} cannot be read`);
      await listed(1);
      expect(await count()).toBe(1);
    },
  );

  it('holds the occurrence in the watcher until the key is there, and is then known to have it', async () => {
    const { incidentAbout, start, count, listed } = anInstallation();
    const workflowId = await start(aClient(aFolder('theirs')), 'web-0');
    await new Client({ connection }).workflow.getHandle(workflowId).terminate();
    const folder = aFolder('ours');
    const warnings: string[] = [];
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const log = pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) });
    const ended: string[] = [];
    const handover = createHandover({
      client: aClient(folder),
      log,
      signal: stop.signal,
      coalesceMs: 0,
      onEnded: ({ ending }) => ended.push(ending),
    });
    await handover.occurred(workflowId, incidentAbout('web-0').incident);
    await waitFor('the complaint', async () =>
      warnings.some((line) => line.includes('UnknownKeyError') || line.includes('theirs')),
    );
    expect(handover.waiting()).toBe(1);
    addKey(folder, 'theirs');
    await waitFor('it to be handed over', async () => handover.waiting() === 0);
    expect(ended).toEqual(['already-handled']);
    await listed(1);
    expect(await count()).toBe(1);
  });
});

describe('a failed run of whose history the key is gone', () => {
  it('does not keep the others from starting again', async () => {
    const { installation, incidentAbout, start, listed } = anInstallation();
    // Given by a watcher with the old key, and the memo written last by a worker with the new one.
    await start(aClient(aFolder('old')), 'sealed');
    await start(aClient(aFolder('new')), 'readable');
    const native = await NativeConnection.connect({ address: inject('temporalAddress') });
    const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
    const workflowBundle = await bundleWorkflowCode({
      workflowsPath,
      failureConverterPath,
      logger: new DefaultLogger('ERROR'),
    });
    const worker = await Worker.create({
      connection: native,
      taskQueue: taskQueue(installation),
      workflowBundle,
      dataConverter: openDataConverter(aFolder('new', 'old'), log) ?? {},
      activities: {
        renderPrompt: async () => 'prompt',
        callAgent: async () => {
          throw ApplicationFailure.nonRetryable('the key was wrong', 'Unauthorized');
        },
      },
    });
    const reader = aClient(aFolder('new'));
    const unreadable: Unreadable[] = [];
    const failed = { namespace: 'default', query: `Installation='${installation}' AND ExecutionStatus='Failed'` };
    await worker.runUntil(async () => {
      await listed(2);
      await waitFor(
        'both to fail',
        async () => Number((await connection.workflowService.countWorkflowExecutions(failed)).count) === 2,
      );
    });
    await native.close();
    const { incident } = incidentAbout('readable');
    const edited = aHook([incident.type], { uid: incident.hook.uid, generation: incident.hook.generation + 1 });
    const restarted = await restartFailed({
      client: reader,
      list: createExecutionList(reader, { onUnreadable: (left) => unreadable.push(left) }),
      installation: { name: installation, cluster: { uid: incident.cluster.uid }, timing: incident.timing },
      hooks: [edited],
      agents: { becameGoodMs: () => undefined },
      trueNow: new Set(['sealed', 'readable'].map((name) => incidentAbout(name).workflowId)),
      log,
      followed: new Set(),
      onUnreadable: (left) => unreadable.push(left),
      onRestarted: () => undefined,
    });
    expect(restarted).toBe(1);
    expect(unreadable).toMatchObject([{ workflowId: incidentAbout('sealed').workflowId }]);
  });
});
