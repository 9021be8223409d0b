/**
 * The activities that the worker registers; the only place where they meet their dependencies.
 *
 * Called by the worker's main. The workflow imports the type alone.
 */
import type { Incident } from '../workflows/contract/incident.ts';
import type { AgentDirectory } from './agents/directory.ts';
import type { AgentPort } from './agents/port.ts';
import { type CallAgentDependencies, createCallAgent } from './call-agent.ts';
import { createDescribeRequest } from './describe-request.ts';
import { createLookUpAgents } from './look-up-agents.ts';
import { renderPrompt } from './render-prompt.ts';

export type Activities = ReturnType<typeof createActivities>;

/** The activities by the names under which Temporal knows them. */
export interface ActivityDependencies extends CallAgentDependencies {
  agent: AgentPort;
  directory: AgentDirectory;
}

export function createActivities(dependencies: ActivityDependencies) {
  return {
    renderPrompt: async (incident: Incident) => renderPrompt(incident), // Temporal takes only what returns a promise
    callAgent: createCallAgent(dependencies),
    describeRequest: createDescribeRequest(dependencies.agent),
    lookUpAgents: createLookUpAgents(dependencies.directory),
  };
}
