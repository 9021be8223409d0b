/** The worker's metrics, counted from real calls to a server that misbehaves in every way. */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CallObserver } from '../../activities/agents/call-observer.ts';
import { createRestAgent } from '../../activities/agents/rest/rest.ts';
import { createMetrics, type MetricsOptions } from '../../workers/serving/metrics.ts';
import type { Delivery } from '../../workflows/contract/outcome.ts';
import { aDelivery, canaryKey, someCredentials } from '../fake-kagent/a-delivery.ts';
import { anAttempt } from '../fake-kagent/an-attempt.ts';
import { againFaults, type FaultInput, neverFaults } from '../fake-kagent/faults.ts';
import { startFakeKagent } from '../fake-kagent/server.ts';
import { samplesOf } from '../samples-of.ts';

const none = async () => '';

interface Calling extends Partial<MetricsOptions> {
  observers?: CallObserver[];
  timeoutMs?: number;
}

/** An agent that is counted, at a server of its own. */
async function aCountedAgent({ observers = [], timeoutMs = 5000, ...options }: Calling = {}) {
  const fake = await startFakeKagent({ apiKey: canaryKey });
  onTestFinished(() => fake.stop());
  const metrics = createMetrics({ temporal: none, ...options });
  const readCredentials = () => someCredentials({ baseUrl: fake.url, timeoutMs });
  const agent = createRestAgent({ readCredentials, version: '1', observers: [...observers, metrics.calls] });
  const call = async (over: Partial<Delivery> = {}, signal = new AbortController().signal) =>
    agent.start(aDelivery(over), { idempotencyKey: 'k', signal }).catch((error: unknown) => error);
  const samples = async (name: string) => samplesOf(await metrics.text(), name);
  return { fake, metrics, call, samples, failWith: (fault: FaultInput) => fake.script([{ fault }]), readCredentials };
}

describe('one attempt', () => {
  it('that starts an agent counts once as success, with its duration and no error', async () => {
    const { call, samples } = await aCountedAgent();
    await call();
    expect(await samples('kagent_api_calls_total')).toEqual({ 'agent_id="memory-analyzer",status="success"': 1 });
    expect(await samples('kagent_api_call_duration_seconds_count')).toEqual({ 'agent_id="memory-analyzer"': 1 });
    expect(Object.values(await samples('kagent_api_errors_total'))).toEqual(Array(12).fill(0));
  });

  const rows: [string, FaultInput][] = [...againFaults, ...neverFaults].map(([what, fault]) => [what, fault]);

  it.each(rows)('that fails by %s counts once as error, under one type', async (_, fault) => {
    const { call, samples, failWith } = await aCountedAgent({ timeoutMs: fault.kind.startsWith('hang') ? 150 : 5000 });
    failWith(fault);
    await call();
    expect(await samples('kagent_api_calls_total')).toEqual({ 'agent_id="memory-analyzer",status="error"': 1 });
    expect(await samples('kagent_api_call_duration_seconds_count')).toEqual({ 'agent_id="memory-analyzer"': 1 });
    const errors = Object.values(await samples('kagent_api_errors_total'));
    expect(errors.filter((count) => count > 0)).toEqual([1]);
  });

  it.each<[string, FaultInput]>([
    ['auth', { kind: 'answer', status: 401 }],
    ['auth', { kind: 'answer', status: 403 }],
    ['not_found', { kind: 'answer', status: 404, body: { error: 'agent_not_found' } }],
    ['not_found', { kind: 'answer', status: 404 }],
    ['rate_limit', { kind: 'rate-limit' }],
    ['server', { kind: 'answer', status: 500 }],
    ['server', { kind: 'answer', status: 503 }],
    ['timeout', { kind: 'hang' }],
    ['timeout', { kind: 'answer', status: 408 }],
    ['network', { kind: 'cut' }],
    ['invalid_response', { kind: 'not-http' }],
    ['invalid_response', { kind: 'answer' }],
    ['redirect', { kind: 'answer', status: 302 }],
    ['rejected', { kind: 'answer', status: 400 }],
    ['refused', { kind: 'answer', body: { success: false } }],
  ])('is an error of type %s after %j', async (type, fault) => {
    const { call, samples, failWith } = await aCountedAgent({ timeoutMs: fault.kind === 'hang' ? 150 : 5000 });
    failWith(fault);
    await call();
    const errors = Object.entries(await samples('kagent_api_errors_total')).filter(([, count]) => count > 0);
    expect(errors).toEqual([[`error_type="${type}"`, 1]]);
  });

  it('that was cancelled under way counts as cancelled, and one that was never sent not at all', async () => {
    const { call, samples, failWith, fake } = await aCountedAgent();
    failWith({ kind: 'hang' });
    const giveUp = new AbortController();
    const called = call({}, giveUp.signal);
    await expect.poll(() => fake.requests.length).toBe(1);
    giveUp.abort();
    await called;
    await call({}, AbortSignal.abort());
    await call({ agent: { namespace: 'a', name: '..' } });
    expect(await samples('kagent_api_calls_total')).toEqual({ 'agent_id="memory-analyzer",status="error"': 1 });
    expect((await samples('kagent_api_errors_total'))['error_type="cancelled"']).toBe(1);
  });

  it('is counted before and after a retry: three attempts are three', async () => {
    const { call, samples, fake } = await aCountedAgent();
    fake.script([{ times: 2, fault: { kind: 'answer', status: 500 } }]);
    for (let n = 0; n < 3; n += 1) await call();
    expect(await samples('kagent_api_calls_total')).toEqual({
      'agent_id="memory-analyzer",status="error"': 2,
      'agent_id="memory-analyzer",status="success"': 1,
    });
    expect(fake.requests).toHaveLength(3);
  });

  it('goes as it goes although an observer fails', async () => {
    const fail = () => {
      throw new Error('a full disk');
    };
    const { call, samples } = await aCountedAgent({ observers: [{ sent: fail, ended: fail }] });
    expect(await call()).toMatchObject({ executionId: 'exec-000001' });
    expect(Object.values(await samples('kagent_api_calls_total'))).toEqual([1]);
  });
});

