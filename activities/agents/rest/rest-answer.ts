/**
 * Sorts the answer of the REST protocol: the agent run that was started, or the reason why there is none.
 *
 * Pure. A status alone never counts as a started run: Kagent versions without this endpoint answer every path with a bare 200.
 */
import { z } from 'zod';
import type { AgentRun } from '../../../workflows/contract/agent-run.ts';
import type { DeliveryReason } from '../../../workflows/contract/outcome.ts';
import { type Asked, deliveryError, quoteServer } from '../http/describe-failure.ts';
import { namedRetryAfterMs, retryAfterMs } from '../http/retry-after.ts';

export interface RestAnswer {
  status: number;
  contentType: string | null;
  retryAfter: string | null;
  /** Empty where the body of an error could not be read; the status then speaks alone. */
  text: string;
}

export interface Reading {
  asked: Asked;
  nowMs: number;
  /** A share of 0 to 0.2, see `retryAfterMs`. */
  jitter: number;
}

/** Characters; the longest id that a Hook's status has room for. The run counts as started in any case. */
const executionIdLimit = 253;

const optionalText = z.string().optional().catch(undefined);

const Accepted = z.object({
  success: z.literal(true),
  executionId: z.string().trim().min(1),
  message: optionalText,
  estimatedDuration: optionalText,
});

const Refused = z.object({ success: z.literal(false), message: optionalText, error: optionalText });

const ErrorBody = z.object({ error: optionalText, message: optionalText, retry_after: z.unknown().optional() });

const reasonOfStatus: Partial<Record<number, DeliveryReason>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  408: 'TimedOut',
  425: 'AgentUnavailable',
  429: 'RateLimited',
};

/** Returns the agent run, or throws a `DeliveryError`. */
export function sortAnswer(answer: RestAnswer, reading: Reading): AgentRun {
  if (answer.status < 200 || answer.status > 299) throw refusalOf(answer, reading);
  const json = jsonOf(answer);
  const accepted = Accepted.safeParse(json);
  if (accepted.success) return agentRunOf(accepted.data, reading.asked.apiKey);
  const { asked } = reading;
  const refused = Refused.safeParse(json);
  if (refused.success) {
    const said = quoted(refused.data, asked.apiKey);
    throw deliveryError(asked, { reason: 'AgentRefused', found: `the server answered success: false${said}` });
  }
  throw deliveryError(asked, {
    reason: 'MalformedAnswer',
    found: `the server answered ${answer.status} ${flawOf(answer, asked.apiKey)}`,
  });
}

function refusalOf(answer: RestAnswer, { asked, nowMs, jitter }: Reading): Error {
  const body = ErrorBody.safeParse(jsonOf(answer)).data;
  const reason = reasonOf(answer.status, body?.error);
  const wait = { body: body?.retry_after, header: answer.retryAfter, nowMs, jitter };
  return deliveryError(asked, {
    reason,
    found: `the server answered ${answer.status}${quoted(body, asked.apiKey)}`,
    retryAfterMs: reason === 'RateLimited' ? retryAfterMs(wait) : namedRetryAfterMs(wait),
  });
}

function reasonOf(status: number, word: string | undefined): DeliveryReason {
  if (status >= 500) return 'AgentUnavailable';
  if (status < 400) return 'Redirected';
  if (status === 404) return word === 'agent_not_found' ? 'AgentNotFound' : 'EndpointNotFound';
  return reasonOfStatus[status] ?? 'RequestRejected';
}

function agentRunOf(accepted: z.infer<typeof Accepted>, apiKey: string): AgentRun {
  const { executionId, message, estimatedDuration } = accepted;
  return {
    executionId: quoteServer(executionId, apiKey, executionIdLimit),
    ...(message !== undefined && { message: quoteServer(message, apiKey) }),
    ...(estimatedDuration !== undefined && { estimatedDuration: quoteServer(estimatedDuration, apiKey) }),
  };
}

function quoted(
  body: { message?: string | undefined; error?: string | undefined } | undefined,
  apiKey: string,
): string {
  const text = quoteServer(body?.message || body?.error || '', apiKey);
  return text === '' ? '' : ` ${JSON.stringify(text)}`;
}

/** What the body of a 2xx lacks; its text is not quoted, since it was not written by the API. */
function flawOf(answer: RestAnswer, apiKey: string): string {
  if (answer.text.trim() === '') return 'with an empty body';
  if (!isJson(answer.contentType))
    return `with content type ${typeOf(answer.contentType, apiKey)}, not application/json`;
  if (jsonOf(answer) === undefined) return 'with a body that is not JSON';
  return 'without success: true and an executionId';
}

function jsonOf({ contentType, text }: RestAnswer): unknown {
  if (!isJson(contentType)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isJson(contentType: string | null): boolean {
  return /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(contentType ?? '');
}

function typeOf(contentType: string | null, apiKey: string): string {
  return /^[\w.+/[\]-]{1,60}/.exec(quoteServer(contentType ?? '', apiKey))?.[0] ?? 'unknown';
}
