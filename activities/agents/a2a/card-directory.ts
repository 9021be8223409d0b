/**
 * The questions where an agent is known by its card alone: Kagent 1.x, and other A2A agents.
 *
 * Only Kagent 1.x says whether an agent can work now, and only while the agent has no revision yet (409).
 */

import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';
import { type AgentDirectory, agentFound, agentMissing, agentReady, answerAlways } from '../directory.ts';
import { nameOf } from '../http/agent-path.ts';
import type { Wire } from '../http/exchange.ts';
import type { Address } from '../http/request-of.ts';
import { replyError } from './call-rpc.ts';
import { fetchCard, readCard } from './card.ts';

const noCard = 'with something that is no agent card';

/** `addressOf`: what is in front of the path of the card. */
export function createCardDirectory(wire: Wire, addressOf: (agent: AskedAgent) => Address): AgentDirectory {
  const ask = (agent: AskedAgent, signal: AbortSignal) =>
    fetchCard(wire, { ...addressOf(agent), agent: nameOf(agent), signal });

  return answerAlways({
    reach: async (signal, [agent] = []) => {
      if (agent === undefined) return { status: 'Unknown', reason: 'NotChecked', message: 'No agent is named yet.' };
      const reply = await ask(agent, signal);
      // A refusal of the card is an answer as well.
      const isAnswered = readCard(reply) !== undefined || [400, 403, 404, 409].includes(reply.status);
      if (!isAnswered) throw replyError(reply, noCard);
      return { status: 'True', reason: 'Healthy', message: 'The endpoint of agents answers.' };
    },
    find: async (agent, signal) => {
      const name = nameOf(agent);
      const reply = await ask(agent, signal);
      if (readCard(reply) !== undefined) return { verdict: agentFound(name) };
      if (reply.status === 404) return { verdict: agentMissing(name) };
      if (reply.status === 409) return { verdict: agentFound(name), ready: agentReady(name, false) };
      throw replyError(reply, noCard);
    },
  });
}
