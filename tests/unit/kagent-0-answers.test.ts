/** What the adapter of Kagent 0.x makes of answers that are huge, hostile, or none of Kagent's; and what it never shows. */
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EndedCall, SentCall } from '../../activities/agents/call-observer.ts';
import { DeliveryError } from '../../activities/agents/delivery-error.ts';
import type { RunReading } from '../../activities/agents/port.ts';
import { readRun } from '../../activities/agents/runs/read-run.ts';
import { Task } from '../../activities/agents/runs/task.ts';
import { answerLimitChars } from '../../workflows/contract/agent-run.ts';
import { aDouble } from '../a2a/a-double.ts';
import { type AdapterOptions, anAdapter, of, runOf, theAgent } from '../a2a/an-adapter.ts';
import { aDelivery, canaryKey } from '../fake-kagent/a-delivery.ts';
import type { KagentDouble, ScriptStep } from '../kagent-double/start-kagent-double.ts';
import { waitFor } from '../wait-for.ts';

const canaryHeader = 'canary-header-91c';
const credentials = { apiKey: canaryKey, headers: { 'X-Gateway': canaryHeader } };
const starting = () => ({
  idempotencyKey: '0190c1a2-0000-7000-8000-00000000bbbb',
  signal: new AbortController().signal,
});

function adapterFor({ url }: KagentDouble, more: Partial<AdapterOptions> = {}) {
  return anAdapter('kagent-0', { url, credentials, ...more });
}

/** The first look that shows more than that the run goes on. */
async function outcomeOf(prompt: string, runtime: 'go' | 'python' | 'byo' = 'go'): Promise<RunReading> {
  const double = await aDouble({ agents: [{ ...theAgent, runtime }], runMs: 5 });
  const adapter = adapterFor(double);
  const run = await adapter.start(aDelivery({ prompt }), starting());
  if (run.ending !== undefined) return { state: 'ended', ending: run.ending };
  return waitFor('the end', async () => {
    const reading = await adapter.look(of(run));
    return reading.state !== 'working' && reading;
  });
}

const raw = (text: string) => `[[raw=${Buffer.from(text).toString('base64')}]]`;

describe('an answer', () => {
  it('of 10 MiB is read, and cut where the contract says', async () => {
    const reading = await outcomeOf(`[[big=${10 << 20}]]`);
    const answer = `${'x'.repeat(answerLimitChars - 1)}…`;
    expect(reading.state === 'ended' && reading.ending.answer === answer).toBe(true);
  });

  it.each([
    ['colours and a bell', '\u001b[31mred\u001b[0m\u0007', '[31mred[0m'],
    ['line ends of all kinds', 'a\r\nb\rc\u2028d', 'a\nb\nc\nd'],
    ['marks that turn text around', 'user\u202egnp.exe\u2066', 'usergnp.exe'],
    ['controls of the second block', 'a\u0085b\u009b1mc', 'a\nb1mc'],
    ['invisible characters', 'a\u200bb\ufeffc', 'abc'],
  ])('with %s comes out inert', async (_, text, expected) => {
    const ended = { state: 'ended', ending: { answer: expected } };
    expect(await outcomeOf(raw(text))).toMatchObject(ended);
    expect(await outcomeOf(`[[message]]${raw(text)}`, 'byo')).toMatchObject(ended);
  });

  it('with bytes that are no UTF-8 comes out well-formed', async () => {
    const double = await aDouble({ agents: [{ ...theAgent, runtime: 'byo' }], runMs: 5 });
    double.script([{ on: { rpc: 'message/send' }, fault: { kind: 'broken-utf8' } }]);
    const prompt = '[[message]][[answer=The disk is full.]]';
    const { ending } = await adapterFor(double).start(aDelivery({ prompt }), starting());
    expect(ending).toHaveProperty('answer', '\ufffd\ufffdThe disk is full.');
  });

  it.each([
    ['an answer', `[[answer=it is ${canaryKey}]]`, 'go', { ending: { answer: 'it is [redacted]' } }],
    ['a Message', `[[message]][[answer=${canaryHeader}]]`, 'byo', { ending: { answer: '[redacted]' } }],
    [
      'a tool call',
      `[[tool=ls:{"key":"${canaryKey}"}]]`,
      'go',
      { pause: { tools: [{ arguments: '{"key":"[redacted]"}' }] } },
    ],
    ['a question', `[[ask=is it ${canaryHeader}?]]`, 'python', { pause: { message: 'is it [redacted]?' } }],
  ] as const)('holds no secret in %s', async (_, prompt, runtime, expected) => {
    const reading = await outcomeOf(prompt, runtime);
    expect(reading).toMatchObject(expected);
    expect(JSON.stringify(reading)).not.toMatch(/canary/);
  });
});

it('marks the progress of a run in a few words, however many the agent makes of it', () => {
  const status = { state: 'TASK_STATE_'.padEnd(9_000, 'x'), timestamp: '9'.repeat(1 << 20) };
  const reading = readRun(Task.parse({ id: 't', status }), (text) => text);
  expect(reading).toMatchObject({ state: 'working', mark: expect.stringMatching(/^.{1,200}$/) as unknown });
});

const onSend = (fault: NonNullable<ScriptStep['fault']>): ScriptStep => ({ on: { rpc: 'message/send' }, fault });
const onAll = (fault: NonNullable<ScriptStep['fault']>): ScriptStep => ({ times: 'always', fault });
const echo = `you sent Bearer ${canaryKey} and ${canaryHeader}`;

