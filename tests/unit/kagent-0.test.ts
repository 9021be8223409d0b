/** The adapter of Kagent 0.x: what it sends, held against recordings, and what it makes of answers, on a double of each release. */
import { createServer } from 'node:http';
import { v4 as uuidv4, v5 as uuidv5, validate } from 'uuid';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Credentials } from '../../activities/agents/credentials.ts';
import type { StartOptions } from '../../activities/agents/port.ts';
import type { AgentRun } from '../../workflows/contract/agent-run.ts';
import type { Delivery } from '../../workflows/contract/outcome.ts';
import { aDouble } from '../a2a/a-double.ts';
import { type AdapterOptions, anAdapter, of, runOf, theAgent } from '../a2a/an-adapter.ts';
import { aDelivery, canaryKey } from '../fake-kagent/a-delivery.ts';
import { startKagentDouble } from '../kagent-double/start-kagent-double.ts';
import { readTranscript } from '../transcripts/read-transcript.ts';
import { shapeOf } from '../transcripts/shape-of.ts';
import { waitFor } from '../wait-for.ts';

const key = '0190c1a2-0000-7000-8000-00000000aaaa';
const options = (): StartOptions => ({ idempotencyKey: key, signal: new AbortController().signal });

function start(
  adapter: Partial<AdapterOptions> & { url: string },
  delivery: Delivery = aDelivery(),
): Promise<AgentRun> {
  return anAdapter('kagent-0', adapter).start(delivery, options());
}

