/**
 * The ids of one agent run on the wire, made from its key and its agent: the same for every try, and for no other run. Pure.
 *
 * A Kagent context belongs to one agent (transcript 25), so the agent is part of it.
 */
import { v5 as uuidv5 } from 'uuid';
import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';

export interface RunIds {
  contextId: string;
  messageId: string;
}

/** `idempotencyKey` is a UUID. */
export function runIdsOf({ namespace, name }: AskedAgent, idempotencyKey: string): RunIds {
  const contextId = uuidv5(`${namespace}/${name}`.toWellFormed(), idempotencyKey);
  return { contextId, messageId: uuidv5('1', contextId) };
}
