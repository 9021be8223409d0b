/** The adapter of generic A2A and the double of Kagent against the A2A SDK, so that our idea of the protocol is not its own witness. */
import { AgentCard, Role, SendMessageRequest, TaskState } from '@a2a-js/sdk';
import { Client, JsonRpcTransportFactory } from '@a2a-js/sdk/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { StartOptions } from '../../activities/agents/port.ts';
import { aDouble } from '../a2a/a-double.ts';
import { answerOf, untilPaused } from '../a2a/a-paused-run.ts';
import { anAdapter, of, runOf } from '../a2a/an-adapter.ts';
import { askUntilItEnds } from '../a2a/an-ask.ts';
import { type SdkServerOptions, startSdkServer } from '../a2a/sdk-server.ts';
import { aDelivery } from '../fake-kagent/a-delivery.ts';
import type { Release } from '../kagent-double/start-kagent-double.ts';
import { waitFor } from '../wait-for.ts';

const options = (): StartOptions => ({
  idempotencyKey: '0190c1a2-0000-7000-8000-00000000eeee',
  signal: new AbortController().signal,
});

async function anAgent(more: SdkServerOptions = {}, base = '') {
  const server = await startSdkServer(more);
  onTestFinished(() => server.stop());
  return { server, adapter: anAdapter('a2a', { url: `${server.url}${base}` }) };
}

describe('an agent of the SDK', () => {
  it.each([
    ['analyze', { state: 'ended', ending: { outcome: 'AgentRunCompleted', answer: 'The disk is full.' } }],
    ['fail', { state: 'ended', ending: { outcome: 'AgentRunFailed', why: 'The model is away.' } }],
    ['refuse', { state: 'ended', ending: { outcome: 'AgentRunRejected', why: 'Not my work.' } }],
    ['ask', { state: 'paused', pause: { kind: 'question', message: 'Which node?', tools: [] } }],
  ])('that is to %s is followed to its end', async (prompt, expected) => {
    const { server, adapter } = await anAgent();
    const run = await adapter.start(aDelivery({ prompt }), options());
    expect(run).toMatchObject({ protocol: 'a2a', contextId: expect.any(String) as unknown });
    const reading = await waitFor('the end', async () => {
      const seen = await adapter.look(of(run));
      return seen.state !== 'working' && seen;
    });
    expect(reading).toMatchObject(expected);
    expect(server.runs).toEqual([prompt]);
  });

  it('that asks in words is answered in words, in its task, and once', async () => {
    const { server, adapter } = await anAgent();
    const run = await adapter.start(aDelivery({ prompt: 'ask' }), options());
    const answer = answerOf(await untilPaused(adapter, run), { answer: 'node-a' });
    expect(await adapter.answer({ ...of(run), answer, isRepeat: false })).toBe('taken');
    const ended = await waitFor('the end', async () => (await adapter.look(of(run))).state === 'ended');
    expect(ended).toBe(true);
    expect(await adapter.answer({ ...of(run), answer, isRepeat: true })).toBe('taken');
    expect(server.runs).toEqual(['ask', 'node-a']);
    expect(await adapter.answer({ ...runOf('nobody'), answer, isRepeat: false })).toBe('not-wanted');
  });

  it('that answers with a message has ended within the call', async () => {
    const { adapter } = await anAgent();
    const run = await adapter.start(aDelivery({ prompt: 'speak' }), options());
    expect(run.ending).toEqual({ outcome: 'AgentRunCompleted', answer: 'It was the disk.' });
  });

  it('that works is alive and can be cancelled', async () => {
    const { adapter } = await anAgent();
    const run = await adapter.start(aDelivery({ prompt: 'slow' }), options());
    expect(await adapter.probe(of(run))).toBe('alive');
    expect(await adapter.cancel(of(run))).toEqual({ isCancelled: true, said: 'the agent cancelled its run' });
    expect(await adapter.look(of(run))).toMatchObject({ state: 'ended', ending: { outcome: 'AgentRunCancelled' } });
  });

  it('does not know a run that it has not started', async () => {
    const { adapter } = await anAgent();
    expect(await adapter.look(runOf('nobody'))).toEqual({ state: 'missing' });
    expect(await adapter.probe(runOf('nobody'))).toBe('gone');
    expect(await adapter.cancel(runOf('nobody'))).toMatchObject({ isCancelled: false });
    expect(await adapter.find({ ...runOf('nobody'), ...options() })).toBeUndefined();
  });

  it.each(['SendMessage', 'ListTasks'])('runs once for one ask when an answer to %s is lost', async (method) => {
    const { server, adapter } = await anAgent();
    server.cut('SendMessage');
    if (method === 'ListTasks') server.cut(method);
    const { ending, failures } = await askUntilItEnds({ agent: adapter, url: server.url });
    expect(ending).toMatchObject({ executionId: expect.any(String) as unknown, protocol: 'a2a' });
    expect(failures).toEqual(method === 'ListTasks' ? ['ConnectionFailed', 'ConnectionFailed'] : ['ConnectionFailed']);
    expect(server.runs).toHaveLength(1);
  });

  it('that keeps no lists is not asked twice, and the run is reported as unknown', async () => {
    const { server, adapter } = await anAgent({ hasLists: false });
    server.cut('SendMessage');
    const { ending } = await askUntilItEnds({ agent: adapter, url: server.url });
    expect(ending).toMatchObject({ ending: { outcome: 'AgentRunUnknown' } });
    expect(server.runs).toHaveLength(1);
  });

  it('is found by its card, once, below a base URL that names agents', async () => {
    const { server, adapter } = await anAgent({ basePath: '/kagent/agents/memory-analyzer' });
    const { origin } = new URL(server.url);
    const templated = anAdapter('a2a', { url: `${origin}/{namespace}/agents/{name}/` });
    const run = await templated.start(aDelivery(), options());
    await templated.look(of(run));
    await adapter.describe(aDelivery());
    const card = 'GET /kagent/agents/memory-analyzer/.well-known/agent-card.json';
    expect(server.asked).toEqual([card, '/rpc/memory-analyzer SendMessage', '/rpc/memory-analyzer GetTask', card]);
  });

  it.each<[what: string, options: SdkServerOptions, base: string]>([
    ['without a card', {}, '/elsewhere'],
    ['whose card offers another binding', { interfaces: [{ protocolBinding: 'GRPC', protocolVersion: '1.0' }] }, ''],
    ['whose card offers 0.3', { interfaces: [{ protocolBinding: 'JSONRPC', protocolVersion: '0.3' }] }, ''],
  ])('%s cannot be asked', async (_, more, base) => {
    const { server, adapter } = await anAgent(more, base);
    const expected = { reason: 'EndpointNotFound', mayHaveStarted: false };
    await expect(adapter.start(aDelivery(), options())).rejects.toMatchObject(expected);
    expect(server.runs).toEqual([]);
  });
});

