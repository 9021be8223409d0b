/** The adapter of Kagent 1.x on a double of its gateway; no 1.x could be recorded, so the measure is what its documents say. */
import { v5 as uuidv5 } from 'uuid';
import { describe, expect, it } from 'vitest';
import type { StartOptions } from '../../activities/agents/port.ts';
import { aDouble } from '../a2a/a-double.ts';
import { type A2aProtocol, anAdapter, of, runOf, theAgent } from '../a2a/an-adapter.ts';
import { askUntilItEnds } from '../a2a/an-ask.ts';
import { aDelivery, canaryKey } from '../fake-kagent/a-delivery.ts';
import { type KagentDoubleOptions, type ScriptStep, startKagentDouble } from '../kagent-double/start-kagent-double.ts';
import { waitFor } from '../wait-for.ts';

const key = '0190c1a2-0000-7000-8000-00000000cccc';
const messageId = uuidv5('1', uuidv5('kagent/memory-analyzer', key));
const options = (): StartOptions => ({ idempotencyKey: key, signal: new AbortController().signal });
const hitl = 'https://kagent.dev/extensions/hitl/v1';

async function aKagent(more: KagentDoubleOptions = {}, credentials = {}) {
  const double = await aDouble({ release: '1.0', ...more });
  return {
    double,
    adapter: anAdapter('kagent-1', { url: double.url, credentials }),
  };
}

describe('what is sent', () => {
  it('is A2A 1.0 to the path of the agent, without a context, for the extension by which people are asked', async () => {
    const { double, adapter } = await aKagent();
    await adapter.start(aDelivery(), options());
    expect(double.requests).toHaveLength(1);
    const { method, path, headers, body } = double.requests[0]!;
    expect(`${method} ${path}`).toBe('POST /agents/kagent/memory-analyzer');
    expect(headers).toMatchObject({ 'a2a-version': '1.0', 'a2a-extensions': hitl });
    const parts = [{ text: aDelivery().prompt }];
    expect(body).toEqual({
      jsonrpc: '2.0',
      id: expect.any(String) as unknown,
      method: 'SendMessage',
      params: {
        message: { role: 'ROLE_USER', messageId, parts, extensions: [hitl] },
        configuration: { returnImmediately: true },
      },
    });
  });

  it('asks for the task by its id alone, and names the version each time', async () => {
    const { double, adapter } = await aKagent({ runMs: 10_000 }, { apiKey: canaryKey, userId: 'hooks' });
    const run = await adapter.start(aDelivery(), options());
    await adapter.look(of(run));
    await adapter.cancel(of(run));
    const id = run.executionId;
    expect(double.requests.slice(1).map(({ body }) => body)).toMatchObject([
      { method: 'GetTask', params: { id, historyLength: 0 } },
      { method: 'CancelTask', params: { id } },
    ]);
    for (const { headers } of double.requests) {
      const named = { authorization: `Bearer ${canaryKey}`, 'x-user-id': 'hooks' };
      expect(headers).toMatchObject({ 'a2a-version': '1.0', ...named });
    }
  });
});

