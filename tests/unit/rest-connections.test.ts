/** How the REST adapter connects: kept connections, giving up, certificates. */
import { execFileSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AgentPort } from '../../activities/agents/port.ts';
import { createRestAgent, type RestDependencies } from '../../activities/agents/rest/rest.ts';
import { aDelivery, someCredentials } from '../fake-kagent/a-delivery.ts';
import { startFakeKagent } from '../fake-kagent/server.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

function anAgent(baseUrl: string, dependencies: Partial<RestDependencies> = {}): AgentPort {
  return createRestAgent({ readCredentials: () => someCredentials({ baseUrl }), version: '1', ...dependencies });
}

const calm = () => ({ idempotencyKey: 'k', signal: new AbortController().signal });

describe('connections', () => {
  it('are used again for the next call', async () => {
    const ports: (number | undefined)[] = [];
    const baseUrl = await aServer({ onRequest: (request) => ports.push(request.socket.remotePort), answers: true });
    const agent = anAgent(baseUrl);
    for (let call = 0; call < 5; call += 1) await agent.start(aDelivery(), calm());
    expect(ports).toHaveLength(5);
    expect(new Set(ports).size).toBe(1);
  });

  it('are closed after the idle time', async () => {
    const closed = Promise.withResolvers<void>();
    const onRequest = (request: IncomingMessage) => request.socket.once('close', () => closed.resolve());
    const baseUrl = await aServer({ onRequest, answers: true });
    await anAgent(baseUrl, { idleMs: 20 }).start(aDelivery(), calm());
    await closed.promise;
  });

  it('are closed when the caller gives up, and the reason of the caller is thrown', async () => {
    const closed = Promise.withResolvers<void>();
    const caller = new AbortController();
    const gaveUp = new Error('the caller gave up');
    const onRequest = (request: IncomingMessage) => {
      request.socket.once('close', () => closed.resolve());
      caller.abort(gaveUp);
    };
    const baseUrl = await aServer({ onRequest, answers: false });
    const started = anAgent(baseUrl).start(aDelivery(), { idempotencyKey: 'k', signal: caller.signal });
    await expect(started).rejects.toBe(gaveUp);
    await closed.promise;
  });

  it('leave no listener behind on the signal of the caller', async () => {
    const fake = await startFakeKagent({ script: [{}, { fault: { kind: 'cut' } }] });
    stops.push(fake.stop);
    const options = calm();
    const agent = anAgent(fake.url);
    await agent.start(aDelivery(), options);
    await agent.start(aDelivery(), options).catch(() => undefined);
    expect(fake.requests).toHaveLength(2);
    expect(getEventListeners(options.signal, 'abort')).toHaveLength(0);
  });

  it('are not even opened when the caller had given up before', async () => {
    const fake = await startFakeKagent();
    stops.push(fake.stop);
    const gaveUp = new Error('the caller gave up');
    const started = anAgent(fake.url).start(aDelivery(), { idempotencyKey: 'k', signal: AbortSignal.abort(gaveUp) });
    await expect(started).rejects.toBe(gaveUp);
    expect(fake.requests).toHaveLength(0);
  });
});

describe('a server that accepts the connection and then does nothing', () => {
  it.each(['http', 'https'])(
    'is TimedOut over %s, also with a body that does not fit into its buffers',
    async (scheme) => {
      const port = await aSilentServer();
      const readCredentials = () => someCredentials({ baseUrl: `${scheme}://127.0.0.1:${port}`, timeoutMs: 200 });
      const agent = createRestAgent({ readCredentials, version: '1' });
      const started = agent.start(aDelivery({ prompt: 'x'.repeat(16 * 1024 * 1024) }), calm());
      await expect(started).rejects.toMatchObject({ reason: 'TimedOut' });
    },
  );
});

describe('HTTPS', () => {
  let tls: { key: string; cert: string };
  beforeAll(() => {
    const words = 'req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 1 -keyout - -out - -subj';
    const subject = ['/CN=fake-kagent', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const pem = execFileSync('openssl', [...words.split(' '), ...subject], { stdio: 'pipe' }).toString();
    const partOf = (kind: string) => new RegExp(`-+BEGIN ${kind}-[^]*END ${kind}-+`).exec(pem)![0];
    tls = { key: partOf('PRIVATE KEY'), cert: partOf('CERTIFICATE') };
  });

  it('works with a certificate of the configured CA', async () => {
    const fake = await startFakeKagent({ tls });
    stops.push(fake.stop);
    const run = await anAgent(fake.url, { caPem: () => tls.cert }).start(aDelivery(), calm());
    expect(run.executionId).toBe('exec-000001');
  });

  it('is not spoken with a server whose certificate nobody vouches for', async () => {
    const fake = await startFakeKagent({ tls });
    stops.push(fake.stop);
    const message = expect.stringContaining('the connection failed (DEPTH_ZERO_SELF_SIGNED_CERT)') as unknown;
    const started = anAgent(fake.url).start(aDelivery(), calm());
    await expect(started).rejects.toMatchObject({ reason: 'ConnectionFailed', message });
    expect(fake.requests).toHaveLength(0);
  });

  it('with a server that speaks plain HTTP is ConnectionFailed', async () => {
    const fake = await startFakeKagent();
    stops.push(fake.stop);
    const started = anAgent(fake.url.replace('http:', 'https:')).start(aDelivery(), calm());
    await expect(started).rejects.toMatchObject({ reason: 'ConnectionFailed' });
  });
});

async function aSilentServer(): Promise<number | undefined> {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => sockets.push(socket.pause().on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return portOf(server);
}

function portOf(server: Server): number | undefined {
  const address = server.address();
  return typeof address === 'object' ? address?.port : undefined;
}

interface Bare {
  onRequest: (request: IncomingMessage) => unknown;
  answers: boolean;
}

/** A bare server, for what the fake does not show: sockets. */
async function aServer({ onRequest, answers }: Bare): Promise<string> {
  const server = createServer((request, response) => {
    onRequest(request);
    request.resume();
    if (!answers) return;
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ success: true, executionId: 'x' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${portOf(server)}`;
}
