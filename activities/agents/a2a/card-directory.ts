/**
 * The questions where an agent is known by its card alone: Kagent 1.x, and other A2A agents.
 *
 * Only Kagent 1.x says whether an agent can work now, and only while the agent has no revision yet (409).
 */
import type { LookUpResult } from '../../../workflows/contract/agent-check.ts';
import type { AgentDirectory, AgentLookUp } from '../directory.ts';
import { nameOf } from '../http/agent-path.ts';
import type { Reply, Wire } from '../http/exchange.ts';
import { agentFound, agentMissing, agentReady, notAsked, notReached } from '../look-up-results.ts';
import type { AgentName } from '../port.ts';
import { replyError } from './call-rpc.ts';
import { cardPath, readCard } from './card.ts';

export interface CardPlace {
  /** Path in front of that of the card. */
  path: string;
  isFromOrigin: boolean;
}

export function createCardDirectory(wire: Wire, placeOf: (agent: AgentName) => CardPlace): AgentDirectory {
  async function fetchCard(agent: AgentName, signal: AbortSignal): Promise<Reply> {
    const { path, isFromOrigin } = placeOf(agent);
    return wire.call({ agent: nameOf(agent), method: 'GET', path: `${path}${cardPath}`, isFromOrigin, signal });
  }

  async function reach(signal: AbortSignal, [agent]: readonly AgentName[] = []): Promise<LookUpResult> {
    if (agent === undefined) return { status: 'Unknown', reason: 'NotChecked', message: 'No agent is named yet.' };
    try {
      const reply = await fetchCard(agent, signal);
      if (reply.status >= 500) throw replyError(reply, '');
      const isSaid = readCard(reply) !== undefined || [400, 403, 404, 409].includes(reply.status);
      if (!isSaid) throw replyError(reply, 'with something that is no agent card');
      return { status: 'True', reason: 'Healthy', message: 'The endpoint of agents answers.' };
    } catch (error) {
      signal.throwIfAborted();
      return notReached(error);
    }
  }

  async function find(agent: AgentName, signal: AbortSignal): Promise<AgentLookUp> {
    const name = nameOf(agent);
    try {
      const reply = await fetchCard(agent, signal);
      if (readCard(reply) !== undefined) return { known: agentFound(name) };
      if (reply.status === 404) return { known: agentMissing(name) };
      const ready = agentReady(name, false);
      if (reply.status === 409 && ready !== undefined) return { known: agentFound(name), ready };
      throw replyError(reply, 'with something that is no agent card');
    } catch (error) {
      signal.throwIfAborted();
      return { known: notAsked(error) };
    }
  }

  return { reach, find };
}
