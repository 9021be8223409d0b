/**
 * What a send has started: an agent run with the ids by which it is found again, or one that has ended already. Pure.
 *
 * Ids on the wire are made from the run's key and its agent: the same for every try, and for no other run.
 */
import { v5 as uuidv5 } from 'uuid';
import type { AgentRun, Protocol } from '../../../workflows/contract/agent-run.ts';
import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';
import { deliveryReasons } from '../../../workflows/contract/outcome.ts';
import { inertLine } from '../../../workflows/contract/plain/inert-text.ts';
import { DeliveryError } from '../delivery-error.ts';
import { readMessage, readRun } from './read-run.ts';
import { readSendResult } from './task.ts';

export interface RunIds {
  contextId: string;
  messageId: string;
}

/** `idempotencyKey` is a UUID. A Kagent context belongs to one agent (transcript 25), so the agent is part of it. */
export function runIdsOf({ namespace, name }: AskedAgent, idempotencyKey: string): RunIds {
  const contextId = uuidv5(`${namespace}/${name}`.toWellFormed(), idempotencyKey);
  return { contextId, messageId: uuidv5('1', contextId) };
}

/** Characters; a Hook's status has room for so many. */
const idLimit = 253;

const clip = (id: string) => id.slice(0, idLimit).toWellFormed();

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
    const ending = readMessage(started.message, redact);
    return { executionId: inertLine(messageId, idLimit) || 'message', protocol, ...contextOf(contextId), ending };
  }
  const { id, contextId } = started.task;
  const reading = readRun(started.task, redact);
  return {
    executionId: clip(id),
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
  return contextId ? { contextId: clip(contextId) } : {};
}
