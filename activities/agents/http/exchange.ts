/**
 * One HTTP exchange with Kagent or an agent: sends, waits within a time, reads at most so much, and gives what came.
 *
 * Follows no redirect (the key would go along), retries nothing and gives any status back. What went wrong below HTTP is thrown
 * as a `DeliveryError` that says whether anything can have been started.
 */
import { validateHeaderValue } from 'node:http';
import fetch, { type Response } from 'node-fetch';
import type { Credentials, ReadCredentials } from '../credentials.ts';
import { DeliveryError } from '../delivery-error.ts';
import { startDeadline } from './deadline.ts';
import { type Asked, deliveryError } from './describe-failure.ts';
import { type ConnectionOptions, createHttpAgents } from './http-agents.ts';
import { sortTransportError } from './transport-failure.ts';

interface Call {
  /** `namespace/name`, for messages. */
  agent: string;
  method: 'GET' | 'POST';
  /** Below the root of the endpoint, with a slash in front; every part of it encoded by the caller. */
  path: string;
  /** The path stands alone, without that of the base URL. */
  isFromOrigin?: boolean;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  signal: AbortSignal;
  /** Instead of the time that the credentials give, where it is shorter. */
  timeoutMs?: number;
}

export interface Reply {
  status: number;
  contentType: string;
  retryAfter: string | null;
  text: string;
  /** The body as JSON; undefined where it is none. */
  json: unknown;
  asked: Asked;
}

export interface WireDependencies extends ConnectionOptions {
  readCredentials: ReadCredentials;
  /** Version of this program, for the User-Agent. */
  version: string;
}

export interface Wire {
  call: (call: Call) => Promise<Reply>;
  /** The answer as it comes, with its body unread; for streams. The caller aborts `signal` when it has seen enough. */
  open: (call: Call) => Promise<Response>;
  readCredentials: ReadCredentials;
}

/** Mebibytes of one answer; a task carries its prompt twice, and all that its agent has said once more as its answer. */
const bodyLimitMiB = 32;

/** Name of this program towards Kagent. */
const userAgent = 'kagent-hook-controller';

export function createWire(dependencies: WireDependencies): Wire {
  const { readCredentials, version } = dependencies;
  const agent = createHttpAgents(dependencies);

  async function send(call: Call, credentials: Credentials, signal: AbortSignal): Promise<Response> {
    const { method, body } = call;
    return fetch(urlOf(call, credentials), {
      method,
      headers: headersOf(call, credentials, version),
      ...(body !== undefined && { body: JSON.stringify(body) }),
      agent,
      redirect: 'manual',
      size: bodyLimitMiB * 1024 * 1024,
      signal,
    });
  }

  async function call(call: Call): Promise<Reply> {
    const credentials = readCredentials();
    const asked = askedOf(call, credentials);
    call.signal.throwIfAborted(); // node-fetch fails outside its promise on a signal that is aborted already
    const deadline = startDeadline(call.signal, Math.min(credentials.timeoutMs, call.timeoutMs ?? Infinity));
    try {
      const response = await send(call, credentials, deadline.signal);
      const text = await textOf(response);
      const { status, headers } = response;
      const contentType = headers.get('content-type') ?? '';
      return { status, contentType, retryAfter: headers.get('retry-after'), text, json: parsed(text), asked };
    } catch (error) {
      call.signal.throwIfAborted();
      if (error instanceof DeliveryError) throw error;
      throw deliveryError(asked, deadline.isOver ? timedOut : sortTransportError(error, bodyLimitMiB));
    } finally {
      deadline.clear();
    }
  }

  async function open(call: Call): Promise<Response> {
    call.signal.throwIfAborted();
    return send(call, readCredentials(), call.signal);
  }

  return { call, open, readCredentials };
}

const timedOut = { reason: 'TimedOut', found: 'no complete answer came within the timeout' } as const;

/** What a message about this call may say, and what must not be in it. */
function askedOf({ agent, method, path }: Pick<Call, 'agent' | 'method' | 'path'>, c: Credentials): Asked {
  return { agent, method, path, apiKey: c.apiKey ?? '', secrets: Object.values(c.headers ?? {}) };
}

function urlOf({ path, isFromOrigin = false }: Call, { baseUrl }: Credentials): string {
  const url = new URL(baseUrl);
  // The bearer takes the place that a user and password would have; left in, they would show up in errors.
  url.username = '';
  url.password = '';
  url.hash = '';
  url.search = '';
  const [pathname = '', search] = path.split('?', 2);
  url.pathname = isFromOrigin ? pathname : `${rootOf(url.pathname)}${pathname}`;
  if (search !== undefined) url.search = search;
  return url.href;
}

/** Kagent's own addresses begin with /api, and so do many that people are given. */
function rootOf(pathname: string): string {
  return pathname.replace(/\/+$/, '').replace(/\/api$/, '');
}

function headersOf(call: Call, credentials: Credentials, version: string): Record<string, string> {
  const { apiKey, userId, headers } = credentials;
  const all = {
    Accept: 'application/json',
    ...headers,
    ...(call.body !== undefined && { 'Content-Type': 'application/json' }),
    ...(apiKey !== undefined && { Authorization: `Bearer ${apiKey}` }),
    ...(userId !== undefined && { 'X-User-Id': userId }),
    'User-Agent': `${userAgent}/${version}`,
    ...call.headers,
  };
  try {
    for (const [name, value] of Object.entries(all)) validateHeaderValue(name, value);
  } catch {
    const found = 'the API key, the user or an extra header holds characters that no header can';
    throw deliveryError(askedOf(call, credentials), { reason: 'Unauthorized', found, mayHaveStarted: false });
  }
  return all;
}

/** The body; of an error whose body is cut nothing, because its status alone says enough. A 404 means what its body says. */
async function textOf(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    if (response.ok || response.status === 404) throw error;
    return '';
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
