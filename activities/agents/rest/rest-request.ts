/**
 * The request of the REST protocol, exactly as the specification of the Kagent API shows it.
 *
 * Pure; refuses what could not be sent, and never sends anything.
 */

import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';
import type { Delivery } from '../../../workflows/contract/outcome.ts';
import { deliveryError } from '../http/describe-failure.ts';
import { programName } from '../http/request-of.ts';
import { type AgentIdForm, agentIdOf, unsentNamespace } from './agent-id.ts';

export interface RestRequest {
  /** As the path calls it, not encoded. */
  agent: string;
  method: 'POST';
  path: string;
}

/** Throws a `DeliveryError` for an agent that the path cannot name, or may not. */
export function requestOf(name: AskedAgent, form: AgentIdForm | undefined): RestRequest {
  const agent = agentIdOf(name, form);
  const method = 'POST';
  // A URL resolves "." and ".." away, even percent-encoded, and half a surrogate pair has no encoding.
  if (!agent.isWellFormed() || ['', '.', '..'].includes(agent)) {
    const asked = { agent, method, path: '/v1/agents/{agentId}/execute' };
    throw deliveryError(asked, { reason: 'AgentNotFound', found: 'this name cannot be part of a path' });
  }
  const request = { agent, method, path: `/v1/agents/${encodeURIComponent(agent)}/execute` } as const;
  const found = unsentNamespace(name, form);
  if (found !== undefined) throw deliveryError(request, { reason: 'AgentNotAllowed', found });
  return request;
}

export function bodyOf({ prompt, context, hookName, cluster }: Delivery): object {
  const { eventName, eventTime, resourceName, namespace, eventMessage } = context;
  return {
    prompt,
    context: { eventName, eventTime, resourceName, namespace, eventMessage },
    metadata: { source: programName, hookName, ...(cluster !== undefined && { kubernetesCluster: cluster }) },
  };
}
