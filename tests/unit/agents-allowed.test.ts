/**
 * An agent that AGENTS_ALLOW allows by its namespace: in no protocol, and by no question, is its name sent without it; whoever
 * is called so in another namespace would be meant.
 */
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAgents } from '../../activities/agents/auto/agents.ts';
import { createChooser } from '../../activities/agents/auto/choose-protocol.ts';
import { createDirectories } from '../../activities/agents/auto/directories.ts';
import type { Credentials } from '../../activities/agents/credentials.ts';
import { createWire } from '../../activities/agents/http/exchange.ts';
import type { AgentIdForm } from '../../activities/agents/rest/agent-id.ts';
import type { AskedAgent } from '../../workflows/contract/asked-agent.ts';
import { aDelivery, someCredentials } from '../fake-kagent/a-delivery.ts';

const bound = { namespace: 'shop', name: 'cluster-admin', boundToNamespace: true } as const;
const free = { namespace: 'shop', name: 'cluster-admin' };
const signal = new AbortController().signal;

type Spoken = NonNullable<Credentials['protocol']>;

interface Endpoint {
  protocol: Spoken;
  /** Behind the address. */
  path?: string;
  form?: AgentIdForm;
}

const card = JSON.stringify({
  name: 'x',
  supportedInterfaces: [
    { url: 'http://127.0.0.1/rpc/cluster-admin', protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
  ],
});

/** Takes every request, and answers with a card or in the form of the REST API, so that every question goes as far as it can. */
async function anEndpoint() {
  const requested: string[] = [];
  const server = createServer((request, response) => {
    requested.push(decodeURIComponent(request.url ?? ''));
    const isCard = request.url?.endsWith('agent-card.json') ?? false;
    response.writeHead(isCard ? 200 : 404, { 'content-type': 'application/json' });
    response.end(isCard ? card : JSON.stringify({ error: 'agent_not_found', message: 'no', code: 404 }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => server.close().closeAllConnections());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It listens on a port.');
  return { requested, url: `http://127.0.0.1:${address.port}` };
}

async function aScene({ protocol, path = '', form }: Endpoint) {
  const { requested, url } = await anEndpoint();
  const credentials = { ...someCredentials({ baseUrl: `${url}${path}` }), protocol };
  const readCredentials = () => credentials;
  const connecting = { readCredentials, version: '1', ...(form !== undefined && { agentId: form }) };
  const wire = createWire(connecting);
  const chooser = createChooser({ wire, readCredentials });
  const directory = createDirectories({ ...connecting, wire, chooser });
  return { requested, directory, agents: createAgents({ ...connecting, wire, chooser }) };
}

type Scene = Awaited<ReturnType<typeof aScene>>;
const idempotencyKey = 'f0a1c6de-7e0f-4a39-8a5e-2f3c1f0c9b11';
const run = { executionId: 'r', contextId: 'c' };

/** Everything that may be asked about an agent. */
const questions: Record<string, (scene: Scene, agent: AskedAgent, protocol: Spoken) => Promise<unknown>> = {
  start: ({ agents }, agent) => agents.start({ ...aDelivery(), agent }, { idempotencyKey, isRepeat: true, signal }),
  describe: ({ agents }, agent) => agents.describe({ ...aDelivery(), agent }),
  find: ({ agents }, agent) => agents.find({ agent, idempotencyKey, signal }),
  look: ({ agents }, agent, protocol) => agents.look({ agent, run: runOf(protocol), signal }),
  probe: ({ agents }, agent, protocol) => agents.probe({ agent, run: runOf(protocol), signal }),
  cancel: ({ agents }, agent, protocol) => agents.cancel({ agent, run: runOf(protocol), signal }),
  'look up': ({ directory }, agent) => directory.find(agent, signal),
  reach: ({ directory }, agent) => directory.reach(signal, [agent]),
};

function runOf(protocol: Spoken) {
  return protocol === 'auto' ? run : { ...run, protocol };
}

const endpoints: [name: string, Endpoint][] = [
  ['rest by names', { protocol: 'rest' }],
  ['rest by names, as set', { protocol: 'rest', form: 'name' }],
  ['rest by namespaces and names', { protocol: 'rest', form: 'namespace/name' }],
  ['a2a with both names', { protocol: 'a2a', path: '/{namespace}/{name}' }],
  ['a2a with the name alone', { protocol: 'a2a', path: '/agents/{name}' }],
  ['a2a with the name alone, encoded', { protocol: 'a2a', path: '/agents/%7Bname%7D' }],
  ['kagent-0', { protocol: 'kagent-0' }],
  ['kagent-1', { protocol: 'kagent-1' }],
  ['auto', { protocol: 'auto' }],
  ['auto with the name alone', { protocol: 'auto', path: '/agents/{name}' }],
];

describe.each(endpoints)('spoken to as %s', (_, endpoint) => {
  it.each(Object.entries(questions))('%s sends no name without its namespace', async (_question, ask) => {
    const scene = await aScene(endpoint);
    await ask(scene, bound, endpoint.protocol).catch(() => undefined);
    const named = scene.requested.filter((path) => path.includes('cluster-admin') && !path.startsWith('/rpc/'));
    for (const path of named) expect(path).toMatch(/\bshop\/cluster-admin\b/);
  });
});

const refusing: [name: string, Endpoint][] = [
  ['rest by names', { protocol: 'rest' }],
  ['a2a with the name alone', { protocol: 'a2a', path: '/agents/{name}' }],
];

describe.each(refusing)('where it could be sent by its name alone, %s', (_, endpoint) => {
  it.each(['start', 'describe'])('%s says so, and not for an agent that is allowed everywhere', async (question) => {
    const scene = await aScene(endpoint);
    const ask = (agent: AskedAgent) =>
      questions[question]?.(scene, agent, endpoint.protocol).then(
        () => 'done',
        (error: unknown) => error,
      );
    const refusal = await ask(bound);
    expect(refusal).toMatchObject({ reason: 'AgentNotAllowed' });
    expect(scene.requested).toEqual([]);
    expect(await ask(free)).not.toMatchObject({ reason: 'AgentNotAllowed' });
  });

  it('the look-up says so on the Hook, without asking', async () => {
    const scene = await aScene(endpoint);
    expect(await scene.directory.find(bound, signal)).toMatchObject({
      verdict: { status: 'False', reason: 'AgentNotAllowed', message: expect.stringContaining('AGENTS_ALLOW') },
    });
    expect(scene.requested).toEqual([]);
    expect(await scene.directory.find(free, signal)).not.toMatchObject({ verdict: { reason: 'AgentNotAllowed' } });
    expect(scene.requested.length).toBeGreaterThan(0);
  });
});

it('a base URL with no names has one agent, which the operator has chosen', async () => {
  const scene = await aScene({ protocol: 'a2a', path: '/the-agent' });
  await scene.directory.find(bound, signal);
  expect(scene.requested).toEqual([expect.stringMatching(/^\/the-agent\//)]);
});

it('the checker of these tests sees a name without its namespace', async () => {
  const scene = await aScene({ protocol: 'rest' });
  await scene.directory.find(free, signal);
  expect(scene.requested).toEqual(['/v1/agents/cluster-admin']);
});
