/**
 * Reads the body of an answer piece by piece, and gives up when the server falls silent.
 *
 * Called for every answer of the API server. Silence counts only while something is waited for: a reader who is busy pauses
 * the stream, and that is no fault of the server. Never parses.
 */
import type { IncomingMessage } from 'node:http';

/** Throws when nothing came for so long, or when the connection broke before the end. */
export async function* piecesOf(body: IncomingMessage, silenceLimitMs: number): AsyncGenerator<string> {
  body.setEncoding('utf8');
  const giveUp = () => body.destroy(new Error(`Nothing was received for ${silenceLimitMs} ms.`));
  let timer = setTimeout(giveUp, silenceLimitMs);
  try {
    for await (const piece of body) {
      clearTimeout(timer);
      yield String(piece);
      timer = setTimeout(giveUp, silenceLimitMs);
    }
  } finally {
    clearTimeout(timer);
  }
}

export async function textOf(body: IncomingMessage, silenceLimitMs: number): Promise<string> {
  let content = '';
  for await (const piece of piecesOf(body, silenceLimitMs)) content += piece;
  return content;
}
