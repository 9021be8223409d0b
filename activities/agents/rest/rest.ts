/**
 * Step 7, the REST adapter: hands an incident to an agent by `POST /v1/agents/{agentId}/execute`.
 *
 * Tries once, and counts a run as started only when the body of the answer says so. The API starts runs and knows nothing of
 * them afterwards, so there is nothing to follow, to answer or to cancel.
 */
import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';
import type { Delivery } from '../../../workflows/contract/outcome.ts';
import { type Observing, observeCall } from '../call-observer.ts';
import { encodePart } from '../http/agent-path.ts';
import { createWire, type Wire, type WireDependencies } from '../http/exchange.ts';
import { programName } from '../http/request-of.ts';
import type { AgentPort } from '../port.ts';
import { type AgentIdForm, agentIdOf } from './agent-id.ts';
import { sortAnswer } from './rest-answer.ts';

export interface RestWireDependencies extends Omit<WireDependencies, 'bodyLimitMiB'> {
  /** How agents are called in the path; by their names where left out. */
  agentId?: AgentIdForm;
}

export interface RestDependencies extends RestWireDependencies, Pick<Observing, 'observers'> {
  /** A share of 0 to 0.2 that is added to waits the server asks for; random by default. */
  jitter?: () => number;
}

/** The adapter; its connections are kept open and shared by all calls. */
export function createRestAgent(dependencies: RestDependencies): AgentPort {
  const { agentId, jitter = () => Math.random() * 0.2 } = dependencies;
  const wire = createRestWire(dependencies);

  return {
    start: async (delivery, options) => {
      const { idempotencyKey, signal } = options;
      signal.throwIfAborted(); // no call then, and none that is observed
      const { agent, ...request } = requestOf(delivery.agent, agentId);
      const send = { ...request, delivery, agentId: agent, options };
      return observeCall({ ...dependencies, wire }, send, async (answered) => {
        const headers = { 'Idempotency-Key': idempotencyKey };
        const call = { ...request, agent, from: 'base-url', body: bodyOf(delivery), headers, signal } as const;
        const reply = await wire.call(call);
        answered(reply.status);
        return sortAnswer(reply, { nowMs: Date.now(), jitter: jitter() });
      });
    },
    describe: async (delivery) => {
      const { method, path } = requestOf(delivery.agent, agentId);
      return { method, path, body: bodyOf(delivery) };
    },
    look: async () => ({ state: 'missing' }),
    probe: async () => 'unclear',
    cancel: async () => ({ isCancelled: false, said: 'the REST API has no call that cancels' }),
    answer: async () => 'not-wanted',
    find: async () => undefined,
  };
}

/** The API has neither X-User-Id nor further headers. Its answers have two hundred bytes. */
export function createRestWire({ readCredentials, ...connecting }: RestWireDependencies): Wire {
  return createWire({
    ...connecting,
    bodyLimitMiB: 1,
    readCredentials: () => {
      const { userId: _user, headers: _headers, ...own } = readCredentials();
      return own;
    },
  });
}

/** Throws a `DeliveryError` for an agent that the path cannot name, or may not. */
export function requestOf(name: AskedAgent, form: AgentIdForm | undefined) {
  const agent = agentIdOf(name, form);
  return { agent, method: 'POST', path: `/v1/agents/${encodePart(agent)}/execute` } as const;
}

/** Exactly as the specification of the Kagent API shows it. */
function bodyOf({ prompt, context, hookName, cluster }: Delivery): object {
  const { eventName, eventTime, resourceName, namespace, eventMessage } = context;
  return {
    prompt,
    context: { eventName, eventTime, resourceName, namespace, eventMessage },
    metadata: { source: programName, hookName, ...(cluster !== undefined && { kubernetesCluster: cluster }) },
  };
}
