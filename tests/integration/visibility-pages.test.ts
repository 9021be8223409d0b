/**
 * Reading visibility of the real server, where executions are large: pages are sized, halved, and go on where they were.
 */
import { randomBytes } from 'node:crypto';
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import pino from 'pino';
import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { readSnapshot } from '../../deploy/local/demo/incidents/read-snapshot.ts';
import { terminateOpen } from '../../deploy/local/demo/system/open-temporal.ts';
import { keepChecking } from '../../watcher/agents/check-agents.ts';
import { createExecutionList } from '../../watcher/executions/list-executions.ts';
import { executionsOf } from '../../watcher/reporting/executions.ts';
import { startOrJoin } from '../../watcher/starting/start.ts';
import { handleIncidentType, taskQueue } from '../../workflows/contract/plain/names.ts';
import { temporalChannel } from '../../workflows/contract/temporal-channel.ts';
import { aHook, aMemo, anIncident } from '../make.ts';
import { waitFor } from '../wait-for.ts';

type ChannelArgs = NonNullable<ConnectionOptions['channelArgs']>;

async function aClient(channelArgs: ChannelArgs = temporalChannel): Promise<Client> {
  const connection = await Connection.connect({ address: inject('temporalAddress'), channelArgs, interceptors: [] });
  onTestFinished(() => connection.close());
  return new Client({ connection });
}

const takingKiB = (kib: number) => aClient({ 'grpc.max_receive_message_length': kib * 1024 });

/** Executions that nobody works on, with memos of one size. */
async function someExecutions(count: number, memoKiB: number): Promise<{ query: string; ids: string[] }> {
  const installation = `v${randomBytes(4).toString('hex')}`;
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  const client = new Client({ connection });
  const ids = Array.from({ length: count }, (_, index) => `${installation}/${index}`);
  for (const workflowId of ids) {
    await client.workflow.start(handleIncidentType, {
      workflowId,
      taskQueue: taskQueue(installation),
      memo: { incident: aMemo({ answer: 'x'.repeat(memoKiB * 1024) }) },
      typedSearchAttributes: [
        { key: defineSearchAttributeKey('Installation', SearchAttributeType.KEYWORD), value: installation },
      ],
    });
  }
  const query = `Installation='${installation}'`;
  await waitFor('visibility', async () => (await client.workflow.count(query)).count === count);
  await connection.close();
  return { query, ids: ids.toSorted() };
}

const listed = async (client: Client, query: string, pageSize?: number) => {
  const options = { onUnreadable: () => undefined, ...(pageSize !== undefined && { pageSize }) };
  const all = await Array.fromAsync(createExecutionList(client, options)(query));
  return all.map(({ workflowId }) => workflowId).toSorted();
};

describe('a list of large executions', () => {
  let made: Awaited<ReturnType<typeof someExecutions>>;
  beforeAll(async () => {
    made = await someExecutions(20, 20);
  });

  it('is read whole and each once, though a page of the usual size is more than one answer may hold', async () => {
    const client = await takingKiB(64);
    const page = client.workflowService.listWorkflowExecutions({ namespace: 'default', query: made.query });
    await expect(page).rejects.toThrow(/RESOURCE_EXHAUSTED.*larger than max/);
    expect(await listed(client, made.query)).toEqual(made.ids);
  });

  it('goes down to one at a time, and from a page size that is no power of two', async () => {
    expect(await listed(await takingKiB(30), made.query, 7)).toEqual(made.ids);
  });

  it('is read whole by the demo, and is ended by it, in pages that an answer may hold as well', async () => {
    const client = await takingKiB(64);
    const { query, ids } = await someExecutions(10, 20);
    const installation = ids[0]?.split('/')[0] ?? '';
    const { executions } = await readSnapshot({ client, installation, standIn: undefined });
    expect(executions.map(({ workflowId }) => workflowId).toSorted()).toEqual(ids);
    expect(await terminateOpen(client, installation).run()).toContain('10 that were open were terminated');
    const open = `${query} AND ExecutionStatus='Running'`;
    await waitFor('their end', async () => (await client.workflow.count(open)).count === 0);
  });

  it('ends with an error that says why where a single one is too large', async () => {
    await expect(listed(await takingKiB(10), made.query)).rejects.toThrow(/larger than max/);
  });
});

it('our clients take answers beyond the 4 MiB that gRPC takes by itself, in which the client of the SDK is stuck', async () => {
  const { query } = await someExecutions(5, 1000);
  const read = (client: Client) => client.workflowService.listWorkflowExecutions({ namespace: 'default', query });
  await expect(read(await aClient({}))).rejects.toThrow(/larger than max/);
  expect((await read(await aClient())).executions).toHaveLength(5);
});

it('an execution that was started, and that no worker has taken, is among the changes, with no time of ours', async () => {
  const client = await aClient();
  const installation = `v${randomBytes(4).toString('hex')}`;
  const beganMs = Date.now();
  const incident = anIncident({ installation });
  await startOrJoin(client, { workflowId: `${installation}/w`, incident, occurrences: [incident.occurrence] });
  const executions = executionsOf(createExecutionList(client, { onUnreadable: () => undefined }), installation);
  const changes = (ms: number) => Array.fromAsync(executions.changedSince(ms));
  await waitFor('the change', async () => (await changes(beganMs - 5000)).length === 1);
  const [row] = await changes(beganMs - 5000);
  expect(row).toMatchObject({ workflowId: `${installation}/w`, state: 'delivering', isOpen: true });
  expect(row).not.toHaveProperty('changedMs');
  expect(await changes((row?.startedMs ?? 0) + 1)).toEqual([]);
});

it('agent checks that are asked for and never end are no success; where there is nothing to ask, there is', async () => {
  const client = await aClient();
  const stop = new AbortController();
  const loop = { successes: 0 };
  let hooks = [aHook()];
  const { done } = keepChecking({
    client,
    installation: `v${randomBytes(4).toString('hex')}`,
    hooks: () => hooks,
    everyMs: 60_000,
    loop: { succeeded: () => void (loop.successes += 1), failed: () => undefined },
    log: pino({ level: 'silent' }),
    signal: stop.signal,
  });
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(loop.successes).toBe(0);
  hooks = [];
  await waitFor('a success', async () => loop.successes > 0);
  stop.abort();
  await done;
});
