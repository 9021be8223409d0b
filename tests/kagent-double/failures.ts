/**
 * Everything that can be refused or go wrong on the way to an agent and back, and how each release words it.
 */
import type { Release, Runtime } from './options.ts';

/** What an agent's process answers instead of a result: a JSON-RPC error of its own. */
export class AgentFailure extends Error {
  readonly code: number;
  readonly details: readonly unknown[];

  constructor(code: number, message: string, details: readonly unknown[] = []) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** The agent's process cannot be reached, or ends during the call; the message is the end of Go's sentence. */
export class HopFailure extends Error {}

/** What the controller itself answers. */
export class RpcFailure extends Error {
  readonly code: number;
  /** Entries of `error.data` before ErrorInfo; no `data` at all when undefined. */
  readonly details: readonly unknown[] | undefined;
  /** More for ErrorInfo's metadata. */
  readonly metadata: Record<string, string>;

  constructor(
    code: number,
    message: string,
    more: { details?: readonly unknown[]; metadata?: Record<string, string>; isBare?: boolean } = {},
  ) {
    super(message);
    this.code = code;
    this.details = more.isBare === true ? undefined : (more.details ?? []);
    this.metadata = more.metadata ?? {};
  }
}

/** Nobody will ever answer: what a Python agent does while the database is down. */
export class Silence extends Error {}

const unreadable = 'json: cannot unmarshal object into Go struct field Error.error.data of type []*errordetails.Typed';
/** What stands in the place of every error of a Go agent since 0.9.7. */
export const maskedMessage = `failed to decode response: ${unreadable}`;

const reasons = new Map([
  [-32700, 'PARSE_ERROR'],
  [-32600, 'INVALID_REQUEST'],
  [-32601, 'METHOD_NOT_FOUND'],
  [-32602, 'INVALID_PARAMS'],
  [-32001, 'TASK_NOT_FOUND'],
  [-32002, 'TASK_NOT_CANCELABLE'],
  [-32003, 'PUSH_NOTIFICATION_NOT_SUPPORTED'],
  [-32004, 'UNSUPPORTED_OPERATION'],
  [-31401, 'UNAUTHENTICATED'],
  [-31403, 'UNAUTHORIZED'],
]);

/** `error` of a reply since 0.9.7. */
export function writeFailure({ code, message, details, metadata }: RpcFailure): Record<string, unknown> {
  if (details === undefined) return { code, message };
  const info = {
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    domain: 'a2a-protocol.org',
    metadata: { timestamp: `${new Date().toISOString().slice(0, 19)}Z`, ...metadata },
    reason: reasons.get(code) ?? 'INTERNAL_ERROR',
  };
  return { code, message, data: [...details, info] };
}

export interface Hop {
  release: Release;
  agent: { namespace: string; name: string; runtime: Runtime };
  /** The method's name in 0.8's own sentences, such as `GetTask`. */
  operation: string;
  isStream: boolean;
}

/** What the controller makes of a failure between it and the agent. */
export function passOn(failure: AgentFailure | HopFailure, hop: Hop): RpcFailure {
  if (hop.release === '0.8.6') return passOnInOldWords(failure, hop);
  const { name, namespace, runtime } = hop.agent;
  if (failure instanceof HopFailure) {
    return new RpcFailure(
      -32603,
      `failed to send HTTP request: Post "http://${name}.${namespace}:8080": ${failure.message}`,
    );
  }
  if (runtime !== 'go') return new RpcFailure(failure.code, failure.message, { details: failure.details });
  return new RpcFailure(-32603, hop.isStream ? `failed to parse SSE data: ${unreadable}` : maskedMessage);
}

function passOnInOldWords(failure: AgentFailure | HopFailure, { agent, operation }: Hop): RpcFailure {
  const client = `On${operation} failed: a2aClient.${operation === 'SendMessage' ? operation : `${operation}s`}`;
  const url = `http://${agent.name}.${agent.namespace}:8080/`;
  const text =
    failure instanceof AgentFailure
      ? `${client}: jsonrpc error ${failure.code}: ${failure.message}`
      : `${client}: a2aClient.doRequest: http request failed: a2aClient.httpRequestHandler: http request failed: Post "${url}": ${failure.message}`;
  return new RpcFailure(-32603, 'Internal error', { details: [text] });
}
