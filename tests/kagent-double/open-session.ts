/**
 * Opens the session of a new run, as the agent does before it asks its model; says why it cannot.
 *
 * Sessions that exist keep their name.
 */

import type { AgentProcess } from './agent-process.ts';
import { AgentFailure } from './failures.ts';
import { agentId, type Scene } from './runtimes.ts';

/** The reason why the run fails, if it does; Go refuses what its database cannot hold. */
export function openSession({ agent, dependencies }: AgentProcess, scene: Scene, prompt: string): string | undefined {
  if (agent.runtime === 'byo' || scene.release === '1.0') return undefined;
  const { contextId, user } = scene;
  if (/[/ ]|[^\0-\x7f]/.test(contextId)) return `session not found: ${contextId}`;
  const session = dependencies.database.readSession(contextId, user);
  if (session !== undefined) return session.agentId === agentId(agent) ? undefined : foreignSession(scene);
  const name = prompt.length > 20 ? `${prompt.slice(0, 20)}...` : prompt;
  if (name.includes('\0')) return refuseNul(scene);
  dependencies.database.saveSession({ id: contextId, name, user, agentId: agentId(agent) });
  return undefined;
}

function foreignSession({ agent }: Scene): string {
  return agent.runtime === 'go'
    ? 'Session does not belong to this agent'
    : "1 validation error for Event\nauthor\n  Field required [type=missing, input_value={'Content': {'parts': [{'...': None, 'Output': None}, input_type=dict]\n    For further information visit https://errors.pydantic.dev/2.14/v/missing";
}

function refuseNul({ agent, user }: Scene): string {
  if (agent.runtime === 'go') throw new AgentFailure(-32603, 'failed to create session');
  const url = `http://127.0.0.1:18083/api/sessions?user_id=${encodeURIComponent(user)}`;
  return `Server error '500 Internal Server Error' for url '${url}'\nFor more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/500`;
}
