/** An installation whose encryption is switched on in the middle of an incident: what people see, and what Temporal holds. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import proto from '@temporalio/proto';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openDataConverter } from '../../codec/data-converter.ts';
import type { ProductServer } from '../../deploy/local/start-product.ts';
import { checkAgentsId } from '../../workflows/contract/plain/names.ts';
import { waitFor } from '../wait-for.ts';
import { oomKilled, running } from './cluster-actions.ts';
import { startWorld, type World } from './world.ts';

const { History } = proto.temporal.api.history.v1;
const { WorkflowExecutionInfo: Listed } = proto.temporal.api.workflow.v1;
const { DescribeWorkflowExecutionResponse: Described } = proto.temporal.api.workflowservice.v1;

let world: World;
let keyFolder: string;
let processes: ProductServer[] = [];
const agentRef = { name: 'memory-analyzer' };
const hook = ['probe-failed', 'oom-kill'].map((eventType) => ({
  eventType,
  agentRef,
  prompt: 'launch-code about {{.ResourceName}}: {{.EventMessage}}',
}));

beforeAll(async () => {
  keyFolder = mkdtempSync(join(tmpdir(), 'keys-'));
  writeFileSync(join(keyFolder, '2026-09'), randomBytes(32).toString('base64'));
  const silent = { info: () => undefined, warn: () => undefined };
  const dataConverter = openDataConverter(keyFolder, silent);
  world = await startWorld({ ...(dataConverter !== undefined && { dataConverter }) });
  await world.cluster.createHook(world.namespace, 'memory', hook);
  await startBoth();
});
afterAll(async () => {
  await world?.stop();
  rmSync(keyFolder, { recursive: true });
});

async function startBoth(over: Record<string, string> = {}): Promise<void> {
  await Promise.all(processes.map((each) => each.stop()));
  processes = await Promise.all([world.start('watcher', over), world.start('worker', over)]);
}

/** Words of prompt, occurrence, answer and details; names, types and states of objects may be read in Temporal. */
const secrets = [
  'launch-code',
  'OOM-killed',
  'Readiness probe',
  'containerd://',
  'exec-',
  'Agent execution started',
  'generation',
];

/** What the server gives out about an execution to everybody, and which of the secrets stand in it. */
async function readableOf(workflowId: string): Promise<string[]> {
  const { workflowService } = world.client;
  const namespace = 'default';
  const execution = { workflowId };
  const { history } = await workflowService.getWorkflowExecutionHistory({ namespace, execution });
  const description = await workflowService.describeWorkflowExecution({ namespace, execution });
  const query = `WorkflowId='${workflowId}'`;
  const { executions } = await waitFor('it in visibility', async () => {
    const page = await workflowService.listWorkflowExecutions({ namespace, query });
    return page.executions.length > 0 ? page : undefined;
  });
  const all = [
    History.toObject(History.fromObject(history ?? {})),
    Described.toObject(Described.fromObject(description)),
    ...executions.map((each) => Listed.toObject(Listed.fromObject(each))),
  ];
  const text = textsOf(all).join('\n');
  expect(text).toContain('memo');
  return secrets.filter((secret) => text.includes(secret));
}

/** All texts, keys and bytes; the bytes as they are. */
function textsOf(value: unknown): string[] {
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('latin1')];
  if (typeof value !== 'object' || value === null) return [String(value)];
  return Object.entries(value).flatMap(([name, each]) => [name, ...textsOf(each)]);
}

const executionAbout = (name: string, status: string) =>
  waitFor(`the execution about ${name} to be ${status}`, async () =>
    (await world.executions()).find((each) => each.workflowId.includes(`/${name}/`) && each.status === status),
  );

