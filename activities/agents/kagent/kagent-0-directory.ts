/**
 * The questions of Kagent 0.x: `GET /api/agents/{namespace}/{name}`, which says whether an agent is accepted and its
 * Deployment ready, and one look into the database.
 *
 * `/health` is 200 also while the database is away (transcript 45), so it proves nothing.
 */
import type { LookUpResult } from '../../../workflows/contract/agent-check.ts';
import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';
import { type AgentDirectory, agentFound, agentMissing, agentReady, answerAlways } from '../directory.ts';
import { nameOf } from '../http/agent-path.ts';
import type { Wire } from '../http/exchange.ts';
import { readAgent, readTask } from './sessions.ts';

/** A task that nobody has. */
const noTask = '00000000-0000-4000-8000-000000000000';
const kagent: AskedAgent = { namespace: 'kagent', name: 'kagent' };

export function createKagent0Directory(wire: Wire): AgentDirectory {
  return answerAlways({
    reach: async (signal) => {
      await readTask({ wire, agent: kagent, signal }, noTask);
      return { status: 'True', reason: 'Healthy', message: 'Kagent answers from its database.' };
    },
    find: async (agent, signal) => {
      const name = nameOf(agent);
      const known = await readAgent({ wire, agent, signal });
      if (known === undefined) return { verdict: agentMissing(name) };
      if (known.accepted === false) return { verdict: notAccepted(name) };
      if (known.deploymentReady === undefined) return { verdict: agentFound(name) };
      return { verdict: agentFound(name), ready: agentReady(name, known.deploymentReady) };
    },
  });
}

function notAccepted(name: string): LookUpResult {
  const message = `Kagent has not accepted the agent ${name}; its condition Accepted says why.`;
  return { status: 'False', reason: 'AgentNotAccepted', message };
}
