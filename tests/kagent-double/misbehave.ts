/**
 * Carries out one fault of the script on one exchange.
 *
 * Returns the word about it that is kept with the request.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { maskedMessage, RpcFailure, writeFailure } from './failures.ts';
import { type Id, idOf } from './read-call.ts';
import { json, type Reply, type Sink, type StreamReply, type WholeReply, writeReply } from './reply.ts';
import type { Fault } from './script.ts';

export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  body: unknown;
  /** What Kagent answers; calling it is what makes Kagent see the request. */
  handle: () => Promise<Reply>;
}

const cuts = ['cut-before', 'cut-after', 'cut-mid-reply', 'hang'] as const;
const changes = ['wrong-id', 'broken-utf8', 'masked', 'stall-stream'] as const;

type Cut = Extract<Fault, { kind: (typeof cuts)[number] }>;
type Change = Extract<Fault, { kind: (typeof changes)[number] }>;
type Invented = Exclude<Fault, Cut | Change | { kind: 'none' }>;

function isCut(fault: Fault): fault is Cut {
  return cuts.some((kind) => kind === fault.kind);
}

function isChange(fault: Fault): fault is Change {
  return changes.some((kind) => kind === fault.kind);
}

export async function misbehave(fault: Fault, exchange: Exchange): Promise<string> {
  if (fault.kind === 'none') return writeReply(await exchange.handle(), exchange.response);
  if ('isHandled' in fault && fault.isHandled) await exchange.handle();
  if (isCut(fault)) await cut(fault, exchange);
  else
    writeReply(isChange(fault) ? await change(fault, exchange) : invent(fault, idOf(exchange.body)), exchange.response);
  return fault.kind;
}

async function cut({ kind }: Cut, { request, response, handle }: Exchange): Promise<void> {
  switch (kind) {
    case 'cut-before':
      return void request.socket.destroy();
    case 'cut-after':
      await handle();
      return void request.socket.destroy();
    case 'cut-mid-reply':
      return sendHalf(await handle(), request, response);
    case 'hang':
      return;
  }
}

async function change(fault: Change, { body, handle }: Exchange): Promise<Reply> {
  const reply = await handle();
  switch (fault.kind) {
    case 'wrong-id':
      return changeText(reply, (text) => text.replace(/"id":(?:"[^"]*"|\d+|null)/, `"id":"${randomUUID()}"`));
    case 'broken-utf8':
      return breakText(reply);
    case 'masked':
      return refuse(idOf(body), writeFailure(new RpcFailure(-32603, maskedMessage)));
    case 'stall-stream':
      return stall(reply, fault.events);
  }
}

function invent(fault: Invented, id: Id): WholeReply {
  switch (fault.kind) {
    case 'answer':
      return answer(fault);
    case 'empty-200':
      return { kind: 'whole', status: 200, headers: {}, body: '' };
    case 'html':
      return { ...json(fault.status, '', 'text/html'), body: '<html><body>Bad gateway</body></html>' };
    case 'empty-object':
      return json(200, {});
    case 'redirect':
      return { kind: 'whole', status: fault.status, headers: { location: fault.location }, body: '' };
    case 'rpc-error':
      return refuse(id, {
        code: fault.code,
        message: fault.message,
        ...(fault.data !== undefined && { data: fault.data }),
      });
    case 'not-accepted':
      return refuse(id, writeFailure(notAccepted(fault.retryAfterMs)));
    case 'big-body':
      return json(200, { jsonrpc: '2.0', id, result: { pad: 'x'.repeat(fault.bytes) } });
  }
}

/** The one refusal of 1.x after which the same message is to be sent again. */
export function notAccepted(retryAfterMs = '100'): RpcFailure {
  const metadata = { reason: 'KAGENT_SEND_NOT_ACCEPTED', retryAfterMs };
  return new RpcFailure(-32004, 'message was not accepted', { metadata });
}

function refuse(id: Id, error: Record<string, unknown>): WholeReply {
  return json(200, { jsonrpc: '2.0', id, error });
}

function answer({ status, headers, body }: Extract<Fault, { kind: 'answer' }>): WholeReply {
  if (typeof body === 'string' || body === undefined) {
    return {
      kind: 'whole',
      status,
      headers: { ...(body !== undefined && { 'content-type': 'text/plain; charset=utf-8' }), ...headers },
      body: body ?? '',
    };
  }
  const written = json(status, body);
  return { ...written, headers: { ...written.headers, ...headers } };
}

function changeText(reply: Reply, change: (text: string) => string): Reply {
  return reply.kind === 'whole' ? { ...reply, body: change(reply.body.toString()) } : reply;
}

/** Puts two bytes into the first text that are no UTF-8. */
function breakText(reply: Reply): Reply {
  if (reply.kind !== 'whole') return reply;
  const body = reply.body.toString();
  const at = body.lastIndexOf('"text":"') + '"text":"'.length;
  return {
    ...reply,
    body: Buffer.concat([Buffer.from(body.slice(0, at)), Buffer.from([0xff, 0xc3]), Buffer.from(body.slice(at))]),
  };
}

/** The half must be on its way before the socket goes, or this is the same as a cut before the first byte. */
function sendHalf(reply: Reply, request: IncomingMessage, response: ServerResponse): void {
  if (reply.kind !== 'whole') return void request.socket.destroy();
  const body = Buffer.from(reply.body);
  response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length });
  response.write(body.subarray(0, body.length / 2), () => request.socket.destroy());
}

function stall(reply: Reply, events: number): Reply {
  if (reply.kind !== 'stream') return { kind: 'hang' };
  const stalled: StreamReply = { kind: 'stream', open: (sink) => reply.open(countTo(sink, events)) };
  return stalled;
}

function countTo(sink: Sink, events: number): Sink {
  let written = 0;
  return {
    write(text) {
      written += 1;
      if (written <= events) sink.write(text);
    },
    end: () => undefined,
  };
}
