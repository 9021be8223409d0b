/**
 * The questions about agents that change nothing: does the platform answer, does this agent exist, can it work?
 *
 * An adapter asks once and answers with verdicts; it never throws for what a server does. What a platform does not say is
 * Unknown.
 */
import type { Verdict } from '../../workflows/contract/agent-check.ts';
import type { AgentName } from './port.ts';

/** What is known of one agent. */
export interface AgentVerdict {
  /** Whether the platform knows it. */
  verdict: Verdict;
  /** Whether it can work; left out where the platform does not say. */
  ready?: Verdict;
}

export interface AgentDirectory {
  /** Whether the platform answers; `agents` are some that can be asked about. */
  reach(signal: AbortSignal, agents?: readonly AgentName[]): Promise<Verdict>;
  find(agent: AgentName, signal: AbortSignal): Promise<AgentVerdict>;
}
