/** How an endpoint is found out: every double, agents of the SDK, and servers that are nothing of the kind. */
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAgents } from '../../activities/agents/auto/agents.ts';
import { type Chooser, createChooser } from '../../activities/agents/auto/choose-protocol.ts';
import type { Detected } from '../../activities/agents/auto/detect-protocol.ts';
import type { Credentials } from '../../activities/agents/credentials.ts';
import { createWire } from '../../activities/agents/http/exchange.ts';
import type { Protocol } from '../../workflows/contract/agent-run.ts';
import { aDouble } from '../a2a/a-double.ts';
import { of, theAgent } from '../a2a/an-adapter.ts';
import { askUntilItEnds } from '../a2a/an-ask.ts';
import { startSdkServer } from '../a2a/sdk-server.ts';
import { aDelivery, canaryKey } from '../fake-kagent/a-delivery.ts';
import { startFakeKagent } from '../fake-kagent/server.ts';
import type { KagentDoubleOptions, ScriptStep } from '../kagent-double/start-kagent-double.ts';

/** Claims of a user, signed by nobody. */
const jwt = `a.${Buffer.from(JSON.stringify({ sub: 'hooks' })).toString('base64url')}.c`;
const signal = new AbortController().signal;

function aWorker(credentials: Partial<Credentials> & { baseUrl: string }) {
  const secret = { ...credentials };
  const readCredentials = (): Credentials => ({ timeoutMs: 5_000, maxAttempts: 10, ...secret });
  const wire = createWire({ readCredentials, version: '1' });
  const detected: Detected[] = [];
  const chooser = createChooser({ wire, readCredentials, onDetected: (found) => detected.push(found) });
  const agents = createAgents({ readCredentials, version: '1', wire, chooser, lookAgainAfterMs: 5 });
  return { secret, chooser, agents, detected };
}

const choose = (chooser: Chooser, agent = theAgent) => chooser.choose(agent, signal);
const start = (worker: ReturnType<typeof aWorker>, askRun = '0190c1a2-0000-7000-8000-00000000ffff') =>
  worker.agents.start(aDelivery(), { idempotencyKey: askRun, signal });

const hidden = (path: string, status = 404): ScriptStep => ({
  on: { method: 'GET', path },
  times: 'always',
  fault: { kind: 'answer', status, body: '404 page not found\n' },
});

interface Case {
  what: string;
  options: KagentDoubleOptions;
  credentials?: Partial<Credentials>;
  script?: ScriptStep[];
  base?: string;
  agent?: string;
  protocol: Protocol;
}