describe('the client of the SDK', () => {
  async function aClient(release: Release, protocolVersion: string) {
    const double = await aDouble({ release, answer: () => 'The disk is full.' });
    const path = release === '1.0' ? '/agents/kagent/memory-analyzer' : '/api/a2a/kagent/memory-analyzer/';
    const url = `${double.url}${path}`;
    const interfaces = [{ url, protocolBinding: 'JSONRPC', protocolVersion }];
    const card = AgentCard.fromJSON({ name: 'a', supportedInterfaces: interfaces, capabilities: { streaming: true } });
    const transport = await new JsonRpcTransportFactory({ legacyCompat: { enabled: true } }).create(url, card);
    return { double, client: new Client(transport, card, { polling: true }) };
  }

  const message = (text: string, messageId = 'm1') =>
    SendMessageRequest.fromJSON({
      message: { messageId, role: Role[Role.ROLE_USER], parts: [{ text }] },
      configuration: { returnImmediately: true },
    });

  it.each<[Release, string]>([
    ['0.8.6', '0.3'],
    ['0.9.12', '0.3'],
    ['0.9.12', '1.0'],
    ['0.10', '0.3'],
    ['0.10', '1.0'],
    ['1.0', '1.0'],
  ])('reads a run of the double of %s in %s', async (release, version) => {
    const { double, client } = await aClient(release, version);
    const sent = await client.sendMessage(message('hello'));
    const id = 'id' in sent ? sent.id : '';
    expect(id).toBe(double.runs[0]?.taskId);
    const task = await waitFor('the end', async () => {
      const seen = await client.getTask({ id, tenant: '', historyLength: 0 });
      return seen.status?.state === TaskState.TASK_STATE_COMPLETED && seen;
    });
    expect(task.artifacts[0]?.parts[0]?.content).toEqual({ $case: 'text', value: 'The disk is full.' });
    expect(task.history).toEqual([]);
  });

  it.each<[Release, string]>([
    ['0.10', '0.3'],
    ['0.10', '1.0'],
    ['1.0', '1.0'],
  ])('cancels a run of the double of %s in %s, and does not find another', async (release, version) => {
    const { client } = await aClient(release, version);
    const sent = await client.sendMessage(message('[[latency=10]]'));
    const id = 'id' in sent ? sent.id : '';
    const cancelled = await client.cancelTask({ id, tenant: '', metadata: undefined });
    expect(cancelled.status?.state).toBe(TaskState.TASK_STATE_CANCELED);
    await expect(client.getTask({ id: 'nobody', tenant: '' })).rejects.toMatchObject({ name: 'TaskNotFoundError' });
  });

  it('is given the one run of a message that it sends twice to the double of 1.0', async () => {
    const { double, client } = await aClient('1.0', '1.0');
    const [one, other] = [await client.sendMessage(message('hello')), await client.sendMessage(message('hello'))];
    expect('id' in one && 'id' in other && one.id === other.id).toBe(true);
    expect(double.runs).toHaveLength(1);
  });
});
