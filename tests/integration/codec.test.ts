/**
 * Incidents with encrypted payloads, on the real server: what stands in Temporal's database, and who can read it.
 *
 * The raw executions are read through the gRPC service, as whoever runs the server sees them.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ApplicationFailure, Client, Connection } from '@temporalio/client';
import type { DataConverter, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import {
  bundleWorkflowCode,
  DefaultLogger,
  type LogEntry,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
  type WorkflowBundle,
} from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import type { Activities } from '../../activities/index.ts';
import { createAesGcmCodec } from '../../codec/aes-gcm-codec.ts';
import { createDataConverter, failureConverterPath } from '../../codec/data-converter.ts';
import { openKeyRing } from '../../codec/key-ring.ts';
import { createCodecServer } from '../../codec/server/serve-codec.ts';
import type { CheckToken } from '../../codec/server/token.ts';
import { workflowIdOf } from '../../watcher/starting/identity.ts';
import { signalResolved, startOrJoin } from '../../watcher/starting/start.ts';
import type { Occurrence } from '../../workflows/contract/incident.ts';
import { IncidentMemo } from '../../workflows/contract/outcome.ts';
import { taskQueue } from '../../workflows/contract/plain/names.ts';
import { anIncident, anOccurrence } from '../make.ts';
import { waitFor } from '../wait-for.ts';

// Keys are missing here on purpose, and the SDK logs that at length.
const write = ({ message, meta }: LogEntry) =>
  `${message} ${String(meta?.['error'])}`.includes('no such key here') || console.error(message, meta);
Runtime.install({ logger: new DefaultLogger('ERROR', write) });

const { History } = proto.temporal.api.history.v1;
const { DescribeWorkflowExecutionResponse: Described } = proto.temporal.api.workflowservice.v1;
const silent = { info: () => undefined, warn: () => undefined, debug: () => undefined };

let bundle: WorkflowBundle;
let connection: Connection;
let native: NativeConnection;
beforeAll(async () => {
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  bundle = await bundleWorkflowCode({ workflowsPath, failureConverterPath, logger: new DefaultLogger('ERROR') });
  connection = await Connection.connect({ address: inject('temporalAddress') });
  native = await NativeConnection.connect({ address: inject('temporalAddress') });
});
afterAll(async () => {
  await native.close();
  await connection.close();
});

function aKeyFolder(...ids: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const id of ids) writeFileSync(join(folder, id), randomBytes(32).toString('base64'));
  return folder;
}
/** From then on it encrypts. */
function addKey(folder: string, id: string): void {
  writeFileSync(join(folder, id), randomBytes(32).toString('base64'));
  writeFileSync(join(folder, 'active'), id);
}
const ringOf = (folder: string) => openKeyRing({ folder, log: silent, recheckMs: 0 });

/** Nothing of these may be read in Temporal. */
const secrets = [
  'launch-code',
  'first-trouble',
  'second-trouble',
  'all-clear',
  'answer-of-agent',
  'key-was-wrong',
  'wait-a-little',
];
const first = anOccurrence({ message: 'first-trouble' });
const second = anOccurrence({ id: 'pod-uid/app/containerd://a1', order: 2, message: 'second-trouble' });
const accept: Activities['callAgent'] = async () => ({ executionId: 'exec-1', message: 'answer-of-agent' });

function anExecution(dataConverter: DataConverter, callAgent: Activities['callAgent']) {
  const installation = `c${randomBytes(4).toString('hex')}`;
  const incident = anIncident({
    installation,
    nature: 'state',
    type: 'probe-failed',
    prompt: 'launch-code template',
    occurrence: first,
  });
  const workflowId = workflowIdOf({ ...incident, installation });
  const client = new Client({ connection, dataConverter });
  const activities: Partial<Activities> = { callAgent, renderPrompt: async () => 'the launch-code prompt' };
  const options = { connection: native, taskQueue: taskQueue(installation), activities };
  const whileWorking = async <T>(
    body: () => Promise<T>,
    over: Partial<WorkerOptions> = {},
    code: Partial<WorkerOptions> = { workflowBundle: bundle },
  ): Promise<T> => (await Worker.create({ ...options, ...code, dataConverter, ...over })).runUntil(body);
  const handOver = (occurrence: Occurrence, by = client) =>
    startOrJoin(by, { workflowId, incident: { ...incident, occurrence }, occurrences: [occurrence] });
  const resolve = () =>
    signalResolved(client, workflowId, { occurrenceId: second.id, at: 'now', message: 'all-clear' });
  return { client, workflowId, whileWorking, handOver, resolve, handle: client.workflow.getHandle(workflowId) };
}
type Execution = ReturnType<typeof anExecution>;

/** What the server gives out about the execution: history, memo, user metadata, search attributes. */
async function storedAbout({ workflowId }: Execution): Promise<object[]> {
  const namespace = 'default';
  const execution = { workflowId };
  const { history } = await connection.workflowService.getWorkflowExecutionHistory({ namespace, execution });
  const description = await connection.workflowService.describeWorkflowExecution({ namespace, execution });
  return [History.toObject(History.fromObject(history ?? {})), Described.toObject(Described.fromObject(description))];
}

