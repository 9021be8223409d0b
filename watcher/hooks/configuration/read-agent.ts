/**
 * The agent that a configuration names: by reference, or by khook's id; checked, and bound to what it is allowed for.
 *
 * Pure; a name that cannot be asked is refused with a sentence.
 */
import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';
import type { EventConfiguration } from '../../../workflows/contract/hook.ts';
import { type ConfigurationContext, type Refused, refuse } from '../hook-problem.ts';

type AgentReading = { agent: AskedAgent } | Refused;

/** Undoubted, allowed, and of names as Kubernetes gives them. */
export function readAgent(configuration: Named, { namespace, reach }: ConfigurationContext): AgentReading {
  const named = namedAgent(configuration, namespace);
  if ('problem' in named) return named;
  const { agent } = named;
  const path = pathOf(agent);
  if (!isKubernetesName(agent)) {
    return refuse(
      'AgentNameInvalid',
      `agent ${path} has no names as Kubernetes gives them; expected lower case letters, digits and dashes.`,
    );
  }
  if (!reach.allowsAgent(agent)) {
    return refuse(
      'AgentNotAllowed',
      `agent ${path} is not among those that AGENTS_ALLOW of the controller lets Hooks name.`,
    );
  }
  // Where it is allowed for its namespace's sake, the worker must not send its name alone.
  return { agent: reach.isBoundToNamespace(agent) ? { ...agent, boundToNamespace: true } : agent };
}

type Named = Pick<EventConfiguration, 'agentRef' | 'agentId'>;

function namedAgent({ agentRef, agentId }: Named, hookNamespace: string): AgentReading {
  const byRef = agentRef && { name: agentRef.name, namespace: agentRef.namespace || hookNamespace };
  const byId = agentId === undefined ? undefined : agentOfId(agentId, hookNamespace);
  if (byId?.name === '') {
    return refuse('AgentMissing', `agentId "${agentId}" names no agent; expected NAME or NAMESPACE/NAME.`);
  }
  const agent = byRef ?? byId;
  if (agent === undefined) {
    return refuse('AgentMissing', 'neither agentRef nor agentId is set; expected agentRef.name.');
  }
  if (byId === undefined || pathOf(agent) === pathOf(byId)) return { agent };
  return refuse('AgentAmbiguous', `agentRef names ${pathOf(agent)}, agentId ${pathOf(byId)}; expected one agent.`);
}

function pathOf({ namespace, name }: AskedAgent): string {
  return `${namespace}/${name}`;
}

/** Agents are objects of Kubernetes; what has another form may mean another path to whoever is asked for it. */
function isKubernetesName({ namespace, name }: AskedAgent): boolean {
  const label = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';
  const isLabel = new RegExp(`^${label}$`);
  const isSubdomain = new RegExp(`^${label}(\\.${label})*$`);
  return isLabel.test(namespace) && name.length <= 253 && isSubdomain.test(name);
}

function agentOfId(agentId: string, hookNamespace: string): AskedAgent {
  const slash = agentId.indexOf('/');
  if (slash < 0) return { namespace: hookNamespace, name: agentId };
  return { namespace: agentId.slice(0, slash) || hookNamespace, name: agentId.slice(slash + 1) };
}
