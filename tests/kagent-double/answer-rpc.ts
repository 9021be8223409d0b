/**
 * One JSON-RPC call to an agent through a controller of 0.x: from the body to the reply, with all that can go wrong.
 *
 * 0.8.6 says HTTP 404 or 500 where later releases say 200.
 */
import type { Call } from './call.ts';
import { AgentFailure, HopFailure, passOn, RpcFailure, Silence, writeFailure } from './failures.ts';
import { operate } from './operate.ts';
import { type Envelope, idOf, type Operation, operationOf, readEnvelope } from './read-call.ts';
import { json, type Reply } from './reply.ts';
import { writeLine } from './stream-run.ts';

/** The names of the operations in the sentences of 0.8. */
const oldNames: Record<Operation, string> = {
  send: 'SendMessage',
  stream: 'StreamMessage',
  get: 'GetTask',
  list: 'ListTask',
  cancel: 'CancelTask',
  follow: 'Resubscribe',
  card: 'GetCard',
  push: 'PushNotificationSet',
};

export async function answerRpc(call: Call): Promise<Reply> {
  const { asked, dialect } = call;
  const id = idOf(asked.body);
  try {
    if (asked.method !== 'POST') throw new RpcFailure(-32600, 'invalid request');
    const envelope = readEnvelope(asked.body, dialect);
    const reply = await operate(call, envelope, operationOf(envelope.method, dialect) ?? 'get');
    return 'kind' in reply ? reply : json(200, { jsonrpc: '2.0', id, result: reply.result }, contentType(call));
  } catch (failure) {
    if (failure instanceof Silence) return { kind: 'hang' };
    return refuse(call, asked.method === 'POST' ? id : null, failure);
  }
}

function contentType({ controller }: Call): string {
  return controller.release === '0.8.6' ? 'application/json; charset=utf-8' : 'application/json';
}

function refuse(call: Call, id: Envelope['id'], failure: unknown): Reply {
  const { release } = call.controller;
  const method = methodOf(call);
  const operation = operationOf(method, call.dialect);
  const isStream = operation === 'follow' || operation === 'stream';
  const refusal = toRpcFailure(call, failure, isStream);
  if (isStream && release !== '0.8.6' && !(failure instanceof RpcFailure)) {
    return sendOnce(writeLine(release, id, { error: writeFailure(refusal) }));
  }
  // The stream of 0.8.6 ends without a word.
  if (operation === 'follow' && release === '0.8.6') return sendOnce('');
  return release === '0.8.6'
    ? refuseInOldForm(call, id, refusal)
    : json(200, { jsonrpc: '2.0', id, error: writeFailure(refusal) });
}

function methodOf({ asked }: Call): string {
  const { body } = asked;
  return typeof body === 'object' && body !== null && 'method' in body ? String(body.method) : '';
}

function toRpcFailure({ controller, process, asked, dialect }: Call, failure: unknown, isStream: boolean): RpcFailure {
  if (failure instanceof RpcFailure) return failure;
  if (!(failure instanceof AgentFailure) && !(failure instanceof HopFailure)) throw failure;
  const operation = operationOf(methodOf({ controller, process, asked, dialect, user: '' }), dialect) ?? 'get';
  return passOn(failure, {
    release: controller.release,
    agent: process.agent,
    operation: oldNames[operation],
    isStream,
  });
}

function sendOnce(text: string): Reply {
  return {
    kind: 'stream',
    open(sink) {
      if (text !== '') sink.write(text);
      sink.end();
      return () => undefined;
    },
  };
}

function refuseInOldForm(call: Call, id: Envelope['id'], { code, message, details }: RpcFailure): Reply {
  const isUnknown = code === -32601;
  const status = isUnknown ? 404 : code === -32603 ? 500 : 400;
  const data = isUnknown ? `method '${methodOf(call)}' not supported` : details?.[0];
  const error = { code, message: isUnknown ? 'Method not found' : message, ...(data !== undefined && { data }) };
  return json(status, { jsonrpc: '2.0', id, error }, contentType(call));
}