/** All texts, keys and bytes; the bytes as they are. */
function textsOf(value: unknown): string[] {
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('latin1')];
  if (typeof value !== 'object' || value === null) return [String(value)];
  return Object.entries(value).flatMap(([name, each]) => [name, ...textsOf(each)]);
}

const readable = (stored: object[]) => {
  const all = textsOf(stored).join('\n');
  return secrets.filter((secret) => all.includes(secret));
};

/** Where payloads stand that are not encrypted: names of fields from the outside in, without numbers. */
function openPayloads(value: unknown, path = ''): string[] {
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return [];
  const encoding: unknown = Reflect.get(Object(Reflect.get(value, 'metadata') ?? {}), 'encoding');
  if (encoding instanceof Uint8Array) return Buffer.from(encoding).toString() === 'binary/encrypted' ? [] : [path];
  return Object.entries(value).flatMap(([name, each]) =>
    openPayloads(each, /^\d+$/.test(name) ? path : `${path}.${name}`),
  );
}
const memoOf = async ({ handle }: Execution) => IncidentMemo.parse((await handle.describe()).memo?.['incident']);

/** A whole story: asked after two failures, a further occurrence, resolved. */
async function live(execution: Execution): Promise<void> {
  await execution.whileWorking(async () => {
    await execution.handOver(first);
    await waitFor('the ask', async () => (await memoOf(execution)).agentRun !== undefined);
    await execution.handOver(second);
    await execution.resolve();
    expect(await execution.handle.result()).toMatchObject({ state: 'resolved', occurrences: 2 });
  });
}

function failingFirst(): Activities['callAgent'] {
  const failures = [
    ApplicationFailure.create({ type: 'RateLimited', message: 'wait-a-little', nextRetryDelay: '100ms' }),
    ApplicationFailure.create({ type: 'DeliveryExhausted', message: 'wait-a-little', nonRetryable: true }),
  ];
  return async (delivery) => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return accept(delivery);
  };
}

