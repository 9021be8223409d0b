/** What gets out: the key, wherever a server may try to put it, and what of the cluster a request to Kagent holds. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Server } from '../../deploy/local/servers/start-server.ts';
import { checkAgentsId } from '../../workflows/contract/plain/names.ts';
import type { FaultInput } from '../fake-kagent/faults.ts';
import { waitFor } from '../wait-for.ts';
import { oomKilled, running } from './cluster-actions.ts';
import { apiKey, startWorld, type World } from './world.ts';

const rotatedKey = 'rotated-key-nobody-may-see';
const echo = `you sent Bearer ${apiKey}`;
const page = `<html><body>${echo}</body></html>`;

/** One agent each, whose server does this to every request. */
const faults: Record<string, FaultInput> = {
  'echo-400': { kind: 'echo-key', status: 400 },
  'echo-401': { kind: 'echo-key', status: 401 },
  'echo-403': { kind: 'echo-key', status: 403 },
  'echo-404': { kind: 'echo-key', status: 404 },
  'echo-500': { kind: 'echo-key', status: 500 },
  'page-502': { kind: 'answer', status: 502, body: page, headers: { 'Content-Type': 'text/html' } },
  'wait-429': {
    kind: 'answer',
    status: 429,
    body: { error: echo, message: echo, retry_after: 1 },
    headers: { 'X-Key': echo },
  },
  'moved-307': { kind: 'answer', status: 307, body: { message: echo }, headers: { Location: `/v1/${apiKey}` } },
  refused: { kind: 'answer', body: { success: false, message: echo, error: echo } },
  'no-id': { kind: 'answer', body: { success: true, executionId: { key: apiKey }, message: echo } },
  garbage: { kind: 'text', text: `{"success": true, "executionId": "${echo}` },
  'web-page': { kind: 'text', text: page, contentType: 'text/html' },
  'type-key': { kind: 'text', text: page, contentType: `text/${apiKey}` },
  'base64-400': { kind: 'answer', status: 400, body: { message: Buffer.from(`Bearer ${apiKey}`).toString('base64') } },
  cut: { kind: 'cut' },
  'cut-body': { kind: 'cut-body' },
  hang: { kind: 'hang' },
  'not-http': { kind: 'not-http' },
  'memory-analyzer': { kind: 'echo-key' },
};
const agents = Object.keys(faults);

/** Of the cluster, and none of Kagent's business. */
const ofTheCluster = {
  labels: { 'label-of-the-pod': 'value-of-the-label' },
  annotations: { 'annotation-of-the-pod': 'value-of-the-annotation' },
  env: 'password-in-the-environment',
  argument: '--argument-of-the-container',
  image: 'registry.example/image-of-the-container:1',
  node: 'node-a',
  uid: '',
  hookAnnotation: 'annotation-of-the-hook',
};

let world: World;
let tee: Awaited<ReturnType<typeof openTee>>;
let worker: Server;
let watcher: Server;
let secret: string;

beforeAll(async () => {
  world = await startWorld();
  tee = await openTee(Number(new URL(world.kagent.url).port));
  secret = await mkdtemp(join(world.run.folder, 'secret-'));
  await writeSecret({ 'api-key': apiKey, 'base-url': tee.url, timeout: '1s', 'max-retries': '2' });
  world.kagent.script([
    { agent: 'wait-429', times: 2, fault: faults['wait-429'] },
    { agent: 'wait-429', times: 'always', fault: faults['echo-401'] },
    ...agents.map((agent) => ({ agent, times: 'always' as const, fault: faults[agent] })),
    ...agents.map((agent) => ({ agent, method: 'GET' as const, times: 'always' as const, fault: faults[agent] })),
  ]);
  const unset = { KAGENT_API_KEY: '', KAGENT_BASE_URL: '', KAGENT_TIMEOUT: '' };
  [worker, watcher] = await Promise.all([
    world.start('worker', { ...unset, KAGENT_SECRET_DIR: secret }),
    world.start('watcher', { REDELIVERY_LIMIT: '0s' }),
  ]);
  for (const agent of agents) await makeHook(agent);
  ofTheCluster.uid = await killByMemory('leaky');
  await waitFor(
    'every incident to have ended',
    async () => {
      const all = await world.executions();
      return all.length === agents.length && all.every(({ status }) => status !== 'RUNNING');
    },
    90_000,
  );
});

afterAll(async () => {
  await world?.stop();
  await tee?.close();
});

