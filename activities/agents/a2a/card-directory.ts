/**
 * The questions where an agent is known by its card alone: Kagent 1.x, and other A2A agents.
 *
 * Whether an agent can work now is told only by Kagent 1.x, and only when it has no revision yet (409).
 */
import type { Verdict } from '../../../workflows/contract/agent-check.ts';
import type { AgentDirectory, AgentVerdict } from '../directory.ts';
import { nameOf } from '../http/agent-path.ts';
import type { Reply, Wire } from '../http/exchange.ts';
import type { AgentName } from '../port.ts';
import { agentFound, agentMissing, agentReady, notAsked, notReached } from '../verdicts.ts';
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

  async function reach(signal: AbortSignal, [agent]: readonly AgentName[] = []): Promise<Verdict> {
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

  async function find(agent: AgentName, signal: AbortSignal): Promise<AgentVerdict> {
    const name = nameOf(agent);
    try {
      const reply = await fetchCard(agent, signal);
      if (readCard(reply) !== undefined) return { verdict: agentFound(name) };
      if (reply.status === 404) return { verdict: agentMissing(name) };
      const ready = agentReady(name, false);
      if (reply.status === 409 && ready !== undefined) return { verdict: agentFound(name), ready };
      throw replyError(reply, 'with something that is no agent card');
    } catch (error) {
      signal.throwIfAborted();
      return { verdict: notAsked(error) };
    }
  }

  return { reach, find };
}
