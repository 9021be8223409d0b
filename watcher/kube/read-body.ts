/**
 * Reads the body of an answer piece by piece, and gives up when the server falls silent, goes on for too long or says too much.
 *
 * Silence counts only while something is waited for: a reader who is busy pauses the stream, and that is no fault of the
 * server. Never parses.
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

export interface BodyLimits {
  silenceLimitMs: number;
  /** For the whole of it. */
  deadlineMs: number;
  /** Characters. */
  size: number;
}

/** The answer was cut off by us. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

export async function textOf(body: IncomingMessage, limits: BodyLimits): Promise<string> {
  const { silenceLimitMs, deadlineMs, size } = limits;
  const giveUp = () => body.destroy(new Error(`The answer was not complete after ${deadlineMs} ms.`));
  const timer = setTimeout(giveUp, deadlineMs);
  let content = '';
  try {
    for await (const piece of piecesOf(body, silenceLimitMs)) {
      content += piece;
      if (content.length > size) throw new BodyTooLargeError(`The answer has more than ${size} characters.`);
    }
  } finally {
    clearTimeout(timer);
  }
  return content;
}
