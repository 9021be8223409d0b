/**
 * Reads one request to the fake Kagent as it is remembered: when, what was asked, and later what was answered.
 *
 * Checks nothing.
 */
import type { IncomingMessage } from 'node:http';

export interface RecordedRequest {
  /** RFC 3339. */
  at: string;
  method: string;
  path: string;
  headers: Record<string, string | undefined>;
  /** Parsed; the text itself where it is not JSON, undefined where there was none. */
  body: unknown;
  /** A status, or the kind of the fault where no whole answer was sent; undefined until then. */
  answered?: string;
}

/** Resolves when the body has arrived; rejects when the client leaves before. */
export async function recordRequest(request: IncomingMessage): Promise<RecordedRequest> {
  const at = new Date().toISOString();
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, value?.toString()]));
  return { at, method: request.method ?? '', path: request.url ?? '', headers, body: parsed(text) };
}

function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
