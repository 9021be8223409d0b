/**
 * A server that answers as a real Kagent was recorded to, so that the client reads the recordings off the wire.
 *
 * Which recording is served is set for each path; ids of calls are those of the request. What was never answered, or
 * only much later, is left open; what was cut off is cut off.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json as readJson } from 'node:stream/consumers';
import { z } from 'zod';
import { readTranscript } from '../transcripts/read-transcript.ts';

export interface RecordedServer {
  url: string;
  /** The recording for each request whose `METHOD /path` holds the words; the first that fits. */
  answerAs: (recordings: readonly [words: string, name: string][]) => void;
  stop: () => void;
}

/** Events later than this never come; a probe listens for less. */
const soonMs = 500;

export async function startRecordedServer(): Promise<RecordedServer> {
  let answers: readonly [string, string][] = [];
  const server = createServer((request, response) => void answer(request, response, answers));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The recorded server listens on no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    answerAs: (recordings) => (answers = recordings),
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const WithId = z.looseObject({ id: z.unknown(), jsonrpc: z.literal('2.0') });

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  answers: readonly [string, string][],
): Promise<void> {
  const body = request.method === 'POST' ? await readJson(request) : undefined;
  const found = answers.find(([words]) => `${request.method} ${request.url}`.includes(words));
  if (found === undefined) throw new Error(`No recording for ${request.method} ${request.url}.`);
  const { response: recorded, request: asked } = readTranscript(found[1]);
  const ids = { from: idIn(asked.body), to: idIn(body) };
  if (recorded.status === null) return cutOrHang(recorded['error'], request);
  const { 'content-type': type } = recorded.headers;
  response.writeHead(recorded.status, { ...(type !== undefined && { 'content-type': type }) });
  if (recorded.events === undefined) return void response.end(textOf(recorded.body, ids));
  response.flushHeaders();
  const soon = recorded.events.filter((event) => event.at_ms <= soonMs);
  for (const { line } of soon) response.write(`${typeof line === 'object' ? 'data: ' : ''}${textOf(line, ids)}\n`);
  if (soon.length === recorded.events.length && recorded['error'] === undefined) response.end();
}

function cutOrHang(error: unknown, request: IncomingMessage): void {
  if (!String(error).startsWith('TimeoutError')) request.socket.destroy();
}

function idIn(body: unknown): unknown {
  return WithId.safeParse(body).data?.id;
}

function textOf(body: unknown, { from, to }: { from: unknown; to: unknown }): string {
  if (typeof body === 'string') return body.replaceAll(`"id":${JSON.stringify(from)},`, `"id":${JSON.stringify(to)},`);
  const call = WithId.safeParse(body).data;
  return JSON.stringify(call !== undefined && call.id === from ? { ...call, id: to } : body);
}