describe('an error', () => {
  it.each<[what: string, step: ScriptStep, reason: string]>([
    ...[400, 401, 403, 404, 429, 500, 502].map((status): [string, ScriptStep, string] => [
      `${status} in words`,
      onSend({ kind: 'answer', status, body: echo }),
      { 400: 'RequestRejected', 401: 'Unauthorized', 403: 'Forbidden', 404: 'EndpointNotFound', 429: 'RateLimited' }[
        status
      ] ?? 'AgentUnavailable',
    ]),
    ['200 in words', onSend({ kind: 'answer', body: echo }), 'MalformedAnswer'],
    ['of JSON-RPC', onSend({ kind: 'rpc-error', code: -32_603, message: echo }), 'AgentUnavailable'],
    [
      'of JSON-RPC with data',
      onSend({ kind: 'rpc-error', code: -32_602, message: 'no', data: echo }),
      'RequestRejected',
    ],
    [
      'that says the agent is missing',
      onSend({ kind: 'answer', status: 404, body: `Agent a/b not found ${echo}` }),
      'AgentNotReady',
    ],
    ['of the session', onAll({ kind: 'answer', status: 400, body: { error: echo } }), 'RequestRejected'],
    ['that redirects to the key', onSend({ kind: 'redirect', location: `/${canaryKey}` }), 'Redirected'],
    ['of a cut connection', onSend({ kind: 'cut-before' }), 'ConnectionFailed'],
    ['of half an answer', onSend({ kind: 'cut-mid-reply' }), 'ConnectionFailed'],
    ['of a body over the limit', onSend({ kind: 'big-body', bytes: 33 << 20 }), 'MalformedAnswer'],
    ['of another id', onSend({ kind: 'wrong-id' }), 'MalformedAnswer'],
    ['of a page', onSend({ kind: 'html' }), 'MalformedAnswer'],
  ])('%s names neither key, header nor address', async (_, step, reason) => {
    const double = await aDouble();
    double.script([step]);
    const observed: EndedCall[] = [];
    const observers = [{ ended: (_call: SentCall, end: EndedCall) => observed.push(end) }];
    const error: unknown = await adapterFor(double, { observers }).start(aDelivery(), starting()).catch(asValue);
    expect(error).toMatchObject({ reason });
    expect(double.requests[0]?.headers).toMatchObject({ 'x-gateway': canaryHeader });
    const everything =
      error instanceof DeliveryError ? JSON.stringify([error, error.message, error.stack, observed]) : '';
    expect(everything).toContain('kagent/memory-analyzer');
    expect(everything).not.toMatch(/canary/);
    expect(everything).not.toContain(new URL(double.url).host);
  });

  it('of a look is one that can be waited out', async () => {
    const double = await aDouble();
    const run = await adapterFor(double).start(aDelivery(), starting());
    const faults: NonNullable<ScriptStep['fault']>[] = [
      { kind: 'empty-200' },
      { kind: 'html' },
      { kind: 'empty-object' },
      { kind: 'answer', body: { error: false, data: { id: 'another', status: { state: 'completed' } } } },
      { kind: 'answer', status: 503, body: echo },
      { kind: 'cut-before' },
    ];
    for (const fault of faults) {
      double.script([{ fault }]);
      const error: unknown = await adapterFor(double).look(of(run)).catch(asValue);
      expect(error).toBeInstanceOf(DeliveryError);
      expect(String(error)).not.toMatch(/canary/);
    }
    expect(await adapterFor(double).look(of(run))).toHaveProperty('state');
  });

  it('of a key that no header can hold is one of the key', async () => {
    const double = await aDouble();
    const adapter = anAdapter('kagent-0', { url: double.url, credentials: { apiKey: 'canary\n' } });
    const error: unknown = await adapter.start(aDelivery(), starting()).catch(asValue);
    expect(String(error)).not.toMatch(/canary/);
    expect(error).toMatchObject({ reason: 'Unauthorized', mayHaveStarted: false });
    expect(double.requests).toEqual([]);
  });
});

it('follows no redirect, whatever is asked', async () => {
  const followed: string[] = [];
  const elsewhere = createServer((request, response) => {
    followed.push(request.url ?? '');
    response.end('{}');
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void elsewhere.close());
  const address = elsewhere.address();
  const location = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
  const double = await aDouble();
  double.script([onAll({ kind: 'redirect', status: 302, location })]);
  const adapter = adapterFor(double);
  const redirected = { reason: 'Redirected', mayHaveStarted: false };
  await expect(adapter.start(aDelivery(), starting())).rejects.toMatchObject(redirected);
  await expect(adapter.look(runOf('t'))).rejects.toMatchObject(redirected);
  await expect(adapter.find({ ...runOf('t'), idempotencyKey: starting().idempotencyKey })).rejects.toMatchObject(
    redirected,
  );
  expect(await adapter.probe(runOf('t'))).toBe('unclear');
  expect(await adapter.cancel(runOf('t'))).toMatchObject({ isCancelled: false });
  expect(double.requests).toHaveLength(5);
  expect(followed).toEqual([]);
});

it('calls observers for the send with its status and its run, and not for the questions around it', async () => {
  const double = await aDouble();
  const observed: unknown[] = [];
  const observers = [
    {
      sent: ({ method, path }: SentCall) => observed.push(`${method} ${path}`),
      ended: (_call: SentCall, { httpStatus, result }: EndedCall) => observed.push(httpStatus, result),
    },
  ];
  const agentRun = await adapterFor(double, { observers }).start(aDelivery(), { ...starting(), isRepeat: true });
  const run = { executionId: agentRun.executionId, protocol: 'kagent-0', contextId: agentRun.contextId };
  expect(observed).toEqual(['POST /api/a2a/kagent/memory-analyzer/', 200, { agentRun: run }]);
});

/** An error as a value. */
function asValue(error: unknown): unknown {
  return error;
}
