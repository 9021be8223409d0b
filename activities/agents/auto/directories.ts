/**
 * The questions about agents, each asked in the protocol that the endpoint speaks.
 */
import type { Protocol } from '../../../workflows/contract/agent-run.ts';
import { createCardDirectory } from '../a2a/card-directory.ts';
import { basePathOf } from '../a2a/generic.ts';
import type { AgentDirectory } from '../directory.ts';
import { agentPath } from '../http/agent-path.ts';
import type { Wire } from '../http/exchange.ts';
import { createKagent0Directory } from '../kagent/kagent-0-directory.ts';
import { notAsked, notReached } from '../look-up-results.ts';
import type { AgentName } from '../port.ts';
import { createRestDirectory, type RestDirectoryDependencies } from '../rest/rest-directory.ts';
import type { Chooser } from './choose-protocol.ts';

export interface DirectoriesDependencies extends RestDirectoryDependencies {
  wire: Wire;
  chooser: Chooser;
}

/** Any name will do to find out how an endpoint is spoken to. */
const anyAgent: AgentName = { namespace: 'kagent', name: 'kagent' };

export function createDirectories(dependencies: DirectoriesDependencies): AgentDirectory {
  const { wire, chooser } = dependencies;
  const directories: Record<Protocol, AgentDirectory> = {
    rest: createRestDirectory(dependencies),
    'kagent-0': createKagent0Directory(wire),
    'kagent-1': createCardDirectory(wire, (agent) => ({ path: agentPath('/agents', agent), isFromOrigin: false })),
    a2a: createCardDirectory(wire, (agent) => ({
      path: basePathOf(agent, wire.readCredentials().baseUrl),
      isFromOrigin: true,
    })),
  };

  async function directoryFor(agent: AgentName, signal: AbortSignal): Promise<AgentDirectory> {
    return directories[(await chooser.choose(agent, signal)).protocol];
  }

  return {
    async reach(signal, agents = []) {
      // By preference through one about whom anything may be sent.
      const named = agents.toSorted(
        (a, b) => Number(a.boundToNamespace ?? false) - Number(b.boundToNamespace ?? false),
      );
      try {
        return await (await directoryFor(named[0] ?? anyAgent, signal)).reach(signal, named);
      } catch (error) {
        signal.throwIfAborted();
        return notReached(error);
      }
    },
    async find(agent, signal) {
      try {
        return await (await directoryFor(agent, signal)).find(agent, signal);
      } catch (error) {
        signal.throwIfAborted();
        return { known: notAsked(error) };
      }
    },
  };
}
