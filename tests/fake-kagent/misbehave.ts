/**
 * Carries out one fault of the script on one response.
 *
 * Returns a word about what was answered, which the server keeps with the request.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, errorAnswer } from './kagent.ts';
import { type Fault, spoilingKinds } from './script.ts';

export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** What a Kagent that behaves would answer; calling it starts the run. */
  goodAnswer: () => Answer;
}

const json = { 'Content-Type': 'application/json' };

/** Answers as the fault wants; the word is a status, or the kind of the fault where no whole answer was sent. */
export function misbehave(fault: Fault, exchange: Exchange): string {
  if (isSpoiling(fault)) return spoil(fault, exchange);
  switch (fault.kind) {
    case 'none':
      return send(exchange, exchange.goodAnswer());
    case 'answer':
      return sendText(exchange, {
        status: fault.status,
        headers: { ...(fault.body !== undefined && json), ...fault.headers },
        text: fault.body === undefined ? '' : JSON.stringify(fault.body),
      });
    case 'text':
      return sendText(exchange, { status: 200, headers: { 'Content-Type': fault.contentType }, text: fault.text });
    case 'rate-limit':
      return rateLimit(fault, exchange);
    case 'echo-key':
      return echoKey(fault.status, exchange);
  }
}

type Spoiling = Extract<Fault, { kind: (typeof spoilingKinds)[number] }>;

function isSpoiling(fault: Fault): fault is Spoiling {
  return spoilingKinds.some((kind) => kind === fault.kind);
}

function spoil(fault: Spoiling, exchange: Exchange): string {
  const { request, response } = exchange;
  switch (fault.kind) {
    case 'hang':
      break;
    case 'hang-in-body':
      sendHalf(fault.status, exchange);
      break;
    case 'cut':
      request.socket.destroy();
      break;
    case 'cut-after-accepting':
      exchange.goodAnswer();
      request.socket.destroy();
      break;
    case 'cut-body':
      // The half must be on its way before the socket goes, or this is the same as a cut before the first byte.
      sendHalf(fault.status, exchange, () => request.socket.destroy());
      break;
    case 'not-http':
      response.detachSocket(request.socket);
      request.socket.end('SSH-2.0-OpenSSH_9.2\r\n');
      break;
  }
  return fault.kind;
}

function rateLimit(fault: Extract<Fault, { kind: 'rate-limit' }>, exchange: Exchange): string {
  const { status, body } = errorAnswer(429, 'rate_limited', 'Too many requests');
  return sendText(exchange, {
    status,
    headers: { ...json, ...(fault.header !== undefined && { 'Retry-After': fault.header }) },
    text: JSON.stringify({ ...body, ...(fault.retryAfter !== undefined && { retry_after: fault.retryAfter }) }),
  });
}

function echoKey(errorStatus: number | undefined, exchange: Exchange): string {
  const echo = `you sent ${exchange.request.headers.authorization ?? 'nothing'}`;
  if (errorStatus !== undefined) return send(exchange, errorAnswer(errorStatus, echo, echo));
  const { status, body } = exchange.goodAnswer();
  return send(exchange, {
    status,
    body: { ...body, executionId: `${String(body['executionId'])} ${echo}`, message: echo, estimatedDuration: echo },
  });
}

/** Headers that promise the whole good answer, and half of it. */
function sendHalf(status: number, { response, goodAnswer }: Exchange, then?: () => void): void {
  const text = JSON.stringify(goodAnswer().body);
  response.writeHead(status, { ...json, 'Content-Length': text.length });
  response.write(text.slice(0, text.length / 2), () => then?.());
}

function send(exchange: Exchange, { status, body }: Answer): string {
  return sendText(exchange, { status, headers: json, text: JSON.stringify(body) });
}

interface TextAnswer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

function sendText({ response }: Exchange, { status, headers, text }: TextAnswer): string {
  response.writeHead(status, headers);
  response.end(text);
  return String(status);
}
