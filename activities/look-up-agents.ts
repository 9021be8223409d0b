/**
 * Asks the agent platform about all agents of a round, several at once.
 *
 * Always ends with a result for each agent; what went wrong is part of the result.
 */
import { Context } from '@temporalio/activity';
import type { AgentCheck, AgentCheckRequest, CheckedAgent } from '../workflows/contract/agent-check.ts';
import type { AgentDirectory } from './agents/directory.ts';

/** Questions at once: enough to be quick, few enough not to look like an attack. */
const atOnce = 5;

export function createLookUpAgents(directory: AgentDirectory): (request: AgentCheckRequest) => Promise<AgentCheck> {
  return async function lookUpAgents({ agents }) {
    const signal = Context.current().cancellationSignal;
    const reachable = await directory.reach(signal, agents);
    const checked: CheckedAgent[] = [];
    const left = agents.values();
    const ask = async (): Promise<void> => {
      for (const agent of left) {
        const { namespace, name } = agent;
        checked.push({ namespace, name, ...(await directory.find(agent, signal)) });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, ask));
    return { reachable, agents: checked };
  };
}
