/** The double of Kagent does what no single exchange shows: it dies, forgets, comes back, repeats itself or does not. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { aDouble } from '../kagent-double/a-double.ts';
import { call, get, send, sendParams, stateOf } from '../kagent-double/ask-double.ts';
import {
  type AgentSideRun,
  type KagentDouble,
  type KagentDoubleOptions,
  type Runtime,
} from '../kagent-double/start-kagent-double.ts';
import { shapeOf } from '../transcripts/shape-of.ts';
import { waitFor } from '../wait-for.ts';

const python: KagentDoubleOptions = { agents: [{ namespace: 'kagent', name: 'memory-analyzer', runtime: 'python' }] };
const byo: KagentDoubleOptions = { agents: [{ namespace: 'kagent', name: 'memory-analyzer', runtime: 'byo' }] };
const statesOf = (runs: readonly AgentSideRun[]) => runs.map(({ state }) => state);
const long = '[[latency=20]] x';

/** Resolves when the agent works on it. */
async function started(double: KagentDouble, prompt = long): Promise<{ id: string; contextId: string }> {
  const { task } = await send(double, prompt, { isBlocking: false });
  await waitFor('its start', async () =>
    double.runs.some(({ taskId, state }) => taskId === task.id && state !== 'submitted'),
  );
  return task;
}

/** What the stream of the task said until it ended. */
async function follow(double: KagentDouble, id: string): Promise<string> {
  return (await call(double, 'tasks/resubscribe', { id })).text;
}

/** Whether the stream of the task is still open after a while. */
async function staysOpen(double: KagentDouble, id: string): Promise<boolean> {
  const ended = follow(double, id).then(
    () => false,
    () => false,
  );
  return Promise.race([ended, delay(60, true)]);
}

describe('a comparison of shapes', () => {
  it.each([
    ['a missing key', { a: 1 }, { a: 1, b: 2 }],
    ['another type', { a: 1 }, { a: '1' }],
    ['another state', { state: 'working' }, { state: 'failed' }],
    ['another code', { code: -32001 }, { code: -32603 }],
    ['another sentence', { message: 'no' }, { message: 'yes' }],
    ['one message more', { history: [{}] }, { history: [{}, {}] }],
  ])('notices %s', (_, one, other) => expect(shapeOf(one)).not.toEqual(shapeOf(other)));

  it('does not mind other ids, times and counts', () => {
    expect(shapeOf({ id: 'a', timestamp: '1', count: 1 })).toEqual(shapeOf({ id: 'b', timestamp: '2', count: 2 }));
  });
});

describe('an agent of the double', () => {
  it('counts a run for each send, also of the same message', async () => {
    const double = await aDouble();
    await send(double, 'x', { messageId: 'm' });
    await send(double, 'x', { messageId: 'm' });
    expect(double.runs).toMatchObject([
      { messageId: 'm', state: 'completed' },
      { messageId: 'm', agent: 'kagent/memory-analyzer' },
    ]);
  });

  it('goes on when the caller has gone', async () => {
    const double = await aDouble();
    const gone = new AbortController();
    const init = {
      method: 'POST',
      signal: gone.signal,
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'message/send', params: sendParams('[[latency=0.3]]') }),
    };
    const asking = fetch(`${double.url}/api/a2a/kagent/memory-analyzer`, init);
    await Promise.all([
      expect(asking).rejects.toThrow('aborted'),
      waitFor('the run', async () => double.runs.length === 1).then(() => gone.abort()),
    ]);
    const state = () => stateOf(double, double.runs[0]?.taskId ?? '');
    expect(await waitFor('its end', async () => ((await state()) !== 'working' ? state() : undefined))).toBe(
      'completed',
    );
  });

  it.each<[Runtime, KagentDoubleOptions, string]>([
    ['go', {}, '-32603'],
    ['python', python, '-32001'],
  ])('loses its runs with its process (%s)', async (_, options, code) => {
    const double = await aDouble(options);
    const { id } = await started(double);
    expect(await staysOpen(double, id)).toBe(true);
    double.agent('kagent', 'memory-analyzer').kill();
    expect((await send(double, 'x')).error?.message).toContain('connection refused');
    double.agent('kagent', 'memory-analyzer').start();
    expect(await follow(double, id)).toContain(`"code":${code}`);
    expect(await stateOf(double, id)).toBe('working');
    expect(statesOf(double.runs)).toEqual(['lost']);
  });

  it('breaks the calls that wait for it', async () => {
    const double = await aDouble();
    const waiting = send(double, long);
    const streaming = call(double, 'message/stream', sendParams(long));
    await waitFor('both runs', async () => double.runs.length === 2);
    double.agent('kagent', 'memory-analyzer').kill();
    expect((await waiting).error?.message).toMatch(/EOF$/);
    expect((await streaming).text).toContain('SSE stream error: unexpected EOF');
  });

  it('is not found once its object is deleted, but goes on', async () => {
    const double = await aDouble();
    const { id } = await started(double, '[[latency=0.03]]');
    double.agent('kagent', 'memory-analyzer').remove();
    expect(await get(double, id)).toMatchObject({ status: 404, text: 'Agent kagent/memory-analyzer not found\n' });
    await waitFor('its end', async () => (await stateOf(double, id)) !== 'working');
    expect(await stateOf(double, id)).toBe('completed');
  });

  it('with two replicas, may be asked where the run is not', async () => {
    const double = await aDouble({ agents: [{ namespace: 'kagent', name: 'memory-analyzer', replicas: 2 }] });
    const { id } = await started(double);
    expect(await follow(double, id)).toContain('-32603');
    expect(await staysOpen(double, id)).toBe(true);
  });

  it('cancels when it is Go, and refuses to when it is Python', async () => {
    const [go, py] = [await aDouble(), await aDouble(python)];
    const cancelled = await call(go, 'tasks/cancel', { id: (await started(go)).id });
    expect(cancelled.task.status.state).toBe('canceled');
    expect(statesOf(go.runs)).toEqual(['canceled']);
    const refused = await call(py, 'tasks/cancel', { id: (await started(py)).id });
    expect(refused.error).toMatchObject({ code: -32603, message: 'Cancellation is not supported' });
  });

  it('that keeps its own tasks cannot be read through 0.10, but through 0.9', async () => {
    const [late, early] = [await aDouble(byo), await aDouble({ ...byo, release: '0.9.12' })];
    expect((await get(late, (await started(late)).id)).error?.code).toBe(-32001);
    expect((await get(early, (await started(early)).id)).task.status.state).toBe('working');
  });
});

