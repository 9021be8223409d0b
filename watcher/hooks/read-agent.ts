/**
 * The agent that a configuration names: by reference, or by khook's id; checked, and bound to what it is allowed for.
 *
 * Pure; a name that cannot be asked is refused with a sentence.
 */
import type { AskedAgent } from '../../workflows/contract/asked-agent.ts';
import type { EventConfiguration } from '../../workflows/contract/hook.ts';
import type { ConfigurationContext, HookProblem } from './hook-problem.ts';

type AgentReading = { agent: AskedAgent } | { problem: HookProblem };

/** Undoubted, allowed, and of names as Kubernetes gives them. */
export function readAgent(configuration: Named, context: ConfigurationContext): AgentReading {
  const named = namedAgent(configuration, context.namespace);
  if ('problem' in named) return named;
  const problem = whyNotAgent(named.agent, context);
  return problem === undefined ? { agent: boundAgent(named.agent, context) } : { problem };
}

type Named = Pick<EventConfiguration, 'agentRef' | 'agentId'>;

function namedAgent({ agentRef, agentId }: Named, hookNamespace: string): AgentReading {
  const byRef = agentRef && { name: agentRef.name, namespace: agentRef.namespace || hookNamespace };
  const byId = agentId === undefined ? undefined : agentOfId(agentId, hookNamespace);
  if (byId?.name === '') {
    const message = `agentId "${String(agentId)}" names no agent; expected NAME or NAMESPACE/NAME.`;
    return { problem: { reason: 'AgentMissing', message } };
  }
  const agent = byRef ?? byId;
  if (agent === undefined) {
    const message = 'neither agentRef nor agentId is set; expected agentRef.name.';
    return { problem: { reason: 'AgentMissing', message } };
  }
  return byId === undefined || isSameAgent(agent, byId) ? { agent } : ambiguous(agent, byId);
}

/** Agents are objects of Kubernetes; what has another form may mean another path to whoever is asked for it. */
function isKubernetesName({ namespace, name }: AskedAgent): boolean {
  const label = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';
  const isLabel = new RegExp(`^${label}$`);
  const isSubdomain = new RegExp(`^${label}(\\.${label})*$`);
  return isLabel.test(namespace) && name.length <= 253 && isSubdomain.test(name);
}

function whyNotAgent(agent: AskedAgent, { reach }: ConfigurationContext): HookProblem | undefined {
  if (!isKubernetesName(agent)) return noName(agent);
  return reach.allowsAgent(agent) ? undefined : notAllowed(agent);
}

function noName({ namespace, name }: AskedAgent): HookProblem {
  const message = `agent ${namespace}/${name} has no names as Kubernetes gives them; expected lower case letters, digits and dashes.`;
  return { reason: 'AgentNameInvalid', message };
}

function notAllowed({ namespace, name }: AskedAgent): HookProblem {
  const message = `agent ${namespace}/${name} is not among those that AGENTS_ALLOW of the controller lets Hooks name.`;
  return { reason: 'AgentNotAllowed', message };
}

/** Where it is allowed for its namespace's sake, the worker must not send its name alone. */
function boundAgent(agent: AskedAgent, { reach }: ConfigurationContext): AskedAgent {
  return reach.isBoundToNamespace(agent) ? { ...agent, boundToNamespace: true } : agent;
}

function isSameAgent(one: AskedAgent, other: AskedAgent): boolean {
  return one.name === other.name && one.namespace === other.namespace;
}

function ambiguous(byRef: AskedAgent, byId: AskedAgent): AgentReading {
  const message = `agentRef names ${byRef.namespace}/${byRef.name}, agentId ${byId.namespace}/${byId.name}; expected one agent.`;
  return { problem: { reason: 'AgentAmbiguous', message } };
}

function agentOfId(agentId: string, hookNamespace: string): AskedAgent {
  const slash = agentId.indexOf('/');
  if (slash < 0) return { namespace: hookNamespace, name: agentId };
  return { namespace: agentId.slice(0, slash) || hookNamespace, name: agentId.slice(slash + 1) };
}
