/**
 * The questions about agents that change nothing: does the platform answer, does this agent exist, can it work? And the
 * results, in the words that every protocol uses.
 *
 * An adapter asks once; what a platform does not say is Unknown.
 */
import type { CheckedAgent, LookUpResult } from '../../workflows/contract/agent-check.ts';
import type { AskedAgent } from '../../workflows/contract/asked-agent.ts';
import { deliveryReasons } from '../../workflows/contract/outcome.ts';
import { type DeliveryError, deliveryErrorIn } from './delivery-error.ts';
import { withoutSubject } from './http/describe-failure.ts';

/** Whether the platform knows an agent, and whether that can work. */
export type AgentLookUp = Omit<CheckedAgent, 'namespace' | 'name'>;

/** Never throws for what a server does. */
export interface AgentDirectory {
  /** Whether the platform answers; `agents` are some that can be asked about. */
  reach: (signal: AbortSignal, agents?: readonly AskedAgent[]) => Promise<LookUpResult>;
  find: (agent: AskedAgent, signal: AbortSignal) => Promise<AgentLookUp>;
}

/** Makes a result of every `DeliveryError` that the questions throw. */
export function answerAlways({ reach, find }: AgentDirectory): AgentDirectory {
  return {
    async reach(signal, agents) {
      try {
        return await reach(signal, agents);
      } catch (error) {
        // What is away or broken is not reachable, what refuses us is unknown.
        const away = ['ConnectionFailed', 'TimedOut', 'AgentUnavailable', 'EndpointNotFound'];
        return notAsked(deliveryErrorIn(error, signal), away);
      }
    },
    async find(agent, signal) {
      try {
        return await find(agent, signal);
      } catch (error) {
        return { verdict: notAsked(deliveryErrorIn(error, signal), ['AgentNotAllowed']) };
      }
    },
  };
}

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

/** What could not be asked is Unknown, but for these reasons. */
function notAsked(error: DeliveryError, certain: readonly string[]): LookUpResult {
  const { reason } = error;
  const message = `Kagent could not be asked: ${withoutSubject(error)}`.slice(0, 1_000);
  return { status: certain.includes(reason) ? 'False' : 'Unknown', reason, message };
}
