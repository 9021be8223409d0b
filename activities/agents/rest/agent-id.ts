/**
 * What an agent is called in the REST API: its name, or its namespace and name where the operator's Kagent wants both.
 *
 * Used for running agents, for looking them up, and for the label of the metrics. Pure; encodes nothing.
 */
export const agentIdForms = ['name', 'namespace/name'] as const;
export type AgentIdForm = (typeof agentIdForms)[number];

export function agentIdOf(agent: { namespace: string; name: string }, form: AgentIdForm = 'name'): string {
  return form === 'name' ? agent.name : `${agent.namespace}/${agent.name}`;
}
