/** The REST adapter against a real server: what it sends, where, and what counts as a started run. */
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Credentials } from '../../activities/agents/credentials.ts';
import { urlOf } from '../../activities/agents/http/request-of.ts';
import { createRestAgent, type RestDependencies, requestOf } from '../../activities/agents/rest/rest.ts';
import type { AgentRun } from '../../workflows/contract/agent-run.ts';
import type { Delivery, DeliveryReason } from '../../workflows/contract/outcome.ts';
import { aDelivery, canaryKey, someCredentials } from '../fake-kagent/a-delivery.ts';
import { type FakeKagent, type FakeKagentOptions, startFakeKagent } from '../fake-kagent/server.ts';

const fakes: FakeKagent[] = [];
afterEach(async () => {
  for (const fake of fakes.splice(0)) await fake.stop();
});

async function aFake(options: FakeKagentOptions = {}): Promise<FakeKagent> {
  const fake = await startFakeKagent({ apiKey: canaryKey, ...options });
  fakes.push(fake);
  return fake;
}

interface Start {
  delivery?: Delivery;
  signal?: AbortSignal;
  dependencies?: Partial<RestDependencies>;
}

function start(credentials: Partial<Credentials> & { baseUrl: string }, options: Start = {}): Promise<AgentRun> {
  const { delivery = aDelivery(), signal = new AbortController().signal, dependencies = {} } = options;
  const readCredentials = () => someCredentials(credentials);
  const agent = createRestAgent({ readCredentials, version: '1.2.3', ...dependencies });
  return agent.start(delivery, { idempotencyKey: 'key-1', signal });
}

describe('the request', () => {
  it('has the method, path, headers and body of the specification', async () => {
    const fake = await aFake();
    await start({ baseUrl: fake.url }, { delivery: aDelivery({ cluster: 'prod-cluster-1' }) });
    const [request] = fake.requests;
    expect(`${request!.method} ${request!.path}`).toBe('POST /v1/agents/memory-analyzer/execute');
    expect(request!.headers).toMatchObject({
      authorization: `Bearer ${canaryKey}`,
      'content-type': 'application/json',
      'idempotency-key': 'key-1',
      'user-agent': 'kagent-hook-controller/1.2.3',
    });
    expect(request!.body).toEqual({
      prompt: aDelivery().prompt,
      context: aDelivery().context,
      metadata: { source: 'kagent-hook-controller', hookName: 'checkout', kubernetesCluster: 'prod-cluster-1' },
    });
  });

  it('names no cluster when none is configured', async () => {
    const fake = await aFake();
    await start({ baseUrl: fake.url });
    expect(fake.requests[0]!.body).toHaveProperty('metadata', {
      source: 'kagent-hook-controller',
      hookName: 'checkout',
    });
  });

  it.each(['', '/', '/api', '/api/', '/api//', '/a/b', '/api?x=1#y'])(
    'goes below a base URL that ends in "%s"',
    async (end) => {
      const basePath = end.replace(/[?].*$/, '').replace(/\/+$/, '');
      const fake = await aFake({ basePath });
      const run = await start({ baseUrl: `${new URL(fake.url).origin}${end}` });
      expect(run.executionId).toBe('exec-000001');
      expect(fake.requests[0]!.path).toBe(`${basePath}/v1/agents/memory-analyzer/execute`);
    },
  );

  it('sends no user and password of the base URL, only the key', async () => {
    const fake = await aFake();
    await start({ baseUrl: fake.url.replace('://', '://someone:canary-password@') });
    expect(fake.requests[0]!.headers['authorization']).toBe(`Bearer ${canaryKey}`);
  });

  it('keeps any agent name in one segment of the path', () => {
    // Any characters at all; fast-check's own unit "binary" takes a second to prepare.
    const name = fc
      .array(fc.integer({ min: 0, max: 0x10ffff }), { minLength: 1, maxLength: 30 })
      .map((points) => String.fromCodePoint(...points).toWellFormed())
      .filter((text) => !['.', '..'].includes(text));
    fc.assert(
      fc.property(name, (agent) => {
        const request = requestOf({ namespace: 'n', name: agent }, undefined);
        const call = { ...request, from: 'base-url', signal: new AbortController().signal } as const;
        const url = urlOf(call, someCredentials({ baseUrl: 'http://h/api' }));
        const segments = new URL(url).pathname.split('/');
        expect(segments.map(decodeURIComponent)).toEqual(['', 'api', 'v1', 'agents', agent, 'execute']);
      }),
    );
  });
});

