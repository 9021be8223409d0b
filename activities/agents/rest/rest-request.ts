/**
 * The request of the REST protocol, exactly as the specification of the Kagent API shows it.
 *
 * Pure; refuses what could not be sent, and never sends anything.
 */
import { validateHeaderValue } from 'node:http';
import type { Delivery, UnsentRequest } from '../../../workflows/contract/outcome.ts';
import type { Credentials } from '../credentials.ts';
import { type Asked, deliveryError } from '../http/describe-failure.ts';
import { type AgentIdForm, agentIdOf, unsentNamespace } from './agent-id.ts';

export interface RestRequest {
  asked: Asked;
  url: string;
  headers: Record<string, string>;
  body: string;
}

export interface RequestOptions {
  credentials: Credentials;
  idempotencyKey: string;
  /** Version of this program, for the User-Agent. */
  version: string;
  agentId?: AgentIdForm | undefined;
}

/** Name of this program towards Kagent: `metadata.source` and head of the User-Agent. */
const source = 'kagent-hook-controller';

/** Builds the request; throws a `DeliveryError` when agent, key or base URL cannot be sent as they are. */
export function buildRequest(delivery: Delivery, options: RequestOptions): RestRequest {
  const { credentials, idempotencyKey, version, agentId } = options;
  const asked = askedOf(delivery, agentId, credentials.apiKey ?? '');
  return {
    asked,
    url: urlOf(asked, credentials.baseUrl),
    headers: {
      Authorization: authorizationOf(asked),
      'Content-Type': 'application/json',
      'Idempotency-Key': idempotencyKey,
      'User-Agent': `${source}/${version}`,
    },
    body: JSON.stringify(bodyOf(delivery)),
  };
}

/** The same request without key and address; throws a `DeliveryError` when it could not be sent. */
export function describeRequest(delivery: Delivery, agentId: AgentIdForm | undefined): UnsentRequest {
  const { method, path } = askedOf(delivery, agentId, '');
  return { method, path, body: bodyOf(delivery) };
}

function askedOf(delivery: Delivery, form: AgentIdForm | undefined, apiKey: string): Asked {
  const agent = agentIdOf(delivery.agent, form);
  const method = 'POST';
  // A URL resolves "." and ".." away, even percent-encoded, and half a surrogate pair has no encoding.
  if (!agent.isWellFormed() || ['', '.', '..'].includes(agent)) {
    const asked = { agent, method, path: '/v1/agents/{agentId}/execute', apiKey };
    throw deliveryError(asked, { reason: 'AgentNotFound', found: 'this name cannot be part of a path' });
  }
  const asked = { agent, method, path: `/v1/agents/${encodeURIComponent(agent)}/execute`, apiKey };
  const found = unsentNamespace(delivery.agent, form);
  if (found !== undefined) throw deliveryError(asked, { reason: 'AgentNotAllowed', found });
  return asked;
}

function urlOf(asked: Asked, baseUrl: string): string {
  const url = URL.parse(baseUrl);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw deliveryError(asked, { reason: 'EndpointNotFound', found: 'base-url is not an http or https URL' });
  }
  // The bearer takes the place that a user and password would have; left in, they would show up in errors.
  url.username = '';
  url.password = '';
  url.search = '';
  url.hash = '';
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${asked.path}`;
  return url.href;
}

function authorizationOf(asked: Asked): string {
  const value = `Bearer ${asked.apiKey}`;
  try {
    validateHeaderValue('Authorization', value);
  } catch {
    throw deliveryError(asked, { reason: 'Unauthorized', found: 'the API key holds characters that no header can' });
  }
  return value;
}

function bodyOf({ prompt, context, hookName, cluster }: Delivery): object {
  const { eventName, eventTime, resourceName, namespace, eventMessage } = context;
  return {
    prompt,
    context: { eventName, eventTime, resourceName, namespace, eventMessage },
    metadata: { source, hookName, ...(cluster !== undefined && { kubernetesCluster: cluster }) },
  };
}
