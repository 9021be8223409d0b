/** Calls to Kagent over real TLS with a private CA, through a real CONNECT proxy, with a Secret that changes meanwhile. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ProxySettings } from '../../activities/agents/http/proxy-rule.ts';
import { createRestAgent } from '../../activities/agents/rest/rest.ts';
import { openRun } from '../../deploy/local/runs/open-run.ts';
import { readSettings } from '../../deploy/local/settings.ts';
import { starterOf } from '../../deploy/local/start-product.ts';
import { readConfig } from '../../workers/config.ts';
import { followCa } from '../../workers/secrets/ca-file.ts';
import { followCredentials } from '../../workers/secrets/credentials.ts';
import { AgentCheck } from '../../workflows/contract/agent-check.ts';
import { checkAgentsId, checkAgentsType, taskQueue } from '../../workflows/contract/plain/names.ts';
import { type Authority, makeAuthority } from '../authority.ts';
import { aDelivery } from '../fake-kagent/a-delivery.ts';
import { type FakeKagent, type FakeKagentOptions, startFakeKagent } from '../fake-kagent/server.ts';
import { mountFolder } from '../mount-folder.ts';
import { waitFor } from '../wait-for.ts';

const folder = mkdtempSync(join(tmpdir(), 'kagent-tls-'));
const stops: (() => Promise<unknown>)[] = [];
let ours: Authority;
let theirs: Authority;
beforeAll(() => {
  ours = makeAuthority(folder, 'ours');
  theirs = makeAuthority(folder, 'theirs');
});
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a Kagent with a certificate of a private CA', () => {
  it('is asked when KAGENT_CA_FILE has the CA, and not asked without', async () => {
    const kagent = await aKagent();
    await expect(anAgent(kagent).start()).rejects.toMatchObject({
      reason: 'ConnectionFailed',
      message: expect.stringContaining('UNABLE_TO_VERIFY_LEAF_SIGNATURE') as unknown,
    });
    expect(kagent.requests).toHaveLength(0);
    await anAgent(kagent, { ca: ours.cert }).start();
    expect(kagent.requests).toHaveLength(1);
  });

  it('is asked with the next call after the file changed, and calls under way end as they began', async () => {
    const kagent = await aKagent();
    const agent = anAgent(kagent, { ca: theirs.cert });
    await expect(agent.start()).rejects.toMatchObject({ reason: 'ConnectionFailed' });
    writeFileSync(agent.caFile, `${theirs.cert}${ours.cert}`);
    kagent.script([{ delayMs: 300 }]);
    const underWay = agent.start();
    await waitFor('the call to be under way', async () => kagent.requests.length === 1);
    writeFileSync(agent.caFile, theirs.cert);
    await expect(agent.start()).rejects.toMatchObject({ reason: 'ConnectionFailed' });
    await underWay;
    expect(kagent.requests).toHaveLength(1);
    writeFileSync(agent.caFile, 'broken');
    await expect(agent.start()).rejects.toMatchObject({ reason: 'ConnectionFailed' });
    writeFileSync(agent.caFile, ours.cert);
    await agent.start();
    expect(agent.warnings).toHaveLength(1);
  });
});

describe('a proxy', () => {
  it('of HTTP_PROXY alone has https calls, on one kept connection, and sees neither key nor prompt', async () => {
    const kagent = await aKagent();
    const proxy = await aProxy(kagent);
    const agent = anAgent(kagent, { ca: ours.cert, host: 'kagent.test', proxy: { HTTP_PROXY: proxy.url } });
    for (let call = 0; call < 3; call += 1) await agent.start();
    expect(kagent.requests).toHaveLength(3);
    expect(proxy.targets).toEqual([`kagent.test:${portOf(kagent.url)}`]);
    expect(proxy.headers.join()).not.toMatch(/Bearer|the-key|memory/);
  });

  it('of HTTPS_PROXY goes before that of HTTP_PROXY, and gets its user and password', async () => {
    const kagent = await aKagent();
    const wrong = await aProxy(kagent);
    const right = await aProxy(kagent);
    const HTTPS_PROXY = right.url.replace('//', '//user:p%40ss@');
    await anAgent(kagent, {
      ca: ours.cert,
      host: 'kagent.test',
      proxy: { HTTP_PROXY: wrong.url, HTTPS_PROXY },
    }).start();
    expect([wrong.targets.length, right.targets.length]).toEqual([0, 1]);
    expect(right.headers.join()).toContain(`Basic ${Buffer.from('user:p@ss').toString('base64')}`);
  });

  it('has http calls as well', async () => {
    const kagent = await aKagent({ tls: false });
    const proxy = await aProxy(kagent);
    await anAgent(kagent, { host: 'kagent.test', proxy: { HTTP_PROXY: proxy.url } }).start();
    expect(proxy.targets).toEqual([`kagent.test:${portOf(kagent.url)}`]);
    expect(kagent.requests[0]?.headers).toMatchObject({ authorization: 'Bearer the-key' });
  });

  it.each([
    ['10.0.0.0/8,kagent.test', 0],
    ['127.0.0.0/8,other.test', 1],
  ])('has no part in calls that NO_PROXY=%s means', async (NO_PROXY, tunnels) => {
    const kagent = await aKagent();
    const proxy = await aProxy(kagent);
    const agent = anAgent(kagent, { ca: ours.cert, host: 'kagent.test', proxy: { HTTP_PROXY: proxy.url, NO_PROXY } });
    // Only the proxy knows where kagent.test is.
    await agent.start().catch(() => undefined);
    expect(proxy.targets).toHaveLength(tunnels);
    expect(kagent.requests).toHaveLength(tunnels);
  });

  it('has no part in calls to this machine, and is shown no key of them', async () => {
    const kagent = await aKagent({ tls: false });
    const proxy = await aProxy(kagent);
    await anAgent(kagent, { proxy: { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url } }).start();
    expect(kagent.requests).toHaveLength(1);
    expect([proxy.targets, proxy.headers]).toEqual([[], []]);
  });

  it('does not stand in for the certificate of Kagent', async () => {
    const kagent = await aKagent();
    const proxy = await aProxy(kagent);
    const proxied = { host: 'other.test', ca: ours.cert, proxy: { HTTP_PROXY: proxy.url } };
    const message = expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID') as unknown;
    await expect(anAgent(kagent, proxied).start()).rejects.toMatchObject({ reason: 'ConnectionFailed', message });
    expect(kagent.requests).toHaveLength(0);
  });

  it('that refuses is ConnectionFailed, and named to nobody', async () => {
    const kagent = await aKagent();
    const proxy = await aProxy(kagent, 'refuse');
    const failure = await anAgent(kagent, {
      ca: ours.cert,
      host: 'kagent.test',
      proxy: { HTTP_PROXY: proxy.url },
    }).failure();
    expect(failure).toMatchObject({ reason: 'ConnectionFailed' });
    expect(failure.message).toContain('ERR_PROXY_TUNNEL');
    expect(failure.message).not.toMatch(/127\.0\.0\.1|hunter2/);
  });

  it('may take its time to connect, longer than an unused connection is kept', async () => {
    const kagent = await aKagent();
    const proxy = await aProxy(kagent, 'dawdle');
    await anAgent(kagent, { ca: ours.cert, host: 'kagent.test', proxy: { HTTP_PROXY: proxy.url }, idleMs: 20 }).start();
    expect(kagent.requests).toHaveLength(1);
    await waitFor('the unused connection to be closed', async () => proxy.open() === 0);
  });

  it('that never answers is TimedOut, and its connection is given up', async () => {
    const kagent = await aKagent();
    const proxy = await aProxy(kagent, 'hang');
    const proxied = {
      ca: ours.cert,
      host: 'kagent.test',
      proxy: { HTTP_PROXY: proxy.url },
      timeout: '200ms',
      tunnelMs: 600,
    };
    expect(await anAgent(kagent, proxied).failure()).toMatchObject({ reason: 'TimedOut' });
    expect(proxy.open()).toBe(1);
    await waitFor('the connection to be closed', async () => proxy.open() === 0);
  });

  it('that opened the way leaves Kagent the time that the Secret says', async () => {
    const kagent = await aKagent();
    kagent.script([{ delayMs: 400 }]);
    const proxy = await aProxy(kagent);
    const proxied = {
      ca: ours.cert,
      host: 'kagent.test',
      proxy: { HTTP_PROXY: proxy.url },
      idleMs: 20,
      tunnelMs: 100,
      timeout: '5s',
    };
    await anAgent(kagent, proxied).start();
    expect(kagent.runs).toHaveLength(1);
  });
});

describe('a Secret that the kubelet changes', () => {
  it('leaves the call under way alone and is in force for the next one, address and key together', async () => {
    const [before, after] = [await aKagent({ apiKey: 'old-key' }), await aKagent({ apiKey: 'new-key' })];
    const mount = aMount({ 'api-key': 'old-key', 'base-url': before.url, timeout: '30s' });
    const agent = anAgent(before, { ca: ours.cert, mount: mount.folder });
    before.script([{ delayMs: 300 }]);
    const underWay = agent.start();
    await waitFor('the call to be under way', async () => before.requests.length === 1);
    mount.change({ 'api-key': 'new-key', 'base-url': after.url, timeout: '60s' });
    await agent.start();
    await underWay;
    expect(agent.credentials().timeoutMs).toBe(60_000);
    expect(before.requests.map(({ headers }) => headers['authorization'])).toEqual(['Bearer old-key']);
    expect(after.requests.map(({ headers }) => headers['authorization'])).toEqual(['Bearer new-key']);
  });
});

describe('the worker with a proxy in all variables', () => {
  it('asks Kagent through it and Temporal directly; a bad Secret is warned about, a rotated one used', async () => {
    const kagent = await aKagent({ apiKey: 'first-key' });
    const rotated = await aKagent({ apiKey: 'second-key' });
    const proxy = await aProxy(kagent);
    const baseUrl = `https://kagent.test:${portOf(kagent.url)}`;
    const mount = aMount({ 'api-key': 'first-key', 'base-url': baseUrl });
    const run = await openRun(readSettings());
    stops.push(() => run.close());
    const installation = `p${randomBytes(4).toString('hex')}`;
    const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'GRPC_PROXY'];
    const proxies = names.flatMap((name) => [[name, proxy.url] as const, [name.toLowerCase(), proxy.url] as const]);
    const worker = await starterOf(inject('productFolder'))('worker', run, {
      ...Object.fromEntries(proxies),
      INSTALLATION: installation,
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      KAGENT_SECRET_DIR: mount.folder,
      KAGENT_CA_FILE: ours.certFile,
    });
    const connection = await Connection.connect({ address: inject('temporalAddress') });
    stops.push(() => connection.close());
    const check = async () => {
      const request = { agents: [{ namespace: 'kagent', name: 'memory-analyzer' }] };
      const workflow = { workflowId: checkAgentsId(installation), taskQueue: taskQueue(installation) };
      const result: unknown = await new Client({ connection }).workflow.execute(checkAgentsType, {
        ...workflow,
        args: [request],
        workflowIdConflictPolicy: 'USE_EXISTING', // the worker itself starts rounds when the Secret changes
      });
      return AgentCheck.parse(result).agents[0]?.verdict.reason;
    };
    expect(await check()).toBe('AgentFound');
    expect(new Set(proxy.targets)).toEqual(new Set([`kagent.test:${portOf(kagent.url)}`]));

    mount.change({ 'api-key': 'first-key', 'base-url': baseUrl, timeout: 'never-shown' });
    const log = () => readFileSync(worker.logFile, 'utf8');
    await waitFor('the warning', async () =>
      log().includes('timeout (file of the Secret, or KAGENT_TIMEOUT): expected'),
    );
    expect(await check()).toBe('AgentFound');

    mount.change({ 'api-key': 'second-key', 'base-url': `https://kagent.test:${portOf(rotated.url)}`, timeout: '60s' });
    expect(await check()).toBe('AgentFound');
    expect(rotated.requests.length).toBeGreaterThan(0);
    expect(new Set(proxy.targets)).toEqual(new Set([kagent, rotated].map(({ url }) => `kagent.test:${portOf(url)}`)));
    expect(log()).not.toMatch(/never-shown|first-key|second-key/);
  });
});

async function aKagent({
  tls = true,
  apiKey = 'the-key',
}: {
  tls?: boolean;
  apiKey?: string;
} = {}): Promise<FakeKagent> {
  const certificate = ours.issue('kagent', 'DNS:kagent.test,IP:127.0.0.1');
  const options: FakeKagentOptions = { apiKey, ...(tls && { tls: certificate }) };
  const kagent = await startFakeKagent(options);
  stops.push(kagent.stop);
  return kagent;
}

interface AgentOptions {
  /** In place of the address 127.0.0.1; only a proxy knows where that is. */
  host?: string;
  ca?: string;
  proxy?: Record<string, string>;
  mount?: string;
  timeout?: string;
  idleMs?: number;
  tunnelMs?: number;
}

