/**
 * The questions about agents that change nothing: does the platform answer, does this agent exist, can it work?
 *
 * An adapter asks once and answers with a result; it never throws for what a server does. What a platform does not say is
 * Unknown.
 */
import type { LookUpResult } from '../../workflows/contract/agent-check.ts';
import type { AgentName } from './port.ts';

/** What was found out about one agent. */
export interface AgentLookUp {
  /** Whether the platform knows it. */
  known: LookUpResult;
  /** Whether it can work; left out where the platform does not say. */
  ready?: LookUpResult;
}

export interface AgentDirectory {
  /** Whether the platform answers; `agents` are some that can be asked about. */
  reach(signal: AbortSignal, agents?: readonly AgentName[]): Promise<LookUpResult>;
  find(agent: AgentName, signal: AbortSignal): Promise<AgentLookUp>;
}
