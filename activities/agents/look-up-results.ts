/**
 * Results of looking up agents and platforms, in the words that every protocol uses. Pure.
 */
import type { LookUpResult } from '../../workflows/contract/agent-check.ts';
import { deliveryReasons } from '../../workflows/contract/outcome.ts';
import { DeliveryError } from './delivery-error.ts';

export function agentFound(agent: string): LookUpResult {
  return { status: 'True', reason: 'AgentFound', message: `Kagent knows the agent ${agent}.` };
}

export function agentMissing(agent: string): LookUpResult {
  const message = `Kagent does not know the agent ${agent}. ${deliveryReasons.AgentNotFound.hint}`;
  return { status: 'False', reason: 'AgentNotFound', message };
}

export function agentReady(agent: string, isReady: boolean | undefined): LookUpResult | undefined {
  if (isReady === undefined) return undefined;
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
export function notAsked(error: unknown): LookUpResult {
  const { reason, message } = failureOf(error);
  return { status: reason === 'AgentNotAllowed' ? 'False' : 'Unknown', reason, message };
}

/** The same for the platform: what is away or broken is not reachable, what refuses us is unknown. */
export function notReached(error: unknown): LookUpResult {
  const { reason, message } = failureOf(error);
  const isAway = ['ConnectionFailed', 'TimedOut', 'AgentUnavailable', 'EndpointNotFound'].includes(reason);
  return { status: isAway ? 'False' : 'Unknown', reason, message };
}

function failureOf(error: unknown): { reason: string; message: string } {
  if (!(error instanceof DeliveryError)) throw error;
  const said = error.message.replace(/^Agent "[^"]*" could not be asked( \([^)]*\))?: /, '');
  return { reason: error.reason, message: `Kagent could not be asked: ${said}`.slice(0, 1_000) };
}