/** The adapter as the worker makes it of its environment. */
function anAgent(kagent: FakeKagent, { host, ca, proxy, mount, timeout, ...durations }: AgentOptions = {}) {
  const caFile = join(folder, `${randomBytes(4).toString('hex')}.crt`);
  if (ca !== undefined) writeFileSync(caFile, ca);
  const config = readConfig({
    INSTALLATION: 'p',
    KAGENT_API_KEY: 'the-key',
    KAGENT_BASE_URL: host === undefined ? kagent.url : kagent.url.replace('127.0.0.1', host),
    KAGENT_ALLOW_HTTP: 'true',
    KAGENT_SECRET_DIR: mount,
    KAGENT_TIMEOUT: timeout,
    ...proxy,
  });
  const warnings: string[] = [];
  const log = { info: () => undefined, warn: (text: string) => warnings.push(text) };
  const credentials = followCredentials(config, log);
  const settings: ProxySettings = {
    httpProxy: config.HTTP_PROXY,
    httpsProxy: config.HTTPS_PROXY,
    noProxy: config.NO_PROXY,
  };
  const caPem = ca === undefined ? undefined : followCa(caFile, log);
  const trust = caPem !== undefined && { caPem };
  const agent = createRestAgent({
    readCredentials: credentials,
    version: '1',
    proxy: settings,
    ...trust,
    ...durations,
  });
  const start = () => agent.start(aDelivery(), { idempotencyKey: 'k', signal: new AbortController().signal });
  const failure = () =>
    start().then(
      () => new Error('the call did not fail'),
      (error: Error) => error,
    );
  return { start, failure, credentials, caFile, warnings };
}