describe('a run', () => {
  it('is found by its id until it has ended, in the session that the gateway chose', async () => {
    const { double, adapter } = await aKagent({ answer: () => 'The disk is full.' });
    const run = await adapter.start(aDelivery(), options());
    const [{ taskId, contextId } = { taskId: '', contextId: '' }] = double.runs;
    expect(run).toEqual({ executionId: taskId, protocol: 'kagent-1', contextId });
    const ended = await waitFor('the end', async () => {
      const reading = await adapter.look(of(run));
      return reading.state === 'ended' && reading.ending;
    });
    expect(ended).toMatchObject({ outcome: 'AgentRunCompleted', answer: 'The disk is full.' });
  });

  it('is the same for the same ask, however often it is started', async () => {
    const { double, adapter } = await aKagent();
    const first = await adapter.start(aDelivery(), options());
    const again = await adapter.start(aDelivery(), { ...options(), isRepeat: true });
    expect(again.executionId).toBe(first.executionId);
    expect(double.runs).toHaveLength(1);
  });

  it('is another one for another ask or another agent', async () => {
    const { double, adapter } = await aKagent();
    await adapter.start(aDelivery(), options());
    await adapter.start(aDelivery(), { ...options(), idempotencyKey: '0190c1a2-0000-7000-8000-00000000dddd' });
    await adapter.start(aDelivery({ agent: { namespace: 'kagent', name: 'incident-responder' } }), options());
    expect(new Set(double.runs.map((run) => run.messageId)).size).toBe(3);
  });

  it('that another user or nobody has is missing', async () => {
    const { double, adapter } = await aKagent();
    const run = await adapter.start(aDelivery(), options());
    const other = anAdapter('kagent-1', { url: double.url, credentials: { userId: 'two' } });
    expect(await other.look(of(run))).toEqual({ state: 'missing' });
    expect(await adapter.look(runOf('01a220a8-0000-7000-8000-000000000000'))).toEqual({ state: 'missing' });
  });

  it('is alive while it works, and never said to be gone by a gateway that only repeats its task', async () => {
    const { double, adapter } = await aKagent({ runMs: 10_000 });
    const run = await adapter.start(aDelivery(), options());
    expect(await adapter.probe(of(run))).toBe('alive');
    double.agent('kagent', 'memory-analyzer').kill();
    expect(await adapter.probe(of(run))).not.toBe('gone');
  });

  it('is cancelled while it works, and is reported as it is when it has ended', async () => {
    const { adapter } = await aKagent();
    const run = await adapter.start(aDelivery({ prompt: '[[latency=10]]' }), options());
    expect(await adapter.cancel(of(run))).toEqual({ isCancelled: true, said: 'the agent cancelled its run' });
    expect(await adapter.look(of(run))).toMatchObject({ state: 'ended', ending: { outcome: 'AgentRunCancelled' } });
    const other = { ...options(), idempotencyKey: '0190c1a2-0000-7000-8000-00000000dddd' };
    const quick = await adapter.start(aDelivery({ prompt: '[[latency=0.001]]' }), other);
    await waitFor('the end', async () => (await adapter.look(of(quick))).state === 'ended');
    expect(await adapter.cancel(of(quick))).toEqual({ isCancelled: false, said: 'the run is completed' });
  });

  it.each([
    [
      '[[tool=delete_thing:{"name":"db-1"}]]',
      { kind: 'approval', tools: [{ name: 'delete_thing', arguments: '{"name":"db-1"}' }] },
    ],
    [
      '[[ask=Which node?]]',
      { kind: 'question', message: 'Which node?', tools: [], questions: [{ question: 'Which node?' }] },
    ],
  ])('that asks people by the extension is paused: %s', async (prompt, pause) => {
    const { adapter } = await aKagent({ runMs: 1 });
    const run = await adapter.start(aDelivery({ prompt }), options());
    const reading = await waitFor('the pause', async () => {
      const seen = await adapter.look(of(run));
      return seen.state === 'paused' && seen;
    });
    expect(reading).toMatchObject({ state: 'paused', pause });
  });
});

const on = (fault: NonNullable<ScriptStep['fault']>, times = 1): ScriptStep[] => [
  { on: { rpc: 'SendMessage' }, times, fault },
];

describe('one ask makes one run when the send', () => {
  it.concurrent.each<[what: string, script: ScriptStep[]]>([
    ['is cut before it is taken', on({ kind: 'cut-before' })],
    ['is taken and cut, twice', on({ kind: 'cut-after' }, 2)],
    ['is answered by half', on({ kind: 'cut-mid-reply' })],
    ['is taken and never answered', on({ kind: 'hang', isHandled: true })],
    ['is taken only after the client has gone', [{ on: { rpc: 'SendMessage' }, delayMs: 200 }]],
    ['has the answer of another call', on({ kind: 'wrong-id' })],
    ['is answered with {}', on({ kind: 'empty-object', isHandled: true })],
    ['is answered with nothing', on({ kind: 'empty-200', isHandled: true }, 3)],
    ['is answered with a page and 502', on({ kind: 'html', status: 502, isHandled: true })],
    ['meets an internal error', on({ kind: 'rpc-error', code: -32_603, message: 'internal error', isHandled: true })],
    ['is not accepted twice', on({ kind: 'not-accepted' }, 2)],
  ])('%s', async (_, script) => {
    const double = await startKagentDouble({ release: '1.0' });
    double.script(script);
    const agent = anAdapter('kagent-1', { url: double.url, credentials: { timeoutMs: 150 } });
    const { ending, failures } = await askUntilItEnds({ agent, url: double.url });
    await double.stop();
    expect(ending).toHaveProperty('executionId');
    expect(failures.length).toBeGreaterThan(0);
    expect(double.runs).toHaveLength(1);
  });
});

