/**
 * The questions about agents that change nothing: does the platform answer, does this agent exist?
 *
 * Called by lookUpAgents. An adapter asks once and answers with a verdict; it never throws for what a server does.
 */
import type { Verdict } from '../../workflows/contract/agent-check.ts';

export interface AgentDirectory {
  /** Whether the platform answers. */
  reach(signal: AbortSignal): Promise<Verdict>;
  /** Whether it knows this agent. */
  find(agent: { namespace: string; name: string }, signal: AbortSignal): Promise<Verdict>;
}
