/**
 * What the codec server answers to a request, as a value: status, text and headers.
 *
 * Nothing here touches a connection.
 */

export interface Answer {
  status: number;
  text: string;
  headers?: Record<string, string>;
}

export function json(text: string): Answer {
  return { status: 200, text, headers: { 'content-type': 'application/json' } };
}

/** A sentence for the person who called. */
export function refuse(status: number, sentence: string, headers: Record<string, string> = {}): Answer {
  return { status, text: `${sentence}\n`, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } };
}