describe('a refusal', () => {
  it.each([
    ['100', 1_000],
    ['4000', 4_000],
    ['soon', 1_000],
  ])('of a message that was not taken, with a wait of %s ms, is waited out for %d', async (retryAfterMs, expected) => {
    const { double, adapter } = await aKagent();
    double.script(on({ kind: 'not-accepted', retryAfterMs }));
    const refused = { reason: 'AgentUnavailable', mayHaveStarted: false, retryAfterMs: expected };
    await expect(adapter.start(aDelivery(), options())).rejects.toMatchObject(refused);
  });

  it.each<[what: string, step: ScriptStep['fault'], reason: string]>([
    [
      'of an agent that is unknown or foreign',
      { kind: 'rpc-error', code: -31_403, message: 'permission denied' },
      'AgentNotFound',
    ],
    ['of one who is not known', { kind: 'rpc-error', code: -31_401, message: 'unauthenticated' }, 'Unauthorized'],
    [
      'of a busy session',
      { kind: 'rpc-error', code: -32_004, message: 'Session cannot accept work during a lifecycle operation' },
      'AgentNotReady',
    ],
    [
      'of an agent without a revision',
      { kind: 'rpc-error', code: -32_004, message: 'Agent has no successful revision' },
      'AgentNotReady',
    ],
    [
      'of what it does not do',
      { kind: 'rpc-error', code: -32_004, message: 'this operation is not supported' },
      'AgentRefused',
    ],
    ['of another version', { kind: 'rpc-error', code: -32_009, message: 'version not supported' }, 'EndpointNotFound'],
    [
      'of a context that is no UUID',
      { kind: 'rpc-error', code: -32_600, message: 'context ID must be a UUID' },
      'RequestRejected',
    ],
  ])('%s has started nothing', async (_, fault, reason) => {
    const { double, adapter } = await aKagent();
    double.script([{ ...(fault !== undefined && { fault }) }]);
    await expect(adapter.start(aDelivery(), options())).rejects.toMatchObject({ reason, mayHaveStarted: false });
  });

  it('meets an agent that is not there, one that is not accepted, and a message that was changed', async () => {
    const { adapter } = await aKagent({ agents: [theAgent, { namespace: 'kagent', name: 'new', accepted: false }] });
    const startOf = (name: string, prompt = 'a') =>
      adapter.start(aDelivery({ prompt, agent: { namespace: 'kagent', name } }), options());
    await expect(startOf('nope')).rejects.toMatchObject({ reason: 'AgentNotFound' });
    await expect(startOf('new')).rejects.toMatchObject({ reason: 'AgentNotReady' });
    await startOf('memory-analyzer');
    await expect(startOf('memory-analyzer', 'b')).rejects.toMatchObject({ reason: 'RequestRejected' });
  });
});

describe('a bare 200', () => {
  it.each<[A2aProtocol, base: string]>([
    ['kagent-0', ''],
    ['kagent-0', '/api'],
    ['kagent-1', '/elsewhere'],
    ['a2a', '/elsewhere'],
  ])('is no run to the adapter %s at "%s"', async (protocol, base) => {
    const double = await aDouble({ release: '1.0' });
    const started = anAdapter(protocol, { url: `${double.url}${base}` }).start(aDelivery(), options());
    await expect(started).rejects.toMatchObject({ reason: 'MalformedAnswer' });
    expect(double.requests.length).toBeGreaterThan(0);
    expect(double.runs).toEqual([]);
  });
});