it('an incident that was open when encryption was switched on goes on and is asked about once', async () => {
  await world.cluster.createPod(world.namespace, 'flaky', { readinessProbe: { httpGet: { path: '/', port: 80 } } });
  await world.cluster.setStatus(world.namespace, 'flaky', running({ ready: false }));
  await waitFor('the ask', async () => world.asksAbout('flaky').length === 1);
  const { workflowId } = await executionAbout('flaky', 'RUNNING');
  expect(await readableOf(workflowId)).toContain('launch-code');
  await startBoth({ CODEC_KEY_DIR: keyFolder });
  await waitFor('it in the status', async () =>
    (await world.hookStatus('memory')).activeEvents?.some(({ resourceName }) => resourceName === 'flaky'),
  );
  await world.cluster.setStatus(world.namespace, 'flaky', running());
  await executionAbout('flaky', 'COMPLETED');
  const result: unknown = await world.client.workflow.getHandle(workflowId).result();
  expect(result).toMatchObject({ state: 'resolved', occurrences: 1 });
  expect(world.asksAbout('flaky')).toHaveLength(1);
});

it('a new incident is handled and shown as always, and Temporal can read neither its prompt nor what happened', async () => {
  await world.cluster.createPod(world.namespace, 'leaky');
  await world.cluster.setStatus(world.namespace, 'leaky', running());
  await world.cluster.setStatus(world.namespace, 'leaky', oomKilled({ killed: 'c0', now: 'c1', restartCount: 1 }));
  await waitFor('the ask', async () => world.asksAbout('leaky').length > 0);
  await waitFor('it in the status', async () =>
    (await world.hookStatus('memory')).activeEvents?.some(({ resourceName }) => resourceName === 'leaky'),
  );
  const { workflowId } = await executionAbout('leaky', 'COMPLETED');
  expect(JSON.stringify(world.asksAbout('leaky').map(({ body }) => body))).toMatch(
    /launch-code about leaky: .*OOM-killed/,
  );
  expect(await readableOf(workflowId)).toEqual([]);
  expect(await readableOf(checkAgentsId(world.installation))).toEqual([]);
  await waitFor('the check of the agent', async () => {
    const conditions = (await world.hookStatus('memory')).conditions ?? [];
    return conditions.some(({ type, status }) => type === 'AgentResolved' && status === 'True');
  });
  const events = await waitFor('its Events', async () => {
    const table = await world.kubectl('events', '-n', world.namespace, '--for', 'hook/memory');
    const lines = table.split('\n').filter((line) => line.includes('leaky'));
    return lines.some((line) => line.includes('EventResolved')) ? lines.join('\n') : undefined;
  });
  expect(events).toMatch(/EventFiring.*leaky/);
});

it('the ledger balances for who has the keys, and calls nothing lost for who has not', async () => {
  await Promise.all(processes.map((each) => each.stop()));
  const withKeys = await world.ledger([], { CODEC_KEY_DIR: keyFolder });
  expect(withKeys).toMatch(/difference +0\nTemporal's 2 execution\(s\) remember (\d+) of \1 handed over: 0 lost\./);
  expect(await world.ledger()).toContain('execution(s) cannot be read, because their key is not here: not compared.');
});

it('both executions replay for who has the keys; without them the key is named, and nothing is called different', async () => {
  const ids = (await world.executions()).map(({ workflowId }) => workflowId);
  expect(ids).toHaveLength(2);
  const replay = async (workflowId: string, over: Record<string, string>) => {
    const env = { ...process.env, TEMPORAL_ADDRESS: inject('temporalAddress'), ...over };
    return promisify(execFile)('node', ['workers/replay/main.ts', workflowId], { env });
  };
  for (const workflowId of ids) {
    expect((await replay(workflowId, { CODEC_KEY_DIR: keyFolder })).stdout, workflowId).toContain('replays');
    const without = replay(workflowId, {});
    await expect(without).rejects.toMatchObject({ code: 65, stderr: expect.stringContaining('CODEC_KEY_DIR') });
  }
});

it('no process has written a key or a prompt into its log', () => {
  for (const { logFile } of processes) {
    const text = readFileSync(logFile, 'utf8');
    expect(text).not.toContain(readFileSync(join(keyFolder, '2026-09'), 'utf8'));
    expect(text).not.toContain('launch-code about');
  }
});