it('however many agents are called, agent_id has at most the configured values and one for the others', async () => {
  const { call, samples } = await aCountedAgent({ agentLimit: 3 });
  for (const n of [0, 1, 2, 3, 4, 5, 1]) await call({ agent: { namespace: 'kagent', name: `agent-${n}` } });
  expect(await samples('kagent_api_call_duration_seconds_count')).toEqual({
    'agent_id="agent-0"': 1,
    'agent_id="agent-1"': 2,
    'agent_id="agent-2"': 1,
    'agent_id="other"': 3,
  });
});

it('an agent name with quotes and line breaks stays one label', async () => {
  const { call, metrics } = await aCountedAgent();
  await call({ agent: { namespace: 'a', name: 'a"\n} evil 1\n' } });
  expect(await metrics.text()).toContain(String.raw`agent_id="a\"\n} evil 1\n"`);
});

it('the latency runs from the event to the agent, and is never negative', async () => {
  const eventTime = '2026-09-01T12:00:00Z';
  let nowMs = Date.parse(eventTime) + 90_000;
  const { call, samples } = await aCountedAgent({ nowMs: () => nowMs });
  const { context } = aDelivery();
  await call({ context: { ...context, eventTime } });
  expect(await samples('kagent_hooks_event_to_agent_seconds_sum')).toEqual({ '': 90 });
  nowMs = 0;
  await call({ context: { ...context, eventTime } });
  expect(await samples('kagent_hooks_event_to_agent_seconds_sum')).toEqual({ '': 90 });
  expect(await samples('kagent_hooks_event_to_agent_seconds_count')).toEqual({ '': 2 });
});

it('the metrics of Temporal are joined in, and the others can be read without them', async () => {
  const { metrics } = await aCountedAgent({ temporal: async () => 'temporal_polls 1\n' });
  expect(await metrics.text()).toMatch(/\ntemporal_polls 1\n$/);
  const alone = await aCountedAgent({ temporal: () => Promise.reject(new Error('closed')) });
  await alone.call();
  expect(await alone.samples('kagent_api_calls_total')).not.toEqual({});
});

it('an attempt of the activity that is held back by a wait makes no call and counts none', async () => {
  const { fake, metrics, samples, readCredentials } = await aCountedAgent();
  const agent = createRestAgent({ readCredentials, version: '1', observers: [metrics.calls] });
  const heartbeatDetails = { attempts: 1, throttled: 0, notBeforeMs: Date.now() + 60_000 };
  await expect(anAttempt({ fake, heartbeatDetails, agent }).run()).rejects.toThrow(/Not tried before/);
  expect(await samples('kagent_api_calls_total')).toEqual({});
});
