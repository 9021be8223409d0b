/**
 * The questions of the REST API: `GET /v1/agents/{agentId}` and `GET /health`.
 *
 * Only a well-formed 404 `agent_not_found` says that an agent is missing; everything else that is no answer leaves it unknown,
 * with the words that help. Nothing a server wrote is quoted but through the key's blotter.
 */
import fetch from 'node-fetch';
import { z } from 'zod';
import type { LookUpResult } from '../../../workflows/contract/agent-check.ts';
import { type DeliveryReason, deliveryReasons } from '../../../workflows/contract/outcome.ts';
import type { Credentials, ReadCredentials } from '../credentials.ts';
import type { AgentDirectory } from '../directory.ts';
import { startDeadline } from '../http/deadline.ts';
import { type ConnectionOptions, createHttpAgents } from '../http/http-agents.ts';
import { sortTransportError } from '../http/transport-failure.ts';
import { agentNotAllowed } from '../look-up-results.ts';
import { type AgentIdForm, agentIdOf, unsentNamespace } from './agent-id.ts';

export interface RestDirectoryDependencies extends ConnectionOptions {
  readCredentials: ReadCredentials;
  /** Version of this program, for the User-Agent. */
  version: string;
  agentId?: AgentIdForm;
}

interface Answer {
  status: number;
  body: unknown;
}

/** A round asks several agents one after the other, and is itself given two minutes. */
const longestQuestionMs = 10_000;

/** Bytes; an agent's description is a few hundred. */
const bodyLimitBytes = 1024 * 1024;

const Missing = z.object({ error: z.literal('agent_not_found') });
const JsonObject = z.record(z.string(), z.unknown());

export function createRestDirectory(dependencies: RestDirectoryDependencies): AgentDirectory {
  const agent = createHttpAgents(dependencies);

  async function get(path: string, credentials: Credentials, signal: AbortSignal): Promise<Answer> {
    const url = new URL(credentials.baseUrl);
    url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
    url.username = '';
    url.password = '';
    url.search = '';
    url.hash = '';
    const headers = {
      ...(credentials.apiKey !== undefined && { Authorization: `Bearer ${credentials.apiKey}` }),
      'User-Agent': `kagent-hook-controller/${dependencies.version}`,
    };
    const response = await fetch(url.href, { headers, agent, redirect: 'manual', size: bodyLimitBytes, signal });
    const text = await response.text();
    return { status: response.status, body: parsed(text) };
  }

  /** Asks; what the connection does wrong becomes a result as well. */
  async function ask(path: string, caller: AbortSignal, sort: (answer: Answer) => LookUpResult): Promise<LookUpResult> {
    caller.throwIfAborted(); // node-fetch fails outside its promise on a signal that is aborted already
    const credentials = dependencies.readCredentials();
    const deadline = startDeadline(caller, Math.min(credentials.timeoutMs, longestQuestionMs));
    try {
      return sort(await get(path, credentials, deadline.signal));
    } catch (error) {
      caller.throwIfAborted();
      return unknown(deadline.isOver ? 'TimedOut' : sortTransportError(error).reason);
    } finally {
      deadline.clear();
    }
  }

  return {
    reach: async (signal) => {
      const result = await ask('/health', signal, sortHealth);
      return result.reason === 'TimedOut' || result.reason === 'ConnectionFailed'
        ? { ...result, status: 'False' }
        : result;
    },
    find: async (agent, signal) => {
      const id = agentIdOf(agent, dependencies.agentId);
      const unsent = unsentNamespace(agent, dependencies.agentId);
      if (unsent !== undefined) return { known: agentNotAllowed(id, unsent) };
      return { known: await ask(`/v1/agents/${encodeURIComponent(id)}`, signal, (answer) => sortAgent(id, answer)) };
    },
  };
}

function sortHealth({ status }: Answer): LookUpResult {
  if (status >= 200 && status < 300) return { status: 'True', reason: 'Healthy', message: 'GET /health is answered.' };
  const message = `GET /health was answered ${status}.`;
  return status >= 500
    ? { status: 'False', reason: 'AgentUnavailable', message }
    : { status: 'Unknown', reason: 'NoHealthEndpoint', message };
}

function sortAgent(name: string, { status, body }: Answer): LookUpResult {
  if (status === 200 && JsonObject.safeParse(body).success) {
    return { status: 'True', reason: 'AgentFound', message: `Kagent knows the agent ${name}.` };
  }
  if (status === 404 && Missing.safeParse(body).success) {
    return {
      status: 'False',
      reason: 'AgentNotFound',
      message: `Kagent does not know the agent ${name}. ${deliveryReasons.AgentNotFound.hint}`,
    };
  }
  if (status === 401 || status === 403) {
    const reason = status === 401 ? 'Unauthorized' : 'Forbidden';
    return {
      status: 'Unknown',
      reason,
      message: `Looking up agents was answered ${status}: the API key needs agents:read.`,
    };
  }
  if (status >= 500) return unknown('AgentUnavailable');
  if (status === 429) return unknown('RateLimited');
  return {
    status: 'Unknown',
    reason: 'EndpointNotFound',
    message: `GET /v1/agents/${name} was answered ${status} and not as Kagent answers.`,
  };
}

function unknown(reason: DeliveryReason): LookUpResult {
  return { status: 'Unknown', reason, message: `Kagent could not be asked. ${deliveryReasons[reason].hint}` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