describe('with a key', () => {
  it('an incident goes its way, and Temporal can read nothing of it but names and types', async () => {
    const keys = ringOf(aKeyFolder('k1'));
    const execution = anExecution(createDataConverter(keys), failingFirst());
    await live(execution);
    const stored = await storedAbout(execution);
    expect(readable(stored)).toEqual([]);
    expect(textsOf(stored).join()).toContain('DeliveryExhausted');
    // Temporal finds executions by the one, and the core of its SDK keeps times of local activities in the other.
    const known = /^[\w.]+\.searchAttributes\.indexedFields\.\w+$|\.markerRecordedEventAttributes\.details\.data\./;
    expect(openPayloads(stored).filter((path) => !known.test(path))).toEqual([]);
    expect(await staticTextsOf(execution)).toMatch(/^`probe-failed: shop\/web-0[^]*first-trouble/);
    const { searchAttributes } = await execution.handle.describe();
    expect(searchAttributes['IncidentState']).toEqual(['resolved']);
    await replay(execution, createDataConverter(keys));
  });

  it('neither a failure on its way nor the last one can be read in Temporal, and both by whoever has the key', async () => {
    const later = () =>
      ApplicationFailure.create({ type: 'RateLimited', message: 'wait-a-little', nextRetryDelay: '2s' });
    const failures = [later(), ApplicationFailure.nonRetryable('key-was-wrong', 'Unauthorized')];
    const converter = createDataConverter(ringOf(aKeyFolder('k1')));
    const execution = anExecution(converter, async (delivery) => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      return accept(delivery);
    });
    await execution.whileWorking(async () => {
      await execution.handOver(first);
      await waitFor('the failure of a try', async () => {
        const stored = await storedAbout(execution);
        expect(readable(stored)).toEqual([]);
        return textsOf(stored).includes('RateLimited');
      });
      await expect(execution.handle.result()).rejects.toMatchObject({
        cause: { type: 'Unauthorized', message: 'key-was-wrong' },
      });
    });
    const stored = await storedAbout(execution);
    expect(readable(stored)).toEqual([]);
    expect(textsOf(stored)).toContain('Encoded failure');
    expect(await memoOf(execution)).toMatchObject({ failure: 'key-was-wrong' });
    await replay(execution, converter);
  });

  it('what was started before, unencrypted, goes on and is read to its end', async () => {
    const converter = createDataConverter(ringOf(aKeyFolder('k1')));
    const execution = anExecution(converter, accept);
    const before = new Client({ connection });
    await execution.whileWorking(
      async () => {
        await execution.handOver(first, before);
        await waitFor('the ask', async () => (await memoOf(execution)).agentRun !== undefined);
      },
      { dataConverter: {} },
    );
    expect(readable(await storedAbout(execution))).toEqual(['launch-code', 'first-trouble', 'answer-of-agent']);
    await execution.whileWorking(async () => {
      await execution.handOver(second);
      await execution.resolve();
      expect(await execution.handle.result()).toMatchObject({ state: 'resolved', occurrences: 2 });
    });
    expect(readable(await storedAbout(execution))).toEqual(['launch-code', 'first-trouble', 'answer-of-agent']);
    await replay(execution, converter);
  });
});

describe('a rotation of keys', () => {
  it('in the middle of an incident is not noticed by it', async () => {
    const folder = aKeyFolder('k1');
    const execution = anExecution(createDataConverter(ringOf(folder)), accept);
    await execution.whileWorking(async () => {
      await execution.handOver(first);
      await waitFor('the ask', async () => (await memoOf(execution)).agentRun !== undefined);
      addKey(folder, 'k2');
      await execution.handOver(second);
      await execution.resolve();
      expect(await execution.handle.result()).toMatchObject({ state: 'resolved', occurrences: 2 });
    });
    const stored = await storedAbout(execution);
    expect(readable(stored)).toEqual([]);
    expect(['k1', 'k2', 'k3'].filter((id) => textsOf(stored).includes(id))).toEqual(['k1', 'k2']);
    await replay(execution, createDataConverter(ringOf(folder)));
  });

  it('that forgot a worker fails its tasks and no incident: with the key it goes on where it stood', async () => {
    const folder = aKeyFolder('k1');
    const asked: string[] = [];
    const callAgent: Activities['callAgent'] = async ({ prompt }) => {
      asked.push(prompt);
      return { executionId: 'exec-1', message: 'answer-of-agent' };
    };
    const converter = createDataConverter(ringOf(folder));
    const execution = anExecution(converter, callAgent);
    const stranger = createDataConverter(ringOf(aKeyFolder('other')));
    await execution.handOver(first);
    const seen = async () => textsOf(await storedAbout(execution)).join();
    await execution.whileWorking(
      async () =>
        waitFor('a failed workflow task', async () => (await seen()).includes('workflowTaskFailedEventAttributes')),
      { dataConverter: stranger },
    );
    // One that runs workflows and has the key, and one that runs activities and has not.
    await execution.whileWorking(
      async () =>
        execution.whileWorking(
          async () => waitFor('a failed try', async () => (await seen()).includes('UnknownKeyError')),
          { dataConverter: stranger },
          {},
        ),
      { enableNonLocalActivities: false },
    );
    expect(asked).toEqual([]);
    await execution.whileWorking(async () => {
      await execution.handOver(second);
      await execution.resolve();
      expect(await execution.handle.result()).toMatchObject({ state: 'resolved', occurrences: 2 });
    });
    expect(asked).toEqual(['the launch-code prompt']);
    await replay(execution, converter);
  });
});

describe('the command line of Temporal', () => {
  it('shows what is encrypted through the codec server, to who has its token', async () => {
    const token = 'a-long-enough-token';
    const keys = ringOf(aKeyFolder('k1'));
    const execution = anExecution(createDataConverter(keys), accept);
    await live(execution);
    const endpoint = await aCodecServer(createAesGcmCodec(keys), (given) => given === `Bearer ${token}`);
    const show = async (what: 'show' | 'describe', ...flags: string[]) => {
      const about = ['--workflow-id', execution.workflowId, '--address', inject('temporalAddress'), '--output', 'json'];
      const { stdout } = await promisify(execFile)(inject('enginePaths').temporal, [
        'workflow',
        what,
        ...about,
        ...flags,
      ]);
      const texts = stdout.replaceAll(/"([\w+/]{8,}={0,2})"/g, (_, base64: string) =>
        Buffer.from(base64, 'base64').toString(),
      );
      return secrets.filter((secret) => texts.includes(secret));
    };
    const codec = ['--codec-endpoint', `${endpoint}/{namespace}`];
    expect(await show('show')).toEqual([]);
    expect(await show('describe')).toEqual([]);
    const all = ['launch-code', 'first-trouble', 'second-trouble', 'all-clear', 'answer-of-agent'];
    expect(await show('show', ...codec, '--codec-auth', `Bearer ${token}`)).toEqual(all);
    expect(await show('describe', ...codec, '--codec-auth', `Bearer ${token}`)).toContain('first-trouble');
    const wrong = ['--codec-auth', 'Bearer wrong', '--command-timeout', '2s'];
    await expect(show('show', ...codec, ...wrong)).rejects.toThrow(/Command failed/);
  });
});

async function aCodecServer(codec: PayloadCodec, checkToken: CheckToken): Promise<string> {
  const server = createCodecServer({ codec, checkToken, origins: [], bodyLimitBytes: 1_000_000, log: silent });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

async function staticTextsOf({ handle }: Execution): Promise<string> {
  const description = await handle.describe();
  return `${await description.staticSummary()}\n${await description.staticDetails()}`;
}

async function replay({ handle, workflowId }: Execution, dataConverter: DataConverter): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle: bundle, dataConverter }, await handle.fetchHistory(), workflowId);
}
