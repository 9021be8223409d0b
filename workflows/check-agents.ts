/**
 * One round of checks: does the agent platform answer, and does each agent that a Hook names exist?
 *
 * Started by the watcher when Hooks change and every few minutes, and by the worker when its credentials change. Ends with
 * the answer; a round that cannot be made ends as failed, and the next one tries again.
 */
import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { AgentCheck, AgentCheckRequest } from './contract/agent-check.ts';

export async function checkAgents(request: AgentCheckRequest): Promise<AgentCheck> {
  const { lookUpAgents } = proxyActivities<Pick<Activities, 'lookUpAgents'>>({
    startToCloseTimeout: '2 minutes', // every question has the worker's own timeout, several are asked at once
    scheduleToCloseTimeout: '5 minutes', // a later round knows more than a late answer
    summary: `look up ${request.agents.length} agent(s)`,
  });
  return lookUpAgents(request);
}
