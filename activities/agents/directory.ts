/**
 * The questions about agents that change nothing: does the platform answer, does this agent exist, can it work?
 *
 * An adapter asks once; what a platform does not say is Unknown.
 */
import type { LookUpResult } from '../../workflows/contract/agent-check.ts';
import type { AskedAgent } from '../../workflows/contract/asked-agent.ts';
import { notAsked, notReached } from './look-up-results.ts';

/** What was found out about one agent. */
export interface AgentLookUp {
  /** Whether the platform knows it. */
  known: LookUpResult;
  /** Whether it can work; left out where the platform does not say. */
  ready?: LookUpResult;
}

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
        signal.throwIfAborted();
        return notReached(error);
      }
    },
    async find(agent, signal) {
      try {
        return await find(agent, signal);
      } catch (error) {
        signal.throwIfAborted();
        return { known: notAsked(error) };
      }
    },
  };
}
