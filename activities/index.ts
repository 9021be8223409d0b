/**
 * The activities that the worker registers; the only place where they meet their dependencies.
 *
 * Called by the worker's main. The workflow imports the type alone.
 */
import type { Incident } from '../workflows/contract/incident.ts';
import { type CallAgentDependencies, createCallAgent } from './call-agent.ts';
import { renderPrompt } from './render-prompt.ts';

export type Activities = ReturnType<typeof createActivities>;

/** The activities by the names under which Temporal knows them. */
export function createActivities(dependencies: CallAgentDependencies) {
  return {
    renderPrompt: async (incident: Incident) => renderPrompt(incident), // Temporal takes only what returns a promise
    callAgent: createCallAgent(dependencies),
  };
}
