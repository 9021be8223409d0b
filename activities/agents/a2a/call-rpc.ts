/**
 * Calls one method of an agent and gives its result, or throws a `DeliveryError` that says what came instead.
 *
 * Knows nothing of what the result means, and tries once.
 */
import { randomUUID } from 'node:crypto';
import type { Observing } from '../call-observer.ts';
import type { DeliveryError } from '../delivery-error.ts';
import { deliveryError, type FailedTry, quote } from '../http/describe-failure.ts';
import type { Reply, Wire } from '../http/exchange.ts';
import type { Address } from '../http/request-of.ts';
import type { Dialect } from './dialect.ts';
import { type RpcFault, readRpcAnswer } from './json-rpc.ts';
import { sortFault, sortStatus } from './sort-fault.ts';

export interface AdapterDependencies extends Observing {
  /** Address of Kagent's own UI. */
  uiUrl?: string | undefined;
  /** Milliseconds between two looks that both have to find nothing. */
  lookAgainAfterMs?: number;
}

/** Where an agent takes JSON-RPC, and in which words. */
export interface RpcTarget extends Address {
  /** `namespace/name`, for messages. */
  agent: string;
  dialect: Dialect;
  headers?: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

export interface RpcCall extends RpcTarget {
  method: string;
  params: object;
  answered?: ((httpStatus: number) => void) | undefined;
}

/** The result. Throws for everything else. */
export async function callRpc(wire: Wire, call: RpcCall): Promise<unknown> {
  const answer = await askRpc(wire, call);
  if ('result' in answer) return answer.result;
  throw faultError(answer);
}

/** The result, or the error that the agent answered with. Throws where neither came. */
export async function askRpc(wire: Wire, call: RpcCall): Promise<{ result: unknown; reply: Reply } | Faulted> {
  const { dialect, method, params, headers, answered, ...target } = call;
  const id = randomUUID();
  const reply = await wire.call({
    ...target,
    method: 'POST',
    body: { jsonrpc: '2.0', id, method, params },
    headers: { ...dialect.headers, ...headers },
  });
  answered?.(reply.status);
  const answer = readRpcAnswer(reply.json, id);
  if ('flaw' in answer) throw replyError(reply, answer.flaw);
  return { ...answer, reply };
}

export interface Faulted {
  fault: RpcFault;
  reply: Reply;
}

export function faultError({ fault, reply }: Faulted): DeliveryError {
  const said = JSON.stringify(quote(fault.message, reply.asked.secrets));
  return deliveryError(reply.asked, { ...sortFault(fault), found: `the agent answered ${fault.code} ${said}` });
}

/** The error for a reply that is none of the protocol, or of its method; plain text is quoted, pages are not. */
export function replyError(reply: Reply, flaw: string, over: Partial<FailedTry> = {}): DeliveryError {
  const { status, contentType, text, asked } = reply;
  const isPlain = contentType.startsWith('text/plain') && text.trim() !== '';
  const what = status >= 200 && status < 300 ? ` ${text === '' ? 'with an empty body' : flaw}` : '';
  const said = isPlain ? ` ${JSON.stringify(quote(text, asked.secrets))}` : '';
  const sorted = sortStatus(reply, { nowMs: Date.now(), jitter: Math.random() * 0.2 });
  return deliveryError(asked, { ...sorted, found: `the server answered ${status}${what}${said}`, ...over });
}
