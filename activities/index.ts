/**
 * The activities that the worker registers; the only place where they meet their dependencies.
 *
 * The workflow imports the type alone.
 */
import type { Incident } from '../workflows/contract/incident.ts';
import type { SoFar } from '../workflows/contract/plain/so-far.ts';
import type { AgentDirectory } from './agents/directory.ts';
import type { AgentPort } from './agents/port.ts';
import { createAnswerRun } from './answer-run.ts';
import { type CallAgentDependencies, createCallAgent } from './call-agent.ts';
import { createCancelRun } from './cancel-run.ts';
import { createDescribeRequest } from './describe-request.ts';
import { createFollowRun, type FollowRunDependencies } from './follow-run.ts';
import { createLookUpAgents } from './look-up-agents.ts';
import { renderPrompt } from './render-prompt.ts';

export type Activities = ReturnType<typeof createActivities>;

export interface ActivityDependencies
  extends Omit<CallAgentDependencies, 'agent' | 'runObserver'>,
    Pick<FollowRunDependencies, 'times' | 'runObserver'> {
  agent: AgentPort;
  directory: AgentDirectory;
}

/** The activities by the names under which Temporal knows them; those of the runs' own task queue are apart. */
export function createActivities(dependencies: ActivityDependencies) {
  return { ...createAskingActivities(dependencies), ...createRunActivities(dependencies) };
}

/** Short ones: their slots are what a new ask waits for. */
export function createAskingActivities(dependencies: ActivityDependencies) {
  return {
    renderPrompt: async (incident: Incident, soFar: SoFar) => renderPrompt(incident, soFar), // Temporal takes only what returns a promise
    callAgent: createCallAgent(dependencies),
    describeRequest: createDescribeRequest(dependencies.agent),
    lookUpAgents: createLookUpAgents(dependencies.directory),
    cancelRun: createCancelRun(dependencies.agent, dependencies.runObserver),
    answerRun: createAnswerRun(dependencies.agent),
  };
}

/** As long as agents think. */
export function createRunActivities(dependencies: Omit<FollowRunDependencies, 'agent'> & { agent: AgentPort }) {
  return { followRun: createFollowRun(dependencies) };
}
