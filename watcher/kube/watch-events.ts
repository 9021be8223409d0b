/**
 * One watch request as a sequence of events, paused while the caller is busy with one.
 *
 * Called by the reflector. Returns when the server closes the stream in good order, as it does every few minutes.
 * Throws KubeError for an answer of 400 or above and for an ERROR event, anything else for a broken or silent connection.
 */
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { type ApiServer, errorOf, KubeError, type KubeResponse } from './api-server.ts';

const WatchEvent = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']),
  object: z.looseObject({
    metadata: z.looseObject({ resourceVersion: z.string().optional() }).optional(),
    code: z.number().optional(),
    message: z.string().optional(),
  }),
});
export type WatchEvent = z.infer<typeof WatchEvent>;

/** Bookmarks come about once a minute; a connection silent for longer than this is taken for dead. */
const silenceLimitMs = 90_000;

export interface WatchFrom {
  api: ApiServer;
  path: string;
  /** The resourceVersion after which changes are wanted. */
  from: string;
  signal: AbortSignal;
}

export async function* watchEvents(source: WatchFrom): AsyncGenerator<WatchEvent> {
  const seconds = 240 + Math.floor(Math.random() * 60); // jitter, so that watches of many clients do not end together
  const request = {
    path: source.path,
    query: {
      watch: '1',
      resourceVersion: source.from,
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(seconds),
    },
    signal: source.signal,
  };
  const response = await source.api.open(request);
  if (response.status >= 400) throw errorOf(request, response, await text(response.body));
  for await (const line of lines(response)) {
    const event = WatchEvent.parse(JSON.parse(line));
    if (event.type === 'ERROR') {
      throw new KubeError(
        `The watch of ${source.path} failed: ${event.object.message ?? line}`,
        event.object.code ?? 500,
      );
    }
    yield event;
  }
}

async function* lines({ body }: KubeResponse): AsyncGenerator<string> {
  body.setEncoding('utf8');
  body.setTimeout(silenceLimitMs, () => body.destroy(new Error(`The watch was silent for ${silenceLimitMs} ms.`)));
  let rest = '';
  for await (const chunk of body) {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) if (line !== '') yield line;
  }
  // A line cut in the middle: the object in it is still on the server, and the watch goes on from before it.
}