describe('a batch of failures of every kind', () => {
  it('a key that servers write back stands in nothing that we write', async () => {
    await waitFor('the failures on the Hooks', async () => {
      const states = await Promise.all(
        agents.map(async (agent) => (await world.hookStatus(agent)).activeEvents?.[0]?.state),
      );
      return states.filter((state) => state === 'failed').length === agents.length - 1;
    });
    await writeSecret({ 'api-key': `${rotatedKey} is no key`, timeout: rotatedKey });
    await waitFor('the warning about the Secret', async () => (await logOf(worker)).includes('The last good ones'));
    const places = await everythingWritten();

    for (const key of [apiKey, rotatedKey]) {
      for (const needle of needlesOf(key)) expect(found(places, needle)).toEqual({});
    }

    // Each place that is searched names this run in its own words, so that the right places are searched.
    const expected = { ...found(places, 'oom-kill'), ...found(places, 'Unauthorized'), ...found(places, '[redacted]') };
    for (const place of ['worker log', 'histories', 'memos', 'details', 'results', 'Hooks', 'watcher metrics']) {
      expect(Object.keys(expected)).toContain(place);
    }
    expect(found(places, 'Bearer [redacted]')).toMatchObject({ histories: true, 'worker log': true });
  });

  it('the search finds a key in every encoding that is looked for', () => {
    const hidden = [apiKey, `Bearer ${apiKey}`, `"${apiKey}"`, `xx${apiKey}`].flatMap((text) => [
      text,
      Buffer.from(text).toString('base64'),
      Buffer.from(text).toString('hex'),
    ]);
    const missed = hidden.filter((text) => !needlesOf(apiKey).some((needle) => text.includes(needle)));
    expect(missed).toEqual([]);
  });
});

describe('what leaves the cluster', () => {
  it('nothing of the Pod, its node and its Hook leaves but the list of the specification', () => {
    const asked = tee.requests().filter(({ method }) => method === 'POST');
    expect(new Set(asked.map(({ path }) => path)).size).toBe(agents.length);
    const headers = ['accept', 'accept-encoding', 'authorization', 'connection', 'content-length', 'content-type'];
    for (const request of asked) {
      expect(Object.keys(request.headers).toSorted()).toEqual([...headers, 'host', 'idempotency-key', 'user-agent']);
      const agent = request.path.split('/')[3] ?? '';
      expect(JSON.parse(request.body)).toEqual({
        prompt: `leaky: Container app was OOM-killed (exit code 137)`,
        context: {
          eventName: 'oom-kill',
          eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown,
          resourceName: 'leaky',
          namespace: world.namespace,
          eventMessage: 'Container app was OOM-killed (exit code 137)',
        },
        metadata: { source: 'kagent-hook-controller', hookName: agent, kubernetesCluster: 'prod-cluster-1' },
      });
    }
  });

  it('looking agents up sends their names and no body', () => {
    const lookUps = tee.requests().filter(({ method }) => method !== 'POST');
    expect(new Set(lookUps.map(({ method }) => method))).toEqual(new Set(['GET']));
    const paths = ['/health', ...agents.map((agent) => `/v1/agents/${agent}`)];
    const looked = lookUps.map(({ path }) => path);
    expect(looked).toEqual(expect.arrayContaining(paths));
    // Hooks of other tests may name agents too; whatever is looked up is a name and nothing more.
    expect(looked.filter((path) => !/^\/(version|health|v1\/agents\/[\w-]+)$/.test(path))).toEqual([]);
    const headers = ['accept', 'accept-encoding', 'authorization', 'connection', 'host', 'user-agent'];
    for (const request of lookUps) expect(Object.keys(request.headers).toSorted()).toEqual(headers);
    expect(lookUps.map(({ body }) => body).join('')).toBe('');
  });

  it('of all bytes that were sent, none hold labels, annotations, environment, image, node or uid', () => {
    const sent = tee.bytes();
    expect(sent).toContain('leaky');
    const { labels, annotations, ...others } = ofTheCluster;
    const words = [labels, annotations].flatMap((map) => Object.entries(map).flat()).concat(Object.values(others));
    expect(words.filter((word) => word === '' || sent.includes(word))).toEqual([]);
  });
});

async function writeSecret(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(secret, name), text);
}

async function makeHook(agent: string): Promise<void> {
  const prompt = '{{.ResourceName}}: {{.EventMessage}}';
  await world.cluster.createHook(world.namespace, agent, [
    { eventType: 'oom-kill', agentRef: { name: agent }, prompt },
  ]);
  await world.kubectl('annotate', 'hook', agent, '-n', world.namespace, `${ofTheCluster.hookAnnotation}=1`);
}

/** A Pod with many secrets in it, OOM-killed just now; gives its uid. */
async function killByMemory(name: string): Promise<string> {
  const { labels, annotations, env, argument, image, node } = ofTheCluster;
  const container = { name: 'app', image, args: [argument], env: [{ name: 'PASSWORD', value: env }] };
  const metadata = { name, labels, annotations };
  const spec = { nodeName: node, containers: [container] };
  const path = `/api/v1/namespaces/${world.namespace}/pods`;
  const made = await world.cluster.api.json({
    method: 'POST',
    path,
    body: { apiVersion: 'v1', kind: 'Pod', metadata, spec },
  });
  await world.cluster.setStatus(world.namespace, name, running());
  await world.cluster.setStatus(world.namespace, name, oomKilled({ killed: 'c0', now: 'c1', restartCount: 1 }));
  return z.object({ metadata: z.object({ uid: z.string() }) }).parse(made).metadata.uid;
}

