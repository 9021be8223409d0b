/**
 * Step 7, the REST adapter: hands an incident to an agent by `POST /v1/agents/{agentId}/execute`.
 *
 * Tries once, follows no redirect (the key would go along), reads at most 1 MiB, and counts a run as started only when the body
 * of the answer says so.
 */
import fetch, { type Response } from 'node-fetch';
import type { AgentRun } from '../../../workflows/contract/agent-run.ts';
import type { Delivery, UnsentRequest } from '../../../workflows/contract/outcome.ts';
import { type CallObserver, observeCall } from '../call-observer.ts';
import type { ReadCredentials } from '../credentials.ts';
import { startDeadline } from '../http/deadline.ts';
import { deliveryError, type Finding } from '../http/describe-failure.ts';
import { type ConnectionOptions, createHttpAgents } from '../http/http-agents.ts';
import { sortTransportError } from '../http/transport-failure.ts';
import type { StartOptions } from '../port.ts';
import type { AgentIdForm } from './agent-id.ts';
import { type RestAnswer, sortAnswer } from './rest-answer.ts';
import { buildRequest, describeRequest, type RestRequest } from './rest-request.ts';

export interface RestDependencies extends ConnectionOptions {
  readCredentials: ReadCredentials;
  /** Version of this program, for the User-Agent. */
  version: string;
  /** How agents are called in the path; by their names where left out. */
  agentId?: AgentIdForm;
  /** A share of 0 to 0.2 that is added to waits the server asks for; random by default. */
  jitter?: () => number;
  /** Called for every HTTP attempt. */
  observers?: readonly CallObserver[];
}

/** Bytes; the answer of the specification has two hundred. */
const bodyLimitBytes = 1024 * 1024;

const timedOut: Finding = { reason: 'TimedOut', found: 'no complete answer came within the timeout' };

/** What the protocol has: it starts runs, and knows nothing of them afterwards. */
export interface RestAgent {
  start: (delivery: Delivery, options: StartOptions) => Promise<AgentRun>;
  describe: (delivery: Delivery) => UnsentRequest;
}

/** The adapter; its connections are kept open and shared by all calls. */
export function createRestAgent(dependencies: RestDependencies): RestAgent {
  const { readCredentials, version, agentId, jitter = randomJitter, observers = [] } = dependencies;
  const agent = createHttpAgents(dependencies);

  async function exchange(request: RestRequest, signal: AbortSignal): Promise<RestAnswer> {
    const response = await fetch(request.url, {
      method: request.asked.method,
      headers: request.headers,
      body: request.body,
      agent,
      redirect: 'manual',
      size: bodyLimitBytes,
      signal,
    });
    return {
      status: response.status,
      contentType: response.headers.get('content-type'),
      retryAfter: response.headers.get('retry-after'),
      text: await textOf(response),
    };
  }

  async function answerTo(request: RestRequest, signal: AbortSignal, timeoutMs: number): Promise<RestAnswer> {
    const deadline = startDeadline(signal, timeoutMs);
    try {
      return await exchange(request, deadline.signal);
    } catch (error) {
      signal.throwIfAborted();
      throw deliveryError(request.asked, deadline.isOver ? timedOut : sortTransportError(error));
    } finally {
      deadline.clear();
    }
  }

  async function start(delivery: Delivery, { idempotencyKey, signal }: StartOptions): Promise<AgentRun> {
    const credentials = readCredentials();
    const request = buildRequest(delivery, { credentials, idempotencyKey, version, agentId });
    // node-fetch given a signal that is aborted already destroys the body where nobody listens: an uncaught exception.
    signal.throwIfAborted();
    const { timeoutMs } = credentials;
    const { asked } = request;
    const sent = { delivery, agentId: asked.agent, method: asked.method, path: asked.path, idempotencyKey, timeoutMs };
    return observeCall({ observers, sent, signal }, async (answered) => {
      const answer = await answerTo(request, signal, timeoutMs);
      answered(answer.status);
      return sortAnswer(answer, { asked, nowMs: Date.now(), jitter: jitter() });
    });
  }

  return { start, describe: (delivery) => describeRequest(delivery, agentId) };
}

/** The body; of an error whose body is cut nothing, because its status alone says enough. */
async function textOf(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    if (response.ok) throw error;
    return '';
  }
}

function randomJitter(): number {
  return Math.random() * 0.2;
}