describe('a prompt of the double', () => {
  it.each([
    ['[[answer=The disk is full.]]', 'completed', 'The disk is full.'],
    [`[[raw=${Buffer.from('a\u001b[31m\u202e').toString('base64')}]]`, 'completed', 'a\u001b[31m\u202e'],
    ['[[big=100000]]', 'completed', 'x'.repeat(100_000)],
    ['[[empty]]', 'completed', ''],
    ['[[fail=500]]', 'failed', ''],
    ['[[reject]]', 'rejected', ''],
    ['[[authreq]]', 'auth-required', ''],
    ['[[tool=delete_thing:{"name":"}]]"}]]', 'input-required', ''],
    ['[[ask=Which node?]]', 'input-required', ''],
  ])('%s ends in %s', async (prompt, state, answer) => {
    const double = await aDouble();
    const sent = await send(double, prompt);
    expect([sent.task.status.state, sent.answer]).toEqual([state, answer]);
  });

  it('says how long the run takes', async () => {
    const double = await aDouble();
    const sentMs = performance.now();
    const { id } = await started(double, '[[latency=0.5]]');
    expect(await stateOf(double, id)).toBe('working');
    await waitFor('its end', async () => (await stateOf(double, id)) === 'completed');
    expect(performance.now() - sentMs).toBeGreaterThan(490);
  });

  it.each([
    ['approve', ['delete_thing'], /done/],
    ['reject', [], /rejected by user/],
    ['maybe', [], /Looked into it/],
  ])('leads to a pause that %s ends', async (decision, toolsRun, answer) => {
    const double = await aDouble();
    const { id, contextId } = await started(double, '[[tool=delete_thing:{"name":"db-1"}]][[latency=0]]');
    await waitFor('its pause', async () => double.runs[0]?.state === 'input-required');
    const decided = await send(double, '', { taskId: id, contextId, data: { decision_type: decision } });
    expect(decided.answer).toMatch(answer);
    expect(double.runs).toMatchObject([{ toolsRun, state: 'completed', followUps: [{}] }]);
  });

  it('approves what a batch leaves out', async () => {
    const double = await aDouble();
    const paused = await send(double, '[[tool=a:{"n":1}]][[tool=b:{"n":2}]]');
    const first = /"id":"(call_[^"]+)","name":"a"/.exec(paused.text)?.[1] ?? '';
    const data = { decision_type: 'batch', decisions: { [first]: 'reject' } };
    await send(double, '', { taskId: paused.task.id, contextId: paused.task.contextId, data });
    expect(double.runs).toMatchObject([{ toolsRun: ['b'] }]);
  });
});
