/** The fake Kagent keeps to the specification, or tests against it would prove nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type FakeKagent, type FakeKagentOptions, startFakeKagent } from '../fake-kagent/server.ts';

const fakes: FakeKagent[] = [];
afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.stop();
});

async function aFake(options: FakeKagentOptions = {}): Promise<FakeKagent> {
  const fake = await startFakeKagent(options);
  fakes.push(fake);
  return fake;
}

const goodBody = {
  prompt: 'Look at it',
  context: { eventName: 'a', eventTime: 'b', resourceName: 'c', namespace: 'd', eventMessage: 'e' },
  metadata: { source: 'kagent-hook-controller', hookName: 'h' },
};

interface Ask {
  agent?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

async function execute(url: string, { agent = 'memory-analyzer', body = goodBody, headers = {} }: Ask = {}) {
  const response = await fetch(`${url}/v1/agents/${agent}/execute`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers,
  });
  return { status: response.status, body: z.record(z.string(), z.unknown()).parse(await response.json()) };
}

interface Row {
  what: string;
  options?: FakeKagentOptions;
  ask?: Ask;
  status: number;
  body: object;
}

const unauthorized = { error: 'unauthorized', message: 'Invalid API key', code: 401 };
const notFound = { error: 'agent_not_found', message: "Agent 'x' not found", code: 404 };
const bearer = (key: string) => ({ headers: { Authorization: `Bearer ${key}` } });
const success = { success: true };

const rows: Row[] = [
  { what: 'no key', options: { apiKey: 'k' }, status: 401, body: unauthorized },
  { what: 'a wrong key', options: { apiKey: 'k' }, ask: bearer('x'), status: 401, body: unauthorized },
  { what: 'the right key', options: { apiKey: 'k' }, ask: bearer('k'), status: 200, body: success },
  { what: 'an unknown agent', ask: { agent: 'x' }, status: 404, body: notFound },
  { what: 'a configured agent', options: { agents: ['x'] }, ask: { agent: 'x' }, status: 200, body: success },
  {
    what: 'any agent where any is allowed',
    options: { agents: ['*'] },
    ask: { agent: 'y' },
    status: 200,
    body: success,
  },
  {
    what: 'a body without a prompt',
    ask: { body: { ...goodBody, prompt: '' } },
    status: 400,
    body: { error: 'invalid_request' },
  },
];

describe('the fake Kagent', () => {
  it('starts a run and answers as the specification shows', async () => {
    const fake = await aFake();
    expect(await execute(fake.url)).toEqual({
      status: 200,
      body: {
        success: true,
        executionId: 'exec-000001',
        message: 'Agent execution started successfully',
        estimatedDuration: '30s',
      },
    });
    expect((await execute(fake.url)).body['executionId']).toBe('exec-000002');
  });

  it('starts one run for one idempotency key, and remembers every request', async () => {
    const fake = await aFake();
    const headers = { 'Idempotency-Key': 'k' };
    const answers = [await execute(fake.url, { headers }), await execute(fake.url, { headers })];
    expect(answers.map(({ body }) => body['executionId'])).toEqual(['exec-000001', 'exec-000001']);
    expect(fake.runs).toEqual([
      { executionId: 'exec-000001', agent: 'memory-analyzer', idempotencyKey: 'k', prompt: 'Look at it' },
    ]);
    expect(fake.requests.map(({ answered }) => answered)).toEqual(['200', '200']);
    expect(fake.requests[0]).toMatchObject({
      method: 'POST',
      path: '/v1/agents/memory-analyzer/execute',
      body: goodBody,
    });
  });

  it.each(rows)('answers $what with $status', async ({ options = {}, ask = {}, status, body }) => {
    const fake = await aFake(options);
    expect(await execute(fake.url, ask)).toMatchObject({ status, body });
    expect(fake.runs).toHaveLength(status === 200 ? 1 : 0);
  });

  it('shows its health and its agents', async () => {
    const fake = await aFake({ basePath: '/api' });
    expect((await fetch(`${fake.url}/health`)).status).toBe(200);
    expect(await (await fetch(`${fake.url}/v1/agents/memory-analyzer`)).json()).toMatchObject({
      name: 'memory-analyzer',
    });
    expect((await fetch(`${fake.url}/v1/agents/nobody`)).status).toBe(404);
    expect((await fetch(`${new URL(fake.url).origin}/health`)).status).toBe(404);
  });

  it('follows its script agent by agent and then behaves again', async () => {
    const fail = { kind: 'answer', status: 500, body: {} } as const;
    const fake = await aFake({ script: [{ agent: 'incident-responder', times: 2, fault: fail }] });
    const statuses = [];
    for (const agent of ['memory-analyzer', 'incident-responder', 'incident-responder', 'incident-responder']) {
      statuses.push((await execute(fake.url, { agent })).status);
    }
    expect(statuses).toEqual([200, 500, 500, 200]);
    fake.script([{ times: 'always', fault: fail }]);
    expect([(await execute(fake.url)).status, (await execute(fake.url)).status]).toEqual([500, 500]);
    fake.script([]);
    expect((await execute(fake.url)).status).toBe(200);
  });

  it('delays an answer as long as the script says', async () => {
    const fake = await aFake({ script: [{ delayMs: 100 }] });
    const startedMs = performance.now();
    await execute(fake.url);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(95); // timers may fire a little early
  });

  it('refuses a script that it does not understand', async () => {
    const fake = await aFake();
    const response = await fetch(`${fake.url}/_fake/script`, {
      method: 'POST',
      body: '[{"fault":{"kind":"explode"}}]',
    });
    expect(response.status).toBe(400);
    expect((await execute(fake.url)).status).toBe(200);
  });

  it('stops at once while a request hangs', async () => {
    const fake = await startFakeKagent({ script: [{ fault: { kind: 'hang' } }, { delayMs: 60_000 }] });
    const hanging = [execute(fake.url), execute(fake.url)].map((call) => call.catch(() => 'cut'));
    await expect.poll(() => fake.requests.length).toBe(2);
    await fake.stop();
    expect(await Promise.all(hanging)).toEqual(['cut', 'cut']);
  });
});

describe('the fake Kagent as a process', () => {
  it('prints its url, takes a script, shows its requests and ends when asked to', async () => {
    const main = fileURLToPath(new URL('../fake-kagent/main.ts', import.meta.url));
    const child = spawn(process.execPath, [main, '--key', 'k', '--agent', 'x'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const line = String((await once(child.stdout.setEncoding('utf8'), 'data'))[0]);
      const { url } = z.object({ url: z.url() }).parse(JSON.parse(line));
      await fetch(`${url}/_fake/script`, {
        method: 'POST',
        body: JSON.stringify([{ fault: { kind: 'rate-limit', retryAfter: 1 } }]),
      });
      const headers = { Authorization: 'Bearer k' };
      expect([await execute(url, { agent: 'x', headers }), await execute(url, { agent: 'x', headers })]).toMatchObject([
        { status: 429, body: { error: 'rate_limited', retry_after: 1 } },
        { status: 200 },
      ]);
      expect(await (await fetch(`${url}/_fake/requests`)).json()).toMatchObject([
        { answered: '429' },
        { answered: '200' },
      ]);
      expect(await (await fetch(`${url}/_fake/runs`)).json()).toHaveLength(1);
    } finally {
      child.kill('SIGTERM');
    }
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
