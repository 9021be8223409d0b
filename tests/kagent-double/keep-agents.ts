/**
 * The agents of the cluster that the double stands for: which exist, which were deleted, and the process of each.
 *
 * Read by the controllers, changed by tests.
 */
import { type Agent, type AgentDependencies, type AgentProcess, createAgent, killAgent } from './agent-process.ts';
import { type DoubleAgent, defaultRuntime } from './options.ts';

export interface Agents {
  /** The process of an Agent object that exists. */
  find: (namespace: string, name: string) => AgentProcess | undefined;
  list: () => AgentProcess[];
  kill: (namespace: string, name: string) => void;
  start: (namespace: string, name: string) => void;
  /** Deletes the Agent object; what its process does goes on. */
  remove: (namespace: string, name: string) => void;
  killAll: () => void;
}

interface AgentsOptions {
  agents: readonly DoubleAgent[];
  anyAgent: boolean;
  dependencies: AgentDependencies;
}

export function keepAgents({ agents, anyAgent, dependencies }: AgentsOptions): Agents {
  const processes = new Map<string, AgentProcess>();
  const removed = new Set<string>();

  function add(agent: DoubleAgent): AgentProcess {
    const process = createAgent(withDefaults(agent), dependencies);
    processes.set(`${agent.namespace}/${agent.name}`, process);
    return process;
  }

  function find(namespace: string, name: string): AgentProcess | undefined {
    const key = `${namespace}/${name}`;
    if (removed.has(key)) return undefined;
    return processes.get(key) ?? (anyAgent ? add({ namespace, name }) : undefined);
  }

  function withDefaults(agent: DoubleAgent): Agent {
    const runtime = defaultRuntime(dependencies.release);
    return { runtime, replicas: 1, accepted: true, deploymentReady: true, ...agent };
  }

  function require(namespace: string, name: string): AgentProcess {
    const process = find(namespace, name) ?? processes.get(`${namespace}/${name}`);
    if (process === undefined) throw new Error(`The double has no agent ${namespace}/${name}.`);
    return process;
  }

  for (const agent of agents) add(agent);
  return {
    find,
    list: () => [...processes].filter(([key]) => !removed.has(key)).map(([, process]) => process),
    kill: (namespace, name) => killAgent(require(namespace, name)),
    start(namespace, name) {
      require(namespace, name).isUp = true;
    },
    remove(namespace, name) {
      require(namespace, name);
      removed.add(`${namespace}/${name}`);
    },
    killAll: () => processes.forEach(killAgent),
  };
}
