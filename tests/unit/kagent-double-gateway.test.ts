/** The double of Kagent 1.x keeps to what is known of it: an idempotent first send, forbidden things, a silent catch-all. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { aDouble } from '../kagent-double/a-double.ts';
import { type Answered, call, get, rest, type Sending, send, sendParams } from '../kagent-double/ask-double.ts';
import { type KagentDouble, type KagentDoubleOptions } from '../kagent-double/start-kagent-double.ts';
import { waitFor } from '../wait-for.ts';

const aGateway = (options: KagentDoubleOptions = {}) => aDouble({ release: '1.0', ...options });

function sendOne(double: KagentDouble, prompt: string, sending: Sending = {}): Promise<Answered> {
  return send(double, prompt, { isOne: true, ...sending });
}

function readAs(user: string) {
  return { isOne: true, headers: { 'x-user-id': user } };
}

describe('the double of Kagent 1.x', () => {
  it.each(['/', '/health', '/version', '/api/agents', '/v1/agents/x/execute', '/api/a2a/kagent/memory-analyzer/'])(
    'answers %s with an empty 200',
    async (path) => expect(await rest(await aGateway(), path, { method: 'POST' })).toEqual({ status: 200, body: '' }),
  );

  it.each(['/agents/kagent', '/agents/kagent/memory-analyzer/nonsense'])('does not find %s', async (path) =>
    expect(await rest(await aGateway(), path)).toMatchObject({ status: 404 }),
  );

  it('shows a card, and forbids that of an unknown agent', async () => {
    const double = await aGateway();
    const card = await rest(double, '/agents/kagent/memory-analyzer/.well-known/agent-card.json');
    expect(card).toMatchObject({ status: 200, body: { supportedInterfaces: [{ protocolVersion: '1.0' }] } });
    expect(await rest(double, '/agents/kagent/x/.well-known/agent-card.json')).toMatchObject({ status: 403 });
  });

  it('runs a first send once, however often it comes', async () => {
    const double = await aGateway();
    const sending = { messageId: randomUUID(), isBlocking: false };
    const first = await sendOne(double, 'x [[latency=0.03]]', sending);
    const again = await sendOne(double, 'x [[latency=0.03]]', sending);
    const awaited = await sendOne(double, 'x [[latency=0.03]]', { ...sending, isBlocking: true });
    expect([again.task.id, awaited.task.id]).toEqual([first.task.id, first.task.id]);
    expect(awaited.task.status.state).toBe('TASK_STATE_COMPLETED');
    expect(double.runs).toHaveLength(1);
  });

  it('still knows a first send after it was stopped', async () => {
    const double = await aGateway();
    const messageId = randomUUID();
    await sendOne(double, 'x', { messageId });
    await double.controller.stop();
    await double.controller.start();
    await sendOne(double, 'x', { messageId });
    expect(double.runs).toHaveLength(1);
  });

  it('refuses a message id that comes with something else', async () => {
    const double = await aGateway();
    await sendOne(double, 'x', { messageId: 'm' });
    const refused = await sendOne(double, 'y', { messageId: 'm' });
    expect(refused.error).toMatchObject({
      code: -32600,
      message: 'message ID was already used with a different request',
    });
    expect((await sendOne(double, 'y', { messageId: 'm', headers: { 'x-user-id': 'bob' } })).error).toBeUndefined();
  });

  it('picks the session itself, and refuses contexts that it does not know', async () => {
    const double = await aGateway();
    expect((await sendOne(double, 'x', { contextId: 'mine' })).error?.code).toBe(-32600);
    expect((await sendOne(double, 'x', { contextId: randomUUID() })).error?.code).toBe(-31403);
    const { task } = await sendOne(double, 'x');
    expect((await sendOne(double, 'more', { contextId: task.contextId })).task.contextId).toBe(task.contextId);
    expect(double.runs).toHaveLength(2);
  });

  it('takes nothing while its agent is away, and says when to come back', async () => {
    const double = await aGateway();
    double.agent('kagent', 'memory-analyzer').kill();
    const refused = await sendOne(double, 'x', { messageId: 'm' });
    expect(refused.error?.code).toBe(-32004);
    expect(refused.text).toContain('"reason":"KAGENT_SEND_NOT_ACCEPTED","retryAfterMs":"100"');
    double.agent('kagent', 'memory-analyzer').start();
    expect((await sendOne(double, 'x', { messageId: 'm' })).error).toBeUndefined();
  });

  it('forbids unknown agents and foreign tasks, and does not find unknown ones', async () => {
    const double = await aGateway();
    const { task } = await sendOne(double, 'x');
    expect((await sendOne(double, 'x', { agent: 'kagent/nope' })).error?.code).toBe(-31403);
    expect((await get(double, task.id, readAs('bob'))).error?.code).toBe(-31403);
    expect((await get(double, randomUUID(), readAs('bob'))).error?.code).toBe(-32001);
    expect((await get(double, task.id, { isOne: true })).task).toMatchObject({ id: task.id, history: [] });
  });

  it('cancels, and returns a task that has ended as it is', async () => {
    const double = await aGateway();
    const { task } = await sendOne(double, '[[latency=20]]', { isBlocking: false });
    await waitFor('its start', async () => double.runs[0]?.state === 'working');
    const cancel = (id: string) => call(double, 'CancelTask', { id }, { isOne: true });
    expect((await cancel(task.id)).task.status.state).toBe('TASK_STATE_CANCELED');
    expect((await cancel(task.id)).task.status.state).toBe('TASK_STATE_CANCELED');
    const ended = await sendOne(double, 'x');
    expect((await cancel(ended.task.id)).task.status.state).toBe('TASK_STATE_COMPLETED');
  });

  it('begins a stream with the task, which is all for one that has ended', async () => {
    const double = await aGateway();
    const { task } = await sendOne(double, 'x');
    const ended = await call(double, 'SubscribeToTask', { id: task.id }, { isOne: true });
    expect(ended.text.match(/^data: \{"jsonrpc":"2.0","id":"q","result":\{"(task|statusUpdate)"/gm)).toHaveLength(1);
    const streamed = await call(double, 'SendStreamingMessage', sendParams('y', { isOne: true }), { isOne: true });
    expect(streamed.text).toMatch(/"result":\{"task"[\s\S]+"result":\{"artifactUpdate"[\s\S]+TASK_STATE_COMPLETED/);
  });

  it('is answered about a tool only by who asked for the extension, and about all tools', async () => {
    const extension = 'https://kagent.dev/extensions/hitl/v1';
    const sending = { headers: { 'a2a-extensions': extension }, more: { extensions: [extension] } };
    const double = await aGateway();
    const { task } = await sendOne(double, '[[tool=delete_thing:{"name":"db-1"}]]', sending);
    expect(task.status).toMatchObject({ state: 'TASK_STATE_INPUT_REQUIRED', message: { extensions: [extension] } });
    const id = /"tools":\[\{"id":"([^"]+)"/.exec(JSON.stringify(task))?.[1];
    const reply = (approvals: unknown[]) => {
      const metadata = { [extension]: { type: 'tool_approval_response', approvals } };
      const more = { extensions: [extension], metadata };
      return sendOne(double, 'decided', { ...sending, taskId: task.id, contextId: task.contextId, more });
    };
    expect((await reply([])).error?.code).toBe(-32602);
    expect((await reply([{ id, approved: true }])).answer).toContain('delete_thing done');
    expect(double.runs).toMatchObject([{ toolsRun: ['delete_thing'] }]);
  });
});
