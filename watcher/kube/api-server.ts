/**
 * Requests to the Kubernetes API server, over kept-alive connections, with the identity of a KubeConfig.
 *
 * Never retries: callers know whether they may. The client library's own requests open one connection each, so only its
 * authentication is used.
 */
import { createHash } from 'node:crypto';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import https from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { type BodyLimits, textOf } from './read-body.ts';

export interface KubeRequest {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  contentType?: string;
  /** Media types that are expected; JSON by default. */
  accept?: string;
  signal?: AbortSignal;
}

/** An answer whose body is still to be read. */
export interface KubeResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: IncomingMessage;
}

/** An answer of 400 or above; `status` and `retryAfterMs` are what callers decide on. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  constructor(message: string, status: number, retryAfterMs?: number) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface ApiServer {
  /** Resolves with the headers, whatever the status; rejects when there is no answer. */
  open(request: KubeRequest): Promise<KubeResponse>;
  /** Resolves with the parsed JSON body; rejects with KubeError for a status of 400 or above. */
  json(request: KubeRequest): Promise<unknown>;
  close(): void;
}

export interface ApiServerLimits {
  /** How long to wait for the headers of an answer, which a watch sends at once, and for each next piece of a JSON body. */
  silenceLimitMs: number;
  /** How long a whole JSON body may take, and how many characters it may have. A watch is no such answer. */
  deadlineMs?: number;
  bodyLimit?: number;
}

/** Of everything but watches. Lists come page by page, and no object is larger than a few MiB. */
export const answerLimits = { deadlineMs: 30_000, size: 32 * 2 ** 20 } as const;

export function connectApiServer(
  kubeConfig: KubeConfig,
  userAgent: string,
  { silenceLimitMs, deadlineMs = answerLimits.deadlineMs, bodyLimit = answerLimits.size }: ApiServerLimits = {
    silenceLimitMs: 30_000,
  },
): ApiServer {
  const limits = { silenceLimitMs, deadlineMs, size: bodyLimit };
  const agents = new Map<string, https.Agent>();

  async function open(request: KubeRequest): Promise<KubeResponse> {
    const cluster = kubeConfig.getCurrentCluster();
    if (cluster === null) throw new Error('The kube config names no cluster.');
    const options: https.RequestOptions = {};
    await kubeConfig.applyToHTTPSOptions(options);
    const url = new URL(cluster.server.replace(/\/$/, '') + request.path);
    for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
    const headers = { ...headersOf(options, userAgent), accept: request.accept ?? 'application/json' };
    const sent = https.request(url, { ...options, ...sendingOf(request), agent: agentFor(agents, options), headers });
    return exchange(sent, request, silenceLimitMs);
  }

  return {
    open,
    json: async (request) => readJson(request, await open(request), limits),
    close: () => {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

/** One agent per set of credentials, so that a rotated certificate or CA takes effect on the next request. */
function agentFor(agents: Map<string, https.Agent>, options: https.RequestOptions): https.Agent {
  const { ca, cert, key, rejectUnauthorized, servername } = options;
  const material = { ca, cert, key, rejectUnauthorized, servername };
  const id = createHash('sha256').update(JSON.stringify(material)).digest('hex');
  const known = agents.get(id);
  if (known !== undefined) return known;
  const set = Object.fromEntries(Object.entries(material).filter(([, value]) => value !== undefined));
  const agent = new https.Agent({ keepAlive: true, ...set });
  agents.set(id, agent);
  return agent;
}

function headersOf(options: https.RequestOptions, userAgent: string): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': userAgent };
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (typeof value === 'string') headers[name.toLowerCase()] = value;
  }
  return headers;
}

function sendingOf({ method = 'GET', signal }: KubeRequest): https.RequestOptions {
  return { method, ...(signal !== undefined && { signal }) };
}

/** Sends the body, if any, and waits for the headers of the answer. */
function exchange(sent: ClientRequest, request: KubeRequest, silenceLimitMs: number): Promise<KubeResponse> {
  const payload = request.body === undefined ? undefined : JSON.stringify(request.body);
  const { promise, resolve, reject } = Promise.withResolvers<KubeResponse>();
  if (payload !== undefined) {
    sent.setHeader('content-type', request.contentType ?? 'application/json');
    sent.setHeader('content-length', Buffer.byteLength(payload));
  }
  const timer = setTimeout(() => sent.destroy(new Error(`No answer within ${silenceLimitMs} ms.`)), silenceLimitMs);
  sent.on('response', (body) => {
    clearTimeout(timer);
    resolve({ status: body.statusCode ?? 0, headers: body.headers, body });
  });
  sent.on('error', (error) => {
    clearTimeout(timer);
    reject(error);
  });
  sent.end(payload);
  return promise;
}

async function readJson(request: KubeRequest, response: KubeResponse, limits: BodyLimits): Promise<unknown> {
  const content = await textOf(response.body, limits);
  if (response.status < 400) return content === '' ? undefined : JSON.parse(content);
  throw errorOf(request, response, content);
}

/** The error that an answer of 400 or above stands for; `content` is its body. */
export function errorOf(request: KubeRequest, response: KubeResponse, content: string): KubeError {
  const seconds = Number(response.headers['retry-after']);
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
  const what = `${request.method ?? 'GET'} ${request.path}`;
  return new KubeError(
    `${what} was answered ${response.status}: ${content.slice(0, 500)}`,
    response.status,
    retryAfterMs,
  );
}
