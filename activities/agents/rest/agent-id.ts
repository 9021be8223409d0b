/**
 * What an agent is called in the REST API: its name, or its namespace and name where the operator's Kagent wants both.
 *
 * Pure; encodes nothing.
 */
import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';

export const agentIdForms = ['name', 'namespace/name'] as const;
export type AgentIdForm = (typeof agentIdForms)[number];

export function agentIdOf(agent: AskedAgent, form: AgentIdForm = 'name'): string {
  return form === 'name' ? agent.name : `${agent.namespace}/${agent.name}`;
}

/** Why nothing may be sent about the agent: it is allowed by its namespace, and its name alone would be sent. */
export function unsentNamespace({ boundToNamespace }: AskedAgent, form: AgentIdForm = 'name'): string | undefined {
  if (form !== 'name' || boundToNamespace !== true) return undefined;
  return 'AGENTS_ALLOW allows it by its namespace, and KAGENT_AGENT_ID=name sends none';
}