interface Unsendable {
  what: string;
  credentials?: Partial<Credentials>;
  name?: string;
  reason: DeliveryReason;
}

describe('what cannot be sent', () => {
  it.each<Unsendable>([
    { what: 'an agent named ..', name: '..', reason: 'AgentNotFound' },
    { what: 'an agent without a name', name: '', reason: 'AgentNotFound' },
    { what: 'an agent with half a character', name: '\ud800', reason: 'AgentNotFound' },
    { what: 'a key with a line break', credentials: { apiKey: 'canary-password\n' }, reason: 'Unauthorized' },
    { what: 'a base URL that is none', credentials: { baseUrl: 'canary-password' }, reason: 'EndpointNotFound' },
    {
      what: 'a base URL of another kind',
      credentials: { baseUrl: 'data:,canary-password' },
      reason: 'EndpointNotFound',
    },
  ])('$what is refused for good without a request', async ({ credentials, name = 'a', reason }) => {
    const fake = await aFake();
    const delivery = aDelivery({ agent: { namespace: 'kagent', name } });
    const message = expect.not.stringContaining('canary') as unknown;
    const started = start({ baseUrl: fake.url, ...credentials }, { delivery });
    await expect(started).rejects.toMatchObject({ name: 'DeliveryError', reason, message, mayHaveStarted: false });
    expect(fake.requests).toHaveLength(0);
  });
});

describe('the answer', () => {
  it('is the agent run as the server described it', async () => {
    const fake = await aFake();
    expect(await start({ baseUrl: fake.url })).toEqual({
      executionId: 'exec-000001',
      message: 'Agent execution started successfully',
      estimatedDuration: '30s',
    });
  });

  it('counts without the optional texts, whatever stands in their place', async () => {
    const body = { success: true, executionId: 'x', message: 5, estimatedDuration: null };
    const fake = await aFake({ script: [{ fault: { kind: 'answer', status: 202, body } }] });
    expect(await start({ baseUrl: fake.url })).toEqual({ executionId: 'x' });
  });

  it('counts with an id that is too long to keep, cut short, since the run was started', async () => {
    const body = { success: true, executionId: 'x'.repeat(5_000), message: 'm'.repeat(5_000) };
    const fake = await aFake({ script: [{ fault: { kind: 'answer', body } }] });
    const run = await start({ baseUrl: fake.url });
    expect(run.executionId).toHaveLength(253);
    expect(run.message).toHaveLength(300);
  });

  it('may take longer than an unused connection is kept', async () => {
    const fake = await aFake({ script: [{ delayMs: 150 }] });
    const run = await start({ baseUrl: fake.url }, { dependencies: { idleMs: 20 } });
    expect(run.executionId).toBe('exec-000001');
  });
});

describe('credentials', () => {
  it('are read for each try, so that a rotated key takes effect at once', async () => {
    const fake = await aFake();
    let apiKey = 'old';
    const readCredentials = () => someCredentials({ baseUrl: fake.url, apiKey });
    const agent = createRestAgent({ readCredentials, version: '1' });
    const options = { idempotencyKey: 'k', signal: new AbortController().signal };
    await expect(agent.start(aDelivery(), options)).rejects.toMatchObject({ reason: 'Unauthorized' });
    apiKey = canaryKey;
    expect(await agent.start(aDelivery(), options)).toHaveProperty('executionId', 'exec-000001');
  });
});