/** Every host is this machine for it: it alone knows where kagent.test is. */
async function aProxy(kagent: FakeKagent, manner: 'serve' | 'dawdle' | 'refuse' | 'hang' = 'serve') {
  const targets: string[] = [];
  const headers: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  });
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    targets.push(request.url ?? '');
    headers.push(...request.rawHeaders);
    if (manner === 'hang') return void client.resume().once('end', () => client.end());
    if (manner === 'refuse') return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const upstream = connect(Number(portOf(`tcp://${request.url}`)), '127.0.0.1', () => {
      const open = () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        client.pipe(upstream).pipe(client);
      };
      if (manner === 'dawdle') setTimeout(open, 300);
      else open();
    });
    upstream.on('error', () => client.destroy()).once('close', () => client.destroy());
    client.once('close', () => upstream.destroy());
    return undefined;
  });
  server.on('request', (request, response) => {
    targets.push(new URL(request.url ?? '').host);
    const target = request.url?.replace('kagent.test', '127.0.0.1') ?? '';
    const body = request.method === 'POST' ? { body: request, duplex: 'half' as const } : {};
    const headers = new Headers({
      authorization: request.headers.authorization ?? '',
      'content-type': 'application/json',
    });
    void fetch(target, { method: request.method ?? 'GET', headers, ...body })
      .then(async (answer) => {
        response.writeHead(answer.status, { 'content-type': 'application/json' });
        response.end(await answer.text());
      })
      .catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  expect(kagent.url).not.toContain(`:${port}/`);
  return { url: `http://127.0.0.1:${port}`, targets, headers, open: () => sockets.size };
}

function portOf(url: string): string {
  return new URL(url).port;
}

/** Values end with a line break, as those of files that people make do. */
function aMount(files: Record<string, string>) {
  const lines = (of: Record<string, string>) =>
    Object.fromEntries(Object.entries(of).map(([name, value]) => [name, `${value}\n`]));
  const mount = mountFolder(folder, lines(files));
  return { folder: mount.folder, change: (next: Record<string, string>) => mount.change(lines(next)) };
}
