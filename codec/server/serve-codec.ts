/**
 * The codec server: encodes and decodes payloads for the Web UI and the command line, which have no keys.
 *
 * Answers `POST …/encode` and `POST …/decode` as Temporal's contract has it, and `GET /healthz`. Whoever
 * may call it may read everything: it knows no users. Never logs a payload.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { messageOf } from '../../runtime/message-of.ts';
import { type Answer, json, refuse } from './answers.ts';
import type { openCertificate } from './certificate.ts';
import { corsHeaders } from './cors.ts';
import { parsePayloads, writePayloads } from './payloads-json.ts';
import { readBody } from './read-body.ts';
import type { CheckToken } from './token.ts';

export interface CodecServerOptions {
  codec: PayloadCodec;
  origins: readonly string[];
  bodyLimitBytes: number;
  /** Everybody may call where it is left out. */
  checkToken?: CheckToken | undefined;
  /** Speaks https then; asked for each connection. */
  certificate?: ReturnType<typeof openCertificate> | undefined;
  log: { debug: (facts: object, message: string) => void; warn: (facts: object, message: string) => void };
}

/** How long a caller may take for one request. */
const requestTimeoutMs = 30_000;

/** Not yet listening. */
export function createCodecServer(options: CodecServerOptions): Server {
  const { certificate } = options;
  const limits = { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs };
  const listener: RequestListener = (request, response) => void respond(options, request, response);
  if (certificate === undefined) return createServer(limits, listener);
  let inUse = certificate();
  const server = createTlsServer({ ...limits, ...inUse, minVersion: 'TLSv1.2' }, listener);
  // Ahead of the server's own listener, which begins the handshake.
  return server.prependListener('connection', () => {
    const newest = certificate();
    if (newest !== inUse) server.setSecureContext({ ...newest, minVersion: 'TLSv1.2' });
    inUse = newest;
  });
}

/** Never rejects. */
async function respond(options: CodecServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { log, origins } = options;
  try {
    const { status, text, headers } = await answer(options, request);
    response.statusCode = status;
    response.setHeaders(
      new Headers({ ...corsHeaders(request.headers.origin, origins), 'cache-control': 'no-store', ...headers }),
    );
    response.end(text);
    log.debug({ method: request.method, path: pathOf(request), status }, 'answered');
  } catch (error) {
    // A caller that went away in the middle of its body.
    log.debug({ error: messageOf(error) }, 'a request was broken off');
    response.destroy();
  }
}

async function answer(options: CodecServerOptions, request: IncomingMessage): Promise<Answer> {
  const path = pathOf(request);
  if (path === '/healthz') return onlyFor(request, 'GET') ?? json('{"status":"ok"}\n');
  const { codec } = options;
  // The contract lets the address end in anything before these, such as a namespace.
  if (path.endsWith('/encode')) return convert(options, request, (payloads) => codec.encode(payloads));
  if (path.endsWith('/decode')) return convert(options, request, (payloads) => codec.decode(payloads));
  return refuse(404, 'There is only /encode, /decode and /healthz.');
}

async function convert(
  { bodyLimitBytes, checkToken, log }: CodecServerOptions,
  request: IncomingMessage,
  change: (payloads: Payload[]) => Promise<Payload[]>,
): Promise<Answer> {
  if (request.method === 'OPTIONS') return { status: 204, text: '' };
  const refusal = onlyFor(request, 'POST') ?? onlyWith(checkToken, request) ?? onlyJson(request);
  if (refusal !== undefined) return refusal;
  const body = await readBody(request, bodyLimitBytes);
  if (body === undefined)
    return refuse(413, `The body has more than ${bodyLimitBytes} bytes.`, { connection: 'close' });
  try {
    return json(writePayloads(await change(parsePayloads(body))));
  } catch (error) {
    const message = messageOf(error);
    log.warn({ path: pathOf(request), error: message }, 'payloads were refused');
    return refuse(400, message);
  }
}

function onlyFor({ method }: IncomingMessage, expected: string): Answer | undefined {
  return method === expected ? undefined : refuse(405, `Expected ${expected}.`, { allow: expected });
}

function onlyWith(checkToken: CheckToken | undefined, { headers }: IncomingMessage): Answer | undefined {
  if (checkToken === undefined || checkToken(headers.authorization)) return undefined;
  return refuse(401, 'Expected the bearer token of this codec server.', { 'www-authenticate': 'Bearer' });
}

/** What a form of a foreign page could send without being asked is not taken. */
function onlyJson({ headers }: IncomingMessage): Answer | undefined {
  const [type = ''] = headers['content-type']?.split(';', 1) ?? [];
  return type.trim().toLowerCase() === 'application/json' ? undefined : refuse(415, 'Expected application/json.');
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1).join('');
}
