/**
 * The sentences of a failed try: what was asked, what came back, what a person can do.
 *
 * Whatever a server wrote is quoted only after the key was blotted out of it: a server may send back what it was sent.
 */
import { type DeliveryReason, deliveryReasons } from '../../../workflows/contract/outcome.ts';
import { DeliveryError } from '../delivery-error.ts';
import { blotKey } from './blot-key.ts';

/** What was asked, as far as a message may say it; `apiKey` only to blot it out. */
export interface Asked {
  agent: string;
  method: string;
  /** Path below the base URL. */
  path: string;
  apiKey: string;
  /** What else no message may hold, such as the values of extra headers. */
  secrets?: readonly string[];
}

export interface Finding {
  reason: DeliveryReason;
  /** What came back, a clause without a full stop. */
  found: string;
  retryAfterMs?: number | undefined;
  /** False where it is certain that no run was started. */
  mayHaveStarted?: boolean;
}

/** Characters; Temporal cuts a failure's text at 4 KiB, and people read the first line. */
const quoteLimit = 300;

/** The error of one failed try, as `Agent "x" could not be asked (POST /…): what came back. What to do.` */
export function deliveryError(asked: Asked, { reason, found, retryAfterMs, mayHaveStarted }: Finding): DeliveryError {
  const what = `${asked.method} ${clip(asked.path, quoteLimit)}`;
  const who = `Agent ${JSON.stringify(clip(asked.agent, quoteLimit))} could not be asked (${what})`;
  return new DeliveryError(reason, `${who}: ${found}. ${deliveryReasons[reason].hint}`, {
    retryAfterMs,
    mayHaveStarted,
  });
}

/** Text of the server on one line, without the key, at most `limit` characters. */
export function quoteServer(text: string, apiKey: string, limit: number = quoteLimit): string {
  // Blotted out before it is cut: a key at the cut would be halved, not gone.
  const safe = blotKey(text, apiKey);
  return clip(safe.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim(), limit);
}

/** The same for whatever was asked. */
export function quote(
  text: string,
  { apiKey, secrets = [] }: Pick<Asked, 'apiKey' | 'secrets'>,
  limit?: number,
): string {
  return quoteServer(
    secrets.reduce((safe, secret) => blotKey(safe, secret), text),
    apiKey,
    limit,
  );
}

function clip(text: string, limit: number): string {
  const short = text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
  return short.toWellFormed();
}
