/**
 * A scriptable API server with one collection: pages, watches with bookmarks, and every way in which they can go wrong.
 *
 * Used by the tests of the reflector and of the connection. Behaves like kube-apiserver where nothing is scripted.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';
import { type Certificate, makeCertificate } from './certificate.ts';
import { type Collection, createCollection, type StoredEvent } from './collection.ts';

export const thingsPath = '/apis/test/v1/things';
export const token = 'token-of-the-test';

interface SeenRequest {
  kind: 'list' | 'watch' | 'other';
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
  atMs: number;
}

/** What happens to one request instead of the normal answer; each is used once, in order, by the kind it names. */
export interface Fault {
  on: SeenRequest['kind'];
  /** `cut`: the connection is closed; `hang`: never a word; `stall`: headers and half a body, then never a word. */
  does: { status: number; body?: string; headers?: Record<string, string> } | 'cut' | 'hang' | 'stall';
}

export interface FakeApiServer extends Collection {
  kubeConfig: KubeConfig;
  requests: SeenRequest[];
  faults: Fault[];
  /** How many connections were ever opened. */
  connections: () => number;
  openWatches: () => number;
  /** How many bytes wait in the server because a watcher does not read. */
  undeliveredBytes: () => number;
  /** What an ended or compacted version gets: an answer, or a stream with one ERROR event. */
  goneAs: { form: 'answer' | 'event' };
  bookmark: () => void;
  /** Ends all watches in good order. */
  endWatches: () => void;
  /** Sends a piece of text to all watches as it is, then, if wished, cuts their connections. */
  sendRaw: (piece: string | Buffer, then?: 'cut') => Promise<void>;
  stop: () => Promise<void>;
}

export interface FakeApiServerOptions {
  /** At most so many objects a page, whatever the client asks for. */
  pageSize?: number;
  certificate?: Certificate;
}

let shared: Certificate | undefined;

export async function startFakeApiServer(options: FakeApiServerOptions = {}): Promise<FakeApiServer> {
  shared ??= makeCertificate();
  const certificate = options.certificate ?? shared;
  const watches = new Set<ServerResponse>();
  const sockets = new Set<Duplex>();
  let opened = 0;
  const send = (event: object) => {
    for (const watch of watches) watch.write(`${JSON.stringify(event)}\n`);
  };
  const collection = createCollection((event) => send(wire(event)));
  const scene: Scene = { collection, watches, requests: [], faults: [], goneAs: { form: 'answer' }, options };
  const server = createServer(certificate, (request, response) => void answer(scene, request, response));
  server.on('connection', (socket) => {
    opened += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    ...collection,
    kubeConfig: kubeConfigFor(`https://127.0.0.1:${port}`, certificate.cert),
    requests: scene.requests,
    faults: scene.faults,
    connections: () => opened,
    openWatches: () => watches.size,
    undeliveredBytes: () => [...watches].reduce((sum, { writableLength }) => sum + writableLength, 0),
    goneAs: scene.goneAs,
    bookmark: () =>
      send({
        type: 'BOOKMARK',
        object: { kind: 'Thing', metadata: { resourceVersion: String(collection.version()) } },
      }),
    endWatches: () => {
      for (const watch of watches) watch.end();
      watches.clear();
    },
    sendRaw: async (piece, then) => {
      for (const watch of watches) {
        if (then === 'cut') watches.delete(watch);
        await new Promise<void>((resolve) => watch.write(piece, () => resolve()));
        if (then === 'cut') watch.socket?.destroy();
      }
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The kube config of a user with a bearer token; the server's own certificate is the CA. */
export function kubeConfigFor(server: string, caPem: string): KubeConfig {
  const config = new KubeConfig();
  const caData = Buffer.from(caPem).toString('base64');
  config.loadFromClusterAndUser({ name: 'fake', server, caData, skipTLSVerify: false }, { name: 'watcher', token });
  return config;
}

interface Scene extends Pick<FakeApiServer, 'requests' | 'faults' | 'goneAs'> {
  collection: Collection;
  watches: Set<ServerResponse>;
  options: FakeApiServerOptions;
}

async function answer(scene: Scene, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', 'https://fake');
  const isWatch = url.searchParams.get('watch') === '1';
  const kind = url.pathname !== thingsPath ? 'other' : isWatch ? 'watch' : 'list';
  const { method = '', headers } = request;
  const body = await text(request).catch(() => '');
  const { pathname: path, searchParams: query } = url;
  scene.requests.push({ kind, method, path, query, headers, body, atMs: Date.now() });
  const fault = scene.faults.findIndex(({ on }) => on === kind);
  const [scripted] = fault < 0 ? [] : scene.faults.splice(fault, 1);
  if (scripted !== undefined) misbehave(scripted, response);
  else if (kind === 'watch') watch(scene, Number(query.get('resourceVersion')), response);
  else if (kind === 'other') json(response, 200, { path });
  else {
    const size = Math.min(Number(query.get('limit')), scene.options.pageSize ?? 500);
    json(response, 200, { kind: 'ThingList', ...scene.collection.page(size, query.get('continue')) });
  }
}

function misbehave({ does }: Fault, response: ServerResponse): void {
  if (does === 'hang') return;
  if (does === 'cut') response.socket?.destroy();
  else if (does === 'stall') response.writeHead(200, { 'content-type': 'application/json' }).write('{"metadata":');
  else response.writeHead(does.status, does.headers).end(does.body ?? status(does.status));
}

function watch(scene: Scene, from: number, response: ServerResponse): void {
  const missed = scene.collection.eventsAfter(from);
  const gone = 'too old resource version';
  if (missed === undefined && scene.goneAs.form === 'answer') {
    json(response, 410, { kind: 'Status', code: 410, message: gone });
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  if (missed === undefined) {
    response.end(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, message: gone } })}\n`);
    return;
  }
  for (const event of missed) response.write(`${JSON.stringify(wire(event))}\n`);
  scene.watches.add(response);
  response.on('close', () => scene.watches.delete(response)).on('error', () => undefined);
}

function wire({ type, object }: StoredEvent): object {
  return { type, object };
}

function status(code: number): string {
  return JSON.stringify({ kind: 'Status', code, message: `scripted ${code}` });
}

function json(response: ServerResponse, code: number, body: object): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
