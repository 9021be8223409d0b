/**
 * What an agent is called in the REST API: its name, or its namespace and name where the operator's Kagent wants both.
 *
 * Pure; encodes nothing.
 */
import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';
import { nameOf } from '../http/agent-path.ts';
import { unsentError } from '../http/describe-failure.ts';

export const agentIdForms = ['name', 'namespace/name'] as const;
export type AgentIdForm = (typeof agentIdForms)[number];

/** Throws `AgentNotAllowed` for an agent that is allowed by its namespace, where its name alone would be sent. */
export function agentIdOf(agent: AskedAgent, form: AgentIdForm = 'name'): string {
  if (form !== 'name') return nameOf(agent);
  if (agent.boundToNamespace !== true) return agent.name;
  const found = 'AGENTS_ALLOW allows it by its namespace, and KAGENT_AGENT_ID=name sends none';
  throw unsentError(agent.name, 'AgentNotAllowed', found);
}
