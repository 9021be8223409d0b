/**
 * The reason for which an HTTP status stands where the body says nothing more. Pure.
 */
import type { DeliveryReason } from '../../../workflows/contract/outcome.ts';

const reasons: Partial<Record<number, DeliveryReason>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'EndpointNotFound',
  408: 'TimedOut',
  425: 'AgentUnavailable',
  429: 'RateLimited',
};

export function reasonOfStatus(status: number): DeliveryReason {
  if (status >= 500) return 'AgentUnavailable';
  if (status >= 400) return reasons[status] ?? 'RequestRejected';
  return status >= 300 ? 'Redirected' : 'MalformedAnswer';
}
