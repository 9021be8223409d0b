/**
 * One HTTP exchange with Kagent or an agent: sends, waits within a time, reads at most so much, and gives what came.
 *
 * Follows no redirect (the key would go along), retries nothing and gives any status back. What went wrong below HTTP is thrown
 * as a `DeliveryError` that says whether anything can have been started.
 */
import fetch, { type Response } from 'node-fetch';
import { type Credentials, type ReadCredentials, secretsOf } from '../credentials.ts';
import { DeliveryError } from '../delivery-error.ts';
import { type Asked, deliveryError } from './describe-failure.ts';
import { type ConnectionOptions, createHttpAgents } from './http-agents.ts';
import { redactAll } from './redact-key.ts';
import { type Call, headersOf, urlOf } from './request-of.ts';
import { sortTransportError } from './transport-failure.ts';

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
  bodyLimitMiB?: number;
}

export interface Wire {
  call: (call: Call) => Promise<Reply>;
  /** The answer as it comes, with its body unread; for streams. The caller aborts `signal` when it has seen enough. */
  open: (call: Call) => Promise<Response>;
  readCredentials: ReadCredentials;
  /** Takes today's secrets out of what an agent wrote. */
  redact: (text: string) => string;
}

/** A task carries its prompt twice, and all that its agent has said once more as its answer. */
const defaultLimitMiB = 32;

export function createWire(dependencies: WireDependencies): Wire {
  const { readCredentials, version, bodyLimitMiB = defaultLimitMiB } = dependencies;
  const pool = createHttpAgents(dependencies);

  async function send(call: Call, credentials: Credentials, signal: AbortSignal): Promise<Response> {
    const { method, body } = call;
    return fetch(urlOf(call, credentials), {
      method,
      headers: headersOf(call, credentials, version),
      ...(body !== undefined && { body: JSON.stringify(body) }),
      agent: pool,
      redirect: 'manual',
      size: bodyLimitMiB * 1024 * 1024,
      signal,
    });
  }

  async function call(call: Call): Promise<Reply> {
    const credentials = readCredentials();
    const { agent, method, path } = call;
    const asked = { agent, method, path, secrets: secretsOf(credentials) };
    call.signal.throwIfAborted(); // node-fetch fails outside its promise on a signal that is aborted already
    const time = AbortSignal.timeout(Math.min(credentials.timeoutMs, call.timeoutMs ?? Infinity));
    try {
      const response = await send(call, credentials, AbortSignal.any([call.signal, time]));
      const text = await textOf(response);
      const { status, headers } = response;
      const contentType = headers.get('content-type') ?? '';
      return { status, contentType, retryAfter: headers.get('retry-after'), text, json: parsed(text), asked };
    } catch (error) {
      call.signal.throwIfAborted();
      if (error instanceof DeliveryError) throw error;
      throw deliveryError(asked, time.aborted ? timedOut : sortTransportError(error, bodyLimitMiB));
    }
  }

  async function open(call: Call): Promise<Response> {
    call.signal.throwIfAborted();
    return send(call, readCredentials(), call.signal);
  }

  const redact = (text: string) => redactAll(text, secretsOf(readCredentials()));
  return { call, open, readCredentials, redact };
}

const timedOut = { reason: 'TimedOut', found: 'no complete answer came within the timeout' } as const;

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
