/**
 * The sentences of a failed try: what was asked, what came back, what a person can do.
 *
 * Whatever a server wrote is quoted only after the secrets were redacted in it: a server may send back what it was sent.
 */
import { type DeliveryReason, deliveryReasons } from '../../../workflows/contract/outcome.ts';
import { DeliveryError, type DeliveryHints } from '../delivery-error.ts';
import { redactAll } from './redact-key.ts';

/** What was asked, as far as a message may say it; `secrets` only to redact them. */
export interface Asked {
  agent: string;
  method: string;
  /** As the caller gave it. */
  path: string;
  secrets: readonly string[];
}

export interface FailedTry extends DeliveryHints {
  reason: DeliveryReason;
  /** What came back, a clause without a full stop. */
  found: string;
}

/** Characters; Temporal cuts a failure's text at 4 KiB, and people read the first line. */
const quoteLimit = 300;

/** The error of one failed try, as `Agent "x" could not be asked (POST /…): what came back. What to do.` */
export function deliveryError({ agent, method, path }: Omit<Asked, 'secrets'>, failed: FailedTry): DeliveryError {
  return errorOf(`${subject(agent)} (${method} ${clip(path, quoteLimit)})`, failed);
}

/** The error of a try that ended before anything was sent to the agent. */
export function unsentError(agent: string, reason: DeliveryReason, found: string): DeliveryError {
  return errorOf(subject(agent), { reason, found, mayHaveStarted: false });
}

/** What came back and what to do, without the agent and the request. */
export function withoutSubject({ message }: DeliveryError): string {
  return message.replace(/^Agent "[^"]*" could not be asked( \([^)]*\))?: /, '');
}

function subject(agent: string): string {
  return `Agent ${JSON.stringify(clip(agent, quoteLimit))} could not be asked`;
}

function errorOf(what: string, { reason, found, ...hints }: FailedTry): DeliveryError {
  return new DeliveryError(reason, `${what}: ${found}. ${deliveryReasons[reason].hint}`, hints);
}

/** Text of the server on one line, without the secrets, at most `limit` characters. */
export function quote(text: string, secrets: readonly string[], limit: number = quoteLimit): string {
  // Redacted before it is cut: a key at the cut would be halved, not gone.
  return clip(
    redactAll(text, secrets)
      .replaceAll(/[\s\p{Cc}]+/gu, ' ')
      .trim(),
    limit,
  );
}

function clip(text: string, limit: number): string {
  const short = text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
  return short.toWellFormed();
}
