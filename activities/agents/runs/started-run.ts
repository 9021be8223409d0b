/**
 * What a send has started: an agent run with the ids by which it is found again, or one that has ended already. Pure.
 */
import type { AgentRun, Protocol } from '../../../workflows/contract/agent-run.ts';
import { deliveryReasons } from '../../../workflows/contract/outcome.ts';
import { inertLine } from '../../../workflows/contract/plain/inert-text.ts';
import { DeliveryError } from '../delivery-error.ts';
import { readMessage, readRun } from './read-run.ts';
import type { RunIds } from './run-ids.ts';
import { readSendResult } from './task.ts';

/** Characters; a Hook's status has room for so many. */
const idLimit = 253;

/** Throws `MalformedAnswer` for a result that is neither a task nor a message. */
export function startedRun(result: unknown, protocol: Protocol, redact: (text: string) => string): AgentRun {
  const started = readSendResult(result);
  if (started === undefined) {
    throw new DeliveryError(
      'MalformedAnswer',
      `The agent answered with neither a task nor a message. ${deliveryReasons.MalformedAnswer.hint}`,
    );
  }
  if ('message' in started) {
    const { messageId, contextId } = started.message;
    const executionId = inertLine(messageId, idLimit) || 'message';
    return { executionId, protocol, ...contextOf(contextId), ending: readMessage(started.message, redact) };
  }
  const { id, contextId } = started.task;
  const reading = readRun(started.task, redact);
  return {
    executionId: id.slice(0, idLimit).toWellFormed(),
    protocol,
    ...contextOf(contextId),
    ...(reading.state === 'ended' && { ending: reading.ending }),
  };
}

/** A send whose answer was lost, to an agent that can neither be asked for it nor be sent it twice. */
export function unknownRun(protocol: Protocol, { messageId, contextId }: RunIds): AgentRun {
  const why =
    'The answer to the request was lost, and this agent can neither be asked what it started nor be sent the same again.';
  return { executionId: messageId, protocol, contextId, ending: { outcome: 'AgentRunUnknown', why } };
}

function contextOf(contextId: string | null | undefined): Pick<AgentRun, 'contextId'> {
  return contextId === undefined || contextId === null || contextId === ''
    ? {}
    : { contextId: contextId.slice(0, idLimit).toWellFormed() };
}