describe('what is sent', () => {
  /** Everything that the adapter asks for, once each. */
  async function recordAll(credentials: Partial<Credentials> = {}) {
    const double = await aDouble();
    const adapter = anAdapter('kagent-0', { url: double.url, credentials });
    const run = await adapter.start(aDelivery(), { ...options(), isRepeat: true });
    await adapter.look(of(run));
    await adapter.probe(of(run));
    await adapter.cancel(of(run));
    return { run, requests: double.requests };
  }

  it.each([
    ['POST /api/sessions', '27b-go-agent-session-create'],
    ['GET /api/sessions/ID/tasks', '14-go-agent-03-sess-tasks-after'],
    ['POST /api/a2a/kagent/AGENT/ message/send', '10-go-agent-03-send-nonblocking'],
    ['POST /api/a2a/kagent/AGENT/ message/send', '10-py-agent-03-send-nonblocking'],
    ['GET /api/tasks/ID', '14-go-agent-03-api-task-after'],
    ['POST /api/a2a/kagent/AGENT/ tasks/resubscribe', '20-go-agent-03-resubscribe'],
    ['POST /api/a2a/kagent/AGENT/ tasks/cancel', '19-go-agent-03-cancel-running'],
  ])('as %s has the path and the shape of %s', async (words, name) => {
    const { requests } = await recordAll();
    const recorded = readTranscript(name).request;
    expect(wordsOf(recorded)).toBe(words);
    const sent = requests.find((request) => wordsOf(request) === words);
    expect(shapeOf(sent?.body)).toEqual(shapeOf(recorded.body ?? undefined));
    expect(sent?.headers).not.toHaveProperty('a2a-version');
  });

  it('carries ids that are made of the ask run and the agent, and of nothing else', async () => {
    const { run, requests } = await recordAll();
    const contextId = uuidv5('kagent/memory-analyzer', key);
    expect(run.contextId).toBe(contextId);
    expect(requests.find(({ path }) => path === '/api/sessions')?.body).toEqual({
      id: contextId,
      agent_ref: 'kagent/memory-analyzer',
      name: 'checkout: shop/app-7d9',
    });
    const send = requests.find((request) => wordsOf(request).endsWith('message/send'));
    expect(send?.body).toMatchObject({
      params: { message: { messageId: uuidv5('1', contextId), contextId, parts: [{ text: aDelivery().prompt }] } },
    });
    expect(send?.body).toHaveProperty('id', expect.toSatisfy(validate));
  });

  it('carries the key, the user and the extra headers with every call', async () => {
    const headers = { 'X-Tenant': 'blue' };
    const { requests } = await recordAll({ apiKey: canaryKey, userId: 'hooks', headers });
    expect(new Set(requests.map((request) => wordsOf(request).split(' ').at(-1))).size).toBe(7);
    for (const request of requests) {
      const expected = { authorization: `Bearer ${canaryKey}`, 'x-user-id': 'hooks', 'x-tenant': 'blue' };
      expect(request.headers).toMatchObject({ ...expected, 'user-agent': 'kagent-hook-controller/1.2.3' });
    }
  });

  it('names neither key nor user where none is set', async () => {
    const { requests } = await recordAll();
    for (const { headers } of requests) {
      expect(headers).not.toHaveProperty('authorization');
      expect(headers).not.toHaveProperty('x-user-id');
    }
  });

  it('has no NUL in prompt and session name, and no half characters', async () => {
    const double = await aDouble({ agents: [{ ...theAgent, runtime: 'go' }] });
    const delivery = aDelivery({ prompt: 'a\0b\ud800c', hookName: 'che\0ckout\n' });
    await start({ url: double.url }, delivery);
    expect(double.runs.map(({ prompt }) => prompt)).toEqual(['ab\ufffdc']);
    expect(double.requests[0]?.body).toHaveProperty('name', 'checkout : shop/app-7d9');
  });

  it('names an object that has no namespace by its name alone', async () => {
    const double = await aDouble();
    const { context } = aDelivery();
    await start({ url: double.url }, aDelivery({ context: { ...context, namespace: '', resourceName: 'node-1' } }));
    expect(double.requests[0]?.body).toHaveProperty('name', 'checkout: node-1');
  });

  it.each(['', '/', '/api', '/api/', '/kagent', '/kagent/api'])(
    'goes below a base URL that ends in "%s"',
    async (end) => {
      const paths: string[] = [];
      const server = createServer((request, response) => {
        paths.push(request.url ?? '');
        response.end();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void server.close());
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : 0;
      await expect(start({ url: `http://127.0.0.1:${port}${end}` })).rejects.toHaveProperty(
        'reason',
        'MalformedAnswer',
      );
      expect(paths).toEqual([`${end.replace(/\/$/, '').replace(/\/api$/, '')}/api/sessions`]);
    },
  );

  it.each(['', '.', '..', '\ud800'])('is nothing to an agent whose name is %j', async (name) => {
    const double = await aDouble();
    const delivery = aDelivery({ agent: { namespace: 'kagent', name } });
    const expected = { reason: 'AgentNotFound', mayHaveStarted: false };
    await expect(start({ url: double.url }, delivery)).rejects.toMatchObject(expected);
    await expect(anAdapter('kagent-0', double).describe(delivery)).rejects.toMatchObject(expected);
    expect(double.requests).toEqual([]);
  });

  it('is described before it is sent, without ids', async () => {
    const double = await aDouble();
    expect(await anAdapter('kagent-0', double).describe(aDelivery())).toEqual({
      method: 'POST',
      path: '/api/a2a/kagent/memory-analyzer/',
      body: {
        method: 'message/send',
        params: expect.objectContaining({ configuration: { blocking: false } }) as unknown,
      },
    });
    expect(double.requests).toEqual([]);
  });
});

const releases = ['0.8.6', '0.9.12', '0.10'] as const;
const runtimes = ['go', 'python'] as const;

describe.each(releases)('a run on %s', (release) => {
  it.each(runtimes)('of a %s agent is found by its id until it has ended', async (runtime) => {
    const double = await aDouble({ release, agents: [{ ...theAgent, runtime }], answer: () => 'The disk is full.' });
    const adapter = anAdapter('kagent-0', { url: double.url, uiUrl: 'https://ui.example/' });
    const run = await adapter.start(aDelivery(), options());
    expect(run).toMatchObject({ protocol: 'kagent-0', executionId: double.runs[0]?.taskId });
    expect(run.link).toBe(`https://ui.example/agents/kagent/memory-analyzer/chat/${run.contextId}`);
    expect(run).not.toHaveProperty('ending');
    expect(await adapter.look(of(run))).toMatchObject({ state: 'working' });
    const ended = await waitFor('the end', async () => {
      const reading = await adapter.look(of(run));
      return reading.state === 'ended' && reading.ending;
    });
    expect(ended).toMatchObject({ outcome: 'AgentRunCompleted', answer: 'The disk is full.', toolCalls: 0 });
  });

  it.each(runtimes)('of a %s agent is alive while it works, and not after its process was killed', async (runtime) => {
    const double = await aDouble({ release, agents: [{ ...theAgent, runtime }], runMs: 10_000, submittedMs: 0 });
    const adapter = anAdapter('kagent-0', double);
    const run = await adapter.start(aDelivery(), options());
    double.agent('kagent', 'memory-analyzer').kill();
    double.agent('kagent', 'memory-analyzer').start();
    expect(await adapter.look(of(run))).toMatchObject({ state: 'working' });
    expect(await adapter.probe(of(run))).toBe('gone');
  });

  it('of a Go agent can be cancelled, of a Python agent not', async () => {
    const agents = runtimes.map((runtime) => ({ namespace: 'kagent', name: runtime, runtime }));
    const double = await aDouble({ release, agents, runMs: 10_000 });
    const adapter = anAdapter('kagent-0', double);
    const said = agents.map(async (agent) => {
      const run = await adapter.start(aDelivery({ agent }), options());
      return adapter.cancel(of(run, agent));
    });
    expect(await Promise.all(said)).toEqual([
      { isCancelled: true, said: 'the agent cancelled its run' },
      { isCancelled: false, said: expect.stringContaining('Cancellation is not supported') as unknown },
    ]);
  });
});

describe('an agent', () => {
  it('that has just got its controller back is asked again, one that is unknown is not', async () => {
    const double = await aDouble();
    await double.controller.stop();
    await double.controller.start(10_000);
    await expect(start(double)).rejects.toMatchObject({ reason: 'AgentNotReady', mayHaveStarted: false });
    const unknown = aDelivery({ agent: { namespace: 'kagent', name: 'nope' } });
    await expect(start(double, unknown)).rejects.toMatchObject({ reason: 'AgentNotFound', mayHaveStarted: false });
    expect(double.runs).toEqual([]);
  });

  it('that was removed between session and send is not asked again', async () => {
    const double = await aDouble();
    double.script([{ on: { path: '/api/a2a' }, delayMs: 100 }]);
    const started = start(double);
    await waitFor('the send', async () => double.requests.some(({ path }) => path.startsWith('/api/a2a')));
    double.agent('kagent', 'memory-analyzer').remove();
    await expect(started).rejects.toMatchObject({ reason: 'AgentNotFound', mayHaveStarted: false });
  });

  it('with a neighbour replica that says "not found" is not known to have lost its run', async () => {
    const double = await aDouble({ agents: [{ ...theAgent, replicas: 2 }], runMs: 10_000 });
    const adapter = anAdapter('kagent-0', double);
    const run = await adapter.start(aDelivery(), options());
    expect(await adapter.probe(of(run))).toBe('unclear');
  });
});

describe('whoever asks', () => {
  it('without the key that an ingress wants learns so, and nothing is started', async () => {
    const double = await aDouble({ auth: { mode: 'bearer', key: 'right' } });
    const wrong = { url: double.url, credentials: { apiKey: canaryKey } };
    await expect(start(wrong)).rejects.toMatchObject({ reason: 'Unauthorized', mayHaveStarted: false });
    expect(await start({ url: double.url, credentials: { apiKey: 'right' } })).toHaveProperty('executionId');
    expect(double.runs).toHaveLength(1);
  });

  it('is another user does not find the task', async () => {
    const double = await aDouble();
    const run = await start({ url: double.url, credentials: { userId: 'one' } });
    const other = anAdapter('kagent-0', { url: double.url, credentials: { userId: 'two' } });
    expect(await other.look(of(run))).toEqual({ state: 'missing' });
    expect(await other.find({ ...runOf('x'), idempotencyKey: key })).toBeUndefined();
    const same = anAdapter('kagent-0', { url: double.url, credentials: { userId: 'one' } });
    expect(await same.find({ ...runOf('x'), idempotencyKey: key })).toMatchObject({ executionId: run.executionId });
  });

  it('looks for a run of another ask finds none', async () => {
    const double = await startKagentDouble();
    onTestFinished(() => double.stop());
    await start(double);
    expect(await anAdapter('kagent-0', double).find({ ...runOf('x'), idempotencyKey: uuidv4() })).toBeUndefined();
  });
});

const Named = /"method":"([^"]+)"/;

/** Method and path, ids and names of agents blurred, with the method of the call. */
function wordsOf({ method, path, body }: { method: string; path: string; body?: unknown }): string {
  const blurred = path.replace(/\/(sessions|tasks)\/[^/]+/, '/$1/ID').replace(/(\/a2a\/kagent)\/[^/]+/, '$1/AGENT');
  const rpc = Named.exec(JSON.stringify(body) ?? '')?.[1];
  return [method, blurred, ...(rpc === undefined ? [] : [rpc])].join(' ');
}
