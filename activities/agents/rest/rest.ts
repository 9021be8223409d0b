/**
 * Step 7, the REST adapter: hands an incident to an agent by `POST /v1/agents/{agentId}/execute`.
 *
 * Tries once, and counts a run as started only when the body of the answer says so. The API starts runs and knows nothing of
 * them afterwards, so there is nothing to follow, to answer or to cancel.
 */
import { type Observing, observeCall } from '../call-observer.ts';
import type { AgentPort } from '../port.ts';
import { sortAnswer } from './rest-answer.ts';
import { bodyOf, requestOf } from './rest-request.ts';
import { createRestWire, type RestWireDependencies } from './rest-wire.ts';

export interface RestDependencies extends RestWireDependencies, Omit<Observing, 'wire'> {
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
