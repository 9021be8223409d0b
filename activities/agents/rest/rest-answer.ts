/**
 * Sorts the answer of the REST protocol: the agent run that was started, or the reason why there is none.
 *
 * Pure. A status alone never counts as a started run: Kagent versions without this endpoint answer every path with a bare 200.
 */
import { z } from 'zod';
import type { AgentRun } from '../../../workflows/contract/agent-run.ts';
import { deliveryError, quote } from '../http/describe-failure.ts';
import type { Reply } from '../http/exchange.ts';
import { type Clock, reasonOfStatus, retryAfterMs } from '../http/sort-status.ts';

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

export function sortAnswer(reply: Reply, clock: Clock): AgentRun {
  if (reply.status < 200 || reply.status > 299) throw refusalOf(reply, clock);
  const { asked, status } = reply;
  const json = jsonOf(reply);
  const accepted = Accepted.safeParse(json);
  if (accepted.success) return agentRunOf(accepted.data, asked.secrets);
  const refused = Refused.safeParse(json);
  if (refused.success) {
    const said = quoted(refused.data, asked.secrets);
    throw deliveryError(asked, { reason: 'AgentRefused', found: `the server answered success: false${said}` });
  }
  throw deliveryError(asked, { reason: 'MalformedAnswer', found: `the server answered ${status} ${flawOf(reply)}` });
}

function refusalOf(reply: Reply, clock: Clock): Error {
  const { asked, status } = reply;
  const body = ErrorBody.safeParse(jsonOf(reply)).data;
  const isOfAgent = status === 404 && body?.error === 'agent_not_found';
  const reason = isOfAgent ? 'AgentNotFound' : reasonOfStatus(status);
  return deliveryError(asked, {
    reason,
    found: `the server answered ${status}${quoted(body, asked.secrets)}`,
    retryAfterMs: retryAfterMs(reason, { body: body?.retry_after, header: reply.retryAfter, ...clock }),
  });
}

function agentRunOf(accepted: z.infer<typeof Accepted>, secrets: readonly string[]): AgentRun {
  const { executionId, message, estimatedDuration } = accepted;
  return {
    executionId: quote(executionId, secrets, executionIdLimit),
    ...(message !== undefined && { message: quote(message, secrets) }),
    ...(estimatedDuration !== undefined && { estimatedDuration: quote(estimatedDuration, secrets) }),
  };
}

function quoted(
  body: { message?: string | undefined; error?: string | undefined } | undefined,
  secrets: readonly string[],
): string {
  const text = quote(body?.message || body?.error || '', secrets);
  return text === '' ? '' : ` ${JSON.stringify(text)}`;
}

/** What the body of a 2xx lacks; its text is not quoted, since it was not written by the API. */
function flawOf({ contentType, text, json, asked }: Reply): string {
  if (text.trim() === '') return 'with an empty body';
  if (!isJson(contentType)) {
    const type = /^[\w.+/[\]-]{1,60}/.exec(quote(contentType, asked.secrets))?.[0] ?? 'unknown';
    return `with content type ${type}, not application/json`;
  }
  return json === undefined ? 'with a body that is not JSON' : 'without success: true and an executionId';
}

function jsonOf({ contentType, json }: Reply): unknown {
  return isJson(contentType) ? json : undefined;
}

function isJson(contentType: string): boolean {
  return /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(contentType);
}