const logOf = (server: Server) => readFile(server.logFile, 'utf8');

/** Place → its text. */
type Written = Record<string, string>;

async function everythingWritten(): Promise<Written> {
  const kubectl = (...args: string[]) => world.kubectl(...args, '-n', world.namespace);
  return {
    'worker log': await logOf(worker),
    'watcher log': await logOf(watcher),
    Hooks: await kubectl('get', 'hooks', '-o', 'yaml'),
    'Hooks described': await kubectl('describe', 'hooks'),
    'other objects': await kubectl('get', 'pods,leases,configmaps,secrets,serviceaccounts', '-o', 'yaml'),
    Events: await kubectl('get', 'events,events.events.k8s.io', '-o', 'yaml'),
    ...(await readEndpoints('worker', worker)),
    ...(await readEndpoints('watcher', watcher)),
    ...(await readExecutions()),
  };
}

async function readEndpoints(name: string, server: Server): Promise<Written> {
  const { url } = z.object({ url: z.string() }).parse(server);
  const read = async (path: string) => [`${name} ${path}`, await (await fetch(`${url}/${path}`)).text()] as const;
  return Object.fromEntries(await Promise.all(['metrics', 'healthz', 'readyz', 'livez'].map(read)));
}

/** All that Temporal keeps of the incidents, and of looking agents up. */
async function readExecutions(): Promise<Written> {
  const { client, installation } = world;
  const written = { histories: '', memos: '', details: '', results: '' };
  const query = `Installation='${installation}' OR WorkflowId='${checkAgentsId(installation)}'`;
  for await (const { workflowId, runId, memo, searchAttributes } of client.workflow.list({ query })) {
    const handle = client.workflow.getHandle(workflowId, runId);
    written.histories += textOf(historyToJSON(await handle.fetchHistory()));
    written.memos += JSON.stringify([memo, searchAttributes]);
    const { staticSummary, staticDetails } = await handle.describe().then(async (described) => ({
      staticSummary: await described.staticSummary(),
      staticDetails: await described.staticDetails(),
    }));
    const metadata: unknown = await handle.query('__temporal_workflow_metadata').catch(String);
    written.details += JSON.stringify([staticSummary, staticDetails, metadata]);
    const result: unknown = await handle.result().catch((error: unknown) => error);
    written.results += inspect(result, { depth: null, showHidden: true });
  }
  return written;
}

/** A history with its payloads readable; as base64 they stay in it as well. */
function textOf(history: string): string {
  const payloads = history.matchAll(/"data": ?"([A-Za-z0-9+/=]+)"/g);
  return [history, ...[...payloads].map(([, data = '']) => Buffer.from(data, 'base64').toString())].join('\n');
}

function found(places: Written, words: string): Record<string, true> {
  const names = Object.keys(places).filter((place) => places[place]?.includes(words));
  return Object.fromEntries(names.map((name) => [name, true]));
}

/** The key as it is, in hex, and the part of base64 that is the same whatever stands before and after it. */
function needlesOf(key: string): string[] {
  const inBase64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), Buffer.from(key)]).toString('base64');
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + key.length) * 8) / 6));
  });
  return [key, Buffer.from(key).toString('hex'), ...inBase64];
}

interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** Passes all connections on to this port of loopback, and keeps every byte that came. */
async function openTee(port: number) {
  const connections: Buffer[][] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const came: Buffer[] = [];
    connections.push(came);
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined));
    client.on('data', (chunk: Buffer) => came.push(chunk));
    client.pipe(upstream).pipe(client);
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The tee listens on no port.');
  const streams = () => connections.map((chunks) => Buffer.concat(chunks).toString('latin1'));
  return {
    url: `http://127.0.0.1:${address.port}`,
    bytes: () => streams().join(''),
    requests: () => streams().flatMap(requestsIn),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function requestsIn(stream: string): Sent[] {
  const end = stream.indexOf('\r\n\r\n');
  if (end === -1) return [];
  const [line = '', ...rows] = stream.slice(0, end).split('\r\n');
  const [method = '', path = ''] = line.split(' ');
  const headers = Object.fromEntries(
    rows.map((row) => [row.split(':', 1).join().toLowerCase(), row.replace(/^.*?: /, '')]),
  );
  const bodyEnd = end + 4 + Number(headers['content-length'] ?? 0);
  return [{ method, path, headers, body: stream.slice(end + 4, bodyEnd) }, ...requestsIn(stream.slice(bodyEnd))];
}
