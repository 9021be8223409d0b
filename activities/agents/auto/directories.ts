/**
 * The questions about agents, each asked in the protocol that the endpoint speaks.
 */
import type { Protocol } from '../../../workflows/contract/agent-run.ts';
import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';
import { createCardDirectory } from '../a2a/card-directory.ts';
import { cardAddress } from '../a2a/generic.ts';
import { type AgentDirectory, answerAlways } from '../directory.ts';
import { agentPath } from '../http/agent-path.ts';
import type { Wire } from '../http/exchange.ts';
import { createKagent0Directory } from '../kagent/kagent-0-directory.ts';
import type { RestWireDependencies } from '../rest/rest.ts';
import { createRestDirectory } from '../rest/rest-directory.ts';
import type { Chooser } from './choose-protocol.ts';

export interface DirectoriesDependencies extends RestWireDependencies {
  wire: Wire;
  chooser: Chooser;
}

/** Any name will do to find out how an endpoint is spoken to. */
const anyAgent: AskedAgent = { namespace: 'kagent', name: 'kagent' };

export function createDirectories(dependencies: DirectoriesDependencies): AgentDirectory {
  const { wire, chooser } = dependencies;
  const directories: Record<Protocol, AgentDirectory> = {
    rest: createRestDirectory(dependencies),
    'kagent-0': createKagent0Directory(wire),
    'kagent-1': createCardDirectory(wire, (agent) => ({ path: agentPath('/agents', agent) })),
    a2a: createCardDirectory(wire, (agent) => cardAddress(agent, wire.readCredentials().baseUrl)),
  };

  async function directoryFor(agent: AskedAgent, signal: AbortSignal): Promise<AgentDirectory> {
    return directories[(await chooser.choose(agent, signal)).protocol];
  }

  return answerAlways({
    reach: async (signal, agents = []) => {
      // By preference through one about whom anything may be sent.
      const named = agents.toSorted(
        (a, b) => Number(a.boundToNamespace ?? false) - Number(b.boundToNamespace ?? false),
      );
      return (await directoryFor(named[0] ?? anyAgent, signal)).reach(signal, named);
    },
    find: async (agent, signal) => (await directoryFor(agent, signal)).find(agent, signal),
  });
}
