/**
 * One watch request as a sequence of events, paused while the caller is busy with one.
 *
 * Returns when the server closes the stream in good order, as it does every few minutes. Throws KubeError for an answer of 400
 * or above and for an ERROR event, UnreadableEventError for a line that is no event, anything else for a broken or silent
 * connection.
 */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { type ApiServer, answerLimits, errorOf, KubeError } from './api-server.ts';
import { piecesOf, textOf } from './read-body.ts';

const WatchEvent = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']),
  object: z.looseObject({
    metadata: z.looseObject({ resourceVersion: z.string().optional() }).optional(),
    code: z.number().optional(),
    message: z.string().optional(),
  }),
});

export type WatchEvent = z.infer<typeof WatchEvent> & {
  /** How long the server had sent nothing before it; 0 for what was there already, which may be as old as our last pause. */
  waitedMs: number;
};

/** What the server sent cannot be read: only a list shows what it was. */
export class UnreadableEventError extends Error {
  override readonly name = 'UnreadableEventError';
}

/** How long after the moment at which the server should have ended the watch it is taken for dead. */
const graceMs = 8_000;

export interface WatchFrom {
  api: ApiServer;
  path: string;
  /** The resourceVersion after which changes are expected. */
  from: string;
  signal: AbortSignal;
  /** After how long the server ends the watch. */
  timeoutSeconds: number;
  /** A connection silent for longer is taken for dead; by default a little longer than the whole watch. */
  silenceLimitMs?: number | undefined;
  accept?: string | undefined;
}

export async function* watchEvents(source: WatchFrom): AsyncGenerator<WatchEvent> {
  const { timeoutSeconds, silenceLimitMs = timeoutSeconds * 1000 + graceMs } = source;
  const request = {
    path: source.path,
    query: {
      watch: '1',
      resourceVersion: source.from,
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(timeoutSeconds),
    },
    signal: source.signal,
    ...(source.accept !== undefined && { accept: source.accept }),
  };
  const response = await source.api.open(request);
  if (response.status >= 400)
    throw errorOf(request, response, await textOf(response.body, { silenceLimitMs, ...answerLimits }));
  for await (const { line, waitedMs } of lines(response.body, silenceLimitMs)) {
    const event = parse(line);
    if (event.type === 'ERROR') {
      throw new KubeError(
        `The watch of ${source.path} failed: ${(event.object.message ?? line).slice(0, 500)}`,
        event.object.code ?? 500,
      );
    }
    yield { ...event, waitedMs };
  }
}

function parse(line: string): z.infer<typeof WatchEvent> {
  try {
    return WatchEvent.parse(JSON.parse(line));
  } catch (cause) {
    throw new UnreadableEventError(`The watch sent a line that is no event: ${line.slice(0, 200)}`, { cause });
  }
}

async function* lines(
  body: IncomingMessage,
  silenceLimitMs: number,
): AsyncGenerator<{ line: string; waitedMs: number }> {
  let rest = '';
  let askedMs = Date.now();
  for await (const piece of piecesOf(body, silenceLimitMs)) {
    let waitedMs = Date.now() - askedMs;
    const parts = piece.split('\n');
    const last = parts.pop() ?? '';
    for (const part of parts) {
      const line = rest + part;
      rest = '';
      if (line !== '') yield { line, waitedMs };
      waitedMs = 0;
    }
    rest += last;
    if (rest.length > answerLimits.size) throw new UnreadableEventError('The watch sent a line that does not end.');
    askedMs = Date.now();
  }
  // A line cut in the middle: the object in it is still on the server, and the watch goes on from before it.
}
