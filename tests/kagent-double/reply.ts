/**
 * What the double sends back, made before anything is written, so that a fault can still spoil it.
 *
 * Made by the controllers, written by the server.
 */
import type { ServerResponse } from 'node:http';

export interface Sink {
  write: (text: string) => void;
  end: () => void;
}

export interface WholeReply {
  kind: 'whole';
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

export interface StreamReply {
  kind: 'stream';
  /** Writes what there is and what comes; returns how to stop it. No header goes out before the first write. */
  open: (sink: Sink) => () => void;
}

export type Reply = WholeReply | StreamReply | { kind: 'hang' };

export function json(status: number, body: unknown, contentType = 'application/json'): WholeReply {
  return { kind: 'whole', status, headers: { 'content-type': contentType }, body: JSON.stringify(body) };
}

export function text(status: number, body: string): WholeReply {
  return { kind: 'whole', status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

export const pageNotFound: WholeReply = text(404, '404 page not found\n');

const streamHeaders = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', connection: 'keep-alive' };

/** Writes the reply; the word about it is a status, `stream` or `hang`. */
export function writeReply(reply: Reply, response: ServerResponse): string {
  switch (reply.kind) {
    case 'hang':
      return 'hang';
    case 'whole':
      response.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(reply.body) });
      response.end(reply.body);
      return String(reply.status);
    case 'stream':
      writeStream(reply, response);
      return 'stream';
  }
}

function writeStream(reply: StreamReply, response: ServerResponse): void {
  const head = (): void => void (response.headersSent || response.writeHead(200, streamHeaders));
  const stop = reply.open({
    write(chunk) {
      head();
      response.write(chunk);
    },
    end() {
      head();
      response.end();
    },
  });
  response.once('close', stop);
}