describe('the double of Kagent', () => {
  const releases = ['0.8.6', '0.9.12', '0.10'] as const;
  const zero = releases.flatMap((release): Case[] => [
    { what: release, options: { release }, protocol: 'kagent-0' },
    { what: `${release} below /api`, options: { release }, base: '/api', protocol: 'kagent-0' },
    { what: `${release} behind a proxy`, options: { release, auth: { mode: 'trusted-proxy' } }, protocol: 'kagent-0' },
    {
      what: `${release} behind a proxy that hides /version`,
      options: { release, auth: { mode: 'trusted-proxy' } },
      credentials: { apiKey: jwt },
      script: [hidden('/version')],
      protocol: 'kagent-0',
    },
    {
      what: `${release} with /version hidden`,
      options: { release },
      script: [hidden('/version', 403)],
      protocol: 'kagent-0',
    },
    {
      what: `${release} with /version hidden, for an agent that it does not know`,
      options: { release },
      script: [hidden('/version')],
      agent: 'nope',
      protocol: 'kagent-0',
    },
  ]);
  it.each<Case>([
    ...zero,
    { what: '1.0', options: { release: '1.0' }, protocol: 'kagent-1' },
    {
      what: '1.0 with a key that it does not need',
      options: { release: '1.0' },
      credentials: { apiKey: canaryKey },
      protocol: 'kagent-1',
    },
    {
      what: '1.0, for an agent that it does not know',
      options: { release: '1.0' },
      agent: 'nope',
      protocol: 'kagent-1',
    },
    {
      what: '1.0, for an agent that is not ready yet',
      options: { release: '1.0', agents: [{ ...theAgent, accepted: false }] },
      protocol: 'kagent-1',
    },
  ])('of $what is found out', async ({ options, credentials, script = [], base = '', agent, protocol }) => {
    const double = await aDouble(options);
    double.script(script);
    const { chooser, detected } = aWorker({ baseUrl: `${double.url}${base}`, ...credentials });
    const asked = agent === undefined ? theAgent : { namespace: 'kagent', name: agent };
    expect(await choose(chooser, asked)).toEqual({ protocol });
    expect(chooser.known()).toBe(protocol);
    expect(detected).toEqual([{ protocol, evidence: expect.any(String) as unknown }]);
    expect(double.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it.each<[what: string, script: ScriptStep, reason: string]>([
    ['with trouble in front of it', { fault: { kind: 'html', status: 502 } }, 'AgentUnavailable'],
    ['that has too much to do', { fault: { kind: 'answer', status: 429, body: 'slow down' } }, 'RateLimited'],
    ['that wants a key', { fault: { kind: 'answer', status: 401, body: 'Unauthorized\n' } }, 'Unauthorized'],
    ['that is cut off', { fault: { kind: 'cut-before' } }, 'ConnectionFailed'],
    ['that does not answer', { fault: { kind: 'hang' } }, 'TimedOut'],
  ])('%s decides nothing, and is asked again', async (_, step, reason) => {
    const double = await aDouble();
    double.script([step]);
    const { chooser, detected } = aWorker({ baseUrl: double.url, timeoutMs: 500 });
    await expect(choose(chooser)).rejects.toMatchObject({ reason });
    expect({ known: chooser.known(), detected }).toEqual({ known: undefined, detected: [] });
    expect(await choose(chooser)).toEqual({ protocol: 'kagent-0' });
  });

  it('that is not there yet decides nothing, and is asked again', async () => {
    const double = await aDouble();
    await double.controller.stop();
    const worker = aWorker({ baseUrl: double.url });
    await expect(start(worker)).rejects.toMatchObject({ reason: 'ConnectionFailed', mayHaveStarted: false });
    await double.controller.start();
    expect(await start(worker)).toMatchObject({ protocol: 'kagent-0' });
  });

  it('is asked once, however many runs are started', async () => {
    const double = await aDouble();
    const worker = aWorker({ baseUrl: double.url });
    await start(worker);
    await start(worker, '0190c1a2-0000-7000-8000-00000000fff1');
    expect(double.runs).toHaveLength(2);
    expect(double.requests.map(({ path }) => path).filter((path) => path === '/version')).toHaveLength(1);
    expect(worker.detected).toHaveLength(1);
  });

  it('is asked anew when the key or the address changes, and reported only when it is another', async () => {
    const [one, other] = [await aDouble(), await aDouble({ release: '1.0' })];
    const { chooser, secret, detected } = aWorker({ baseUrl: one.url });
    await choose(chooser);
    secret.apiKey = canaryKey;
    expect(chooser.known()).toBeUndefined();
    await choose(chooser);
    expect(one.requests).toHaveLength(2);
    secret.baseUrl = other.url;
    expect(await choose(chooser)).toEqual({ protocol: 'kagent-1' });
    expect(detected.map(({ protocol }) => protocol)).toEqual(['kagent-0', 'kagent-0', 'kagent-1']);
  });

  it.each<Protocol>(['rest', 'kagent-0', 'kagent-1', 'a2a'])('is not asked where %s is set', async (protocol) => {
    const double = await aDouble();
    expect(await choose(aWorker({ baseUrl: double.url, protocol }).chooser)).toEqual({ protocol });
    expect(double.requests).toEqual([]);
  });

  it.each<[from: '0.10' | '1.0', to: '0.10' | '1.0', protocol: Protocol]>([
    ['0.10', '1.0', 'kagent-1'],
    ['1.0', '0.10', 'kagent-0'],
  ])('of %s that became one of %s is found out by what it answers', async (from, to, protocol) => {
    const before = await aDouble({ release: from });
    const worker = aWorker({ baseUrl: before.url });
    const run = await start(worker);
    await before.stop();
    const after = await aDouble({ release: to, port: Number(new URL(before.url).port) });
    const { ending } = await askUntilItEnds({ agent: worker.agents, url: after.url });
    expect(ending).toMatchObject({ protocol });
    expect({ runs: after.runs.length, known: worker.chooser.known() }).toEqual({ runs: 1, known: protocol });
    // The run of before is still asked for in the words that it was started with.
    const asked = after.requests.length;
    await worker.agents.look(of(run)).catch(() => undefined);
    expect(after.requests[asked]?.path.startsWith('/api/tasks/')).toBe(run.protocol === 'kagent-0');
  });
});

describe('another endpoint', () => {
  it('with the card of an A2A agent is generic A2A', async () => {
    const server = await startSdkServer({ basePath: '/kagent' });
    onTestFinished(() => server.stop());
    const { chooser } = aWorker({ baseUrl: new URL('/{namespace}', server.url).href });
    expect(await choose(chooser)).toEqual({ protocol: 'a2a' });
    expect(server.runs).toEqual([]);
  });

  it.each(['memory-analyzer', 'nope'])('with the errors of the REST API is that, also for %s', async (name) => {
    const fake = await startFakeKagent({ apiKey: canaryKey });
    onTestFinished(() => fake.stop());
    const { chooser } = aWorker({ baseUrl: fake.url, apiKey: canaryKey });
    expect(await choose(chooser, { namespace: 'kagent', name })).toEqual({ protocol: 'rest' });
    expect(fake.runs).toEqual([]);
  });

  const strangers: [what: string, status: number, body: string][] = [
    ['a bare 200', 200, ''],
    ['a page', 200, '<html><body>Welcome</body></html>'],
    ['404', 404, '404 page not found\n'],
    ['JSON of something else', 200, '{"status":"ok"}'],
    ['a refusal', 403, 'no'],
  ];

  async function aStranger(status: number, body: string) {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(status).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    return { asked, baseUrl: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` };
  }

  it.each(strangers)(
    'that answers %s to everything is nothing, and what was tried is named',
    async (_, status, body) => {
      const { baseUrl, asked } = await aStranger(status, body);
      const worker = aWorker({ baseUrl });
      const error: unknown = await start(worker).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ reason: 'EndpointNotFound', mayHaveStarted: false });
      expect(asked).toHaveLength(5);
      for (const request of asked) expect(String(error)).toContain(`${request} → ${status}`);
      expect(String(error)).not.toContain(baseUrl);
      expect(worker.chooser.known()).toBeUndefined();
    },
  );

  it.each(strangers)(
    'that answers %s and has a key is asked by REST before it is given up',
    async (_, status, body) => {
      const { baseUrl, asked } = await aStranger(status, body);
      const worker = aWorker({ baseUrl, apiKey: canaryKey });
      const error: unknown = await start(worker).catch((thrown: unknown) => thrown);
      const reason = status === 403 ? 'Forbidden' : 'EndpointNotFound';
      expect(error).toMatchObject({ reason });
      expect(asked.at(-1)).toBe('POST /v1/agents/memory-analyzer/execute');
      expect(String(error)).not.toContain(canaryKey);
      expect(worker.chooser.known()).toBeUndefined();
    },
  );
});
