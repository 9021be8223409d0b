/**
 * Results of looking up agents and platforms, in the words that every protocol uses. Pure.
 */
import type { LookUpResult } from '../../workflows/contract/agent-check.ts';
import { deliveryReasons } from '../../workflows/contract/outcome.ts';
import { deliveryErrorIn } from './delivery-error.ts';
import { withoutSubject } from './http/describe-failure.ts';

export function agentFound(agent: string): LookUpResult {
  return { status: 'True', reason: 'AgentFound', message: `Kagent knows the agent ${agent}.` };
}

export function agentMissing(agent: string): LookUpResult {
  const message = `Kagent does not know the agent ${agent}. ${deliveryReasons.AgentNotFound.hint}`;
  return { status: 'False', reason: 'AgentNotFound', message };
}

export function agentReady(agent: string, isReady: boolean): LookUpResult {
  if (isReady) return { status: 'True', reason: 'AgentReady', message: `The agent ${agent} is ready.` };
  const message = `The agent ${agent} is not ready. ${deliveryReasons.AgentNotReady.hint}`;
  return { status: 'False', reason: 'AgentNotReady', message };
}

/** Nothing is sent about it, so nothing is known, but that it will not be asked. */
export function agentNotAllowed(agent: string, why: string): LookUpResult {
  const message = `The agent ${agent} is not looked up: ${why}. ${deliveryReasons.AgentNotAllowed.hint}`;
  return { status: 'False', reason: 'AgentNotAllowed', message };
}

/** What could not be asked: Unknown for an agent, but for one that never will be. */
export function notAsked(thrown: unknown): LookUpResult {
  const { reason, message } = failureOf(thrown);
  return { status: reason === 'AgentNotAllowed' ? 'False' : 'Unknown', reason, message };
}

/** The same for the platform: what is away or broken is not reachable, what refuses us is unknown. */
export function notReached(thrown: unknown): LookUpResult {
  const { reason, message } = failureOf(thrown);
  const isAway = ['ConnectionFailed', 'TimedOut', 'AgentUnavailable', 'EndpointNotFound'].includes(reason);
  return { status: isAway ? 'False' : 'Unknown', reason, message };
}

function failureOf(thrown: unknown): { reason: string; message: string } {
  const error = deliveryErrorIn(thrown);
  return { reason: error.reason, message: `Kagent could not be asked: ${withoutSubject(error)}`.slice(0, 1_000) };
}
