/** The debug lines of the calls to Kagent: what they say, and that neither key nor prompt is in them. */
import { createHash } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createApiLog, logLookUps } from '../../activities/agents/api-log.ts';
import { createRestAgent } from '../../activities/agents/rest/rest.ts';
import { createRestDirectory } from '../../activities/agents/rest/rest-directory.ts';
import { idempotencyKey } from '../../activities/call-agent.ts';
import { createLookUpAgents } from '../../activities/look-up-agents.ts';
import { createMetrics } from '../../workers/serving/metrics.ts';
import { aDelivery, canaryKey, someCredentials } from '../fake-kagent/a-delivery.ts';
import { anAttempt, untilItEnds } from '../fake-kagent/an-attempt.ts';
import { againFaults, neverFaults } from '../fake-kagent/faults.ts';
import type { StepInput } from '../fake-kagent/script.ts';
import { startFakeKagent } from '../fake-kagent/server.ts';
import { samplesOf } from '../samples-of.ts';

const Line = z.looseObject({ name: z.string(), msg: z.string() });

/** The fake, an agent and a directory that log, and the lines as they would reach the console. */
async function aLoggedKagent(script: StepInput[] = [], level = 'debug') {
  const fake = await startFakeKagent({ apiKey: canaryKey, script });
  onTestFinished(() => fake.stop());
  const written: string[] = [];
  const base = { process: 'worker' };
  const log = pino({ level, base }, { write: (line: string) => void written.push(line) }).child({ name: 'kagent-api' });
  const metrics = createMetrics({ temporal: async () => '' });
  const readCredentials = () => someCredentials({ baseUrl: fake.url, timeoutMs: 500 });
  const rest = { readCredentials, version: '1', jitter: () => 0 };
  return {
    fake,
    written,
    metrics,
    lines: () => written.map((line) => Line.parse(JSON.parse(line))),
    agent: createRestAgent({ ...rest, observers: [createApiLog(log), metrics.calls] }),
    directory: logLookUps(createRestDirectory(rest), log),
  };
}

describe('with debug', () => {
  it('a call is one line for the request and one for the answer, found by the name kagent-api', async () => {
    const { fake, agent, lines, written } = await aLoggedKagent();
    await anAttempt({ fake, agent }).run();
    expect(written.filter((line) => line.includes('kagent-api'))).toHaveLength(2);
    const call = {
      name: 'kagent-api',
      process: 'worker',
      agent: 'memory-analyzer',
      attempt: 1,
      workflowId: 'test',
      idempotencyKey: idempotencyKey('test', aDelivery().askRun),
      method: 'POST',
      path: '/v1/agents/memory-analyzer/execute',
    };
    const [request, answer] = lines();
    expect(request).toMatchObject({
      ...call,
      msg: 'request',
      authorization: 'Bearer [redacted]',
      prompt: '[redacted]',
      promptLength: aDelivery().prompt.length,
      promptSha256: createHash('sha256').update(aDelivery().prompt).digest('hex'),
      timeoutMs: 500,
    });
    expect(answer).toMatchObject({ ...call, msg: 'answer', status: 200, executionId: 'exec-000001' });
    expect(answer!['durationMs']).toBeTypeOf('number');
  });

  it('an answer that is an error is logged with status and type, and none at all without a status', async () => {
    const cut: StepInput = { fault: { kind: 'cut' } };
    const { fake, agent, lines } = await aLoggedKagent([{ fault: { kind: 'answer', status: 503 } }, cut]);
    for (let n = 0; n < 2; n += 1)
      await anAttempt({ fake, agent })
        .run()
        .catch(() => undefined);
    const [, failed, , lost] = lines();
    expect(failed).toMatchObject({ msg: 'answer', status: 503, errorType: 'server' });
    expect(failed!['error']).toContain('answered 503');
    expect(lost).toMatchObject({ msg: 'answer', errorType: 'network' });
    expect(lost).not.toHaveProperty('status');
  });

  it('looking agents up is logged in the same way', async () => {
    const { directory, lines } = await aLoggedKagent();
    const look = createLookUpAgents(directory);
    await new MockActivityEnvironment().run(look, { agents: [{ namespace: 'kagent', name: 'memory-analyzer' }] });
    expect(lines().map(({ msg, name, ...line }) => [name, msg, line['path'] ?? line['agent'], line['reason']])).toEqual(
      [
        ['kagent-api', 'request', '/health', undefined],
        ['kagent-api', 'answer', '/health', 'Healthy'],
        ['kagent-api', 'request', 'memory-analyzer', undefined],
        ['kagent-api', 'answer', 'memory-analyzer', 'AgentFound'],
      ],
    );
  });

  it('nothing of the prompt and of the message of the event is written, whatever they hold', async () => {
    const { agent, written } = await aLoggedKagent();
    const delivery = aDelivery({ prompt: 'top-secret-prompt' });
    delivery.context.eventMessage = 'top-secret-message';
    const start = async () => agent.start(delivery, { idempotencyKey: 'k', signal: new AbortController().signal });
    await new MockActivityEnvironment().run(start);
    expect(written).toHaveLength(2);
    expect(written.join('')).not.toContain('top-secret');
  });
});

it('with info, a call writes nothing', async () => {
  const { fake, agent, directory, written } = await aLoggedKagent([], 'info');
  await anAttempt({ fake, agent }).run();
  await directory.reach(new AbortController().signal);
  expect(written).toEqual([]);
});

it('after a run of failures of every kind the key stands in no line and in no metric', async () => {
  const faults = [...againFaults, ...neverFaults].map(([, fault]): StepInput => ({ fault }));
  const echoes = [undefined, 400, 401, 403, 404, 429, 500].map(
    (status): StepInput => ({ fault: { kind: 'echo-key', ...(status !== undefined && { status }) } }),
  );
  const { fake, agent, written, metrics } = await aLoggedKagent([...faults, ...echoes]);
  while (fake.requests.length < faults.length + echoes.length) await untilItEnds({ fake, agent });
  expect(written.length).toBeGreaterThanOrEqual(2 * (faults.length + echoes.length));
  expect(written.join('')).toContain('[redacted]"');
  expect(written.join('')).toMatch(/executionId":"[^"]*\[redacted\]/);
  expect(written.join('')).not.toContain(canaryKey);
  const text = await metrics.text();
  const calls = samplesOf(text, 'kagent_api_calls_total');
  expect(calls['agent_id="memory-analyzer",status="error"']).toBeGreaterThan(faults.length);
  expect(text).not.toContain(canaryKey);
});
