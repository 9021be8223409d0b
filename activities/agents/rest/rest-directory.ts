/**
 * The questions of the REST API: `GET /v1/agents/{agentId}` and `GET /health`.
 *
 * Only a well-formed 404 `agent_not_found` says that an agent is missing; everything else that is no answer leaves it unknown,
 * with the words that help.
 */
import { z } from 'zod';
import type { LookUpResult } from '../../../workflows/contract/agent-check.ts';
import { type AgentDirectory, agentFound, agentMissing, answerAlways } from '../directory.ts';
import { encodePart } from '../http/agent-path.ts';
import { deliveryError } from '../http/describe-failure.ts';
import type { Reply } from '../http/exchange.ts';
import { reasonOfStatus } from '../http/sort-status.ts';
import { agentIdOf } from './agent-id.ts';
import { createRestWire, type RestWireDependencies } from './rest.ts';

/** A round asks several agents one after the other, and is itself given two minutes. */
const timeoutMs = 10_000;

const Missing = z.object({ error: z.literal('agent_not_found') });
const JsonObject = z.record(z.string(), z.unknown());

export function createRestDirectory(dependencies: RestWireDependencies): AgentDirectory {
  const { agentId } = dependencies;
  const wire = createRestWire(dependencies);
  const get = (agent: string, path: string, signal: AbortSignal) =>
    wire.call({ agent, method: 'GET', path, from: 'base-url', signal, timeoutMs });

  return answerAlways({
    reach: async (signal) => sortHealth(await get('', '/health', signal)),
    find: async (agent, signal) => {
      const id = agentIdOf(agent, agentId);
      return { verdict: sortAgent(id, await get(id, `/v1/agents/${encodePart(id)}`, signal)) };
    },
  });
}

function sortHealth({ status }: Reply): LookUpResult {
  if (status >= 200 && status < 300) return { status: 'True', reason: 'Healthy', message: 'GET /health is answered.' };
  const message = `GET /health was answered ${status}.`;
  return status >= 500
    ? { status: 'False', reason: 'AgentUnavailable', message }
    : { status: 'Unknown', reason: 'NoHealthEndpoint', message };
}

function sortAgent(id: string, { status, json, asked }: Reply): LookUpResult {
  if (status === 200 && JsonObject.safeParse(json).success) return agentFound(id);
  if (status === 404 && Missing.safeParse(json).success) return agentMissing(id);
  if (status >= 500 || status === 429) {
    throw deliveryError(asked, { reason: reasonOfStatus(status), found: `the server answered ${status}` });
  }
  if (status === 401 || status === 403) {
    const message = `Looking up agents was answered ${status}: the API key needs agents:read.`;
    return { status: 'Unknown', reason: reasonOfStatus(status), message };
  }
  const message = `GET /v1/agents/${id} was answered ${status} and not as Kagent answers.`;
  return { status: 'Unknown', reason: 'EndpointNotFound', message };
}
