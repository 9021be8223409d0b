/**
 * The kinds of errors that metrics and logs of API calls know: few, and none made of anything a server wrote.
 *
 * The first four are those of the Kagent API's specification.
 */
import type { DeliveryReason } from '../../workflows/contract/outcome.ts';
import { DeliveryError } from './delivery-error.ts';

/** Each with what it stands for. */
export const errorTypes = {
  auth: '401 or 403',
  not_found: '404',
  rate_limit: '429',
  server: '5xx or 425',
  timeout: 'no whole answer in time, or 408',
  network: 'no connection, no trusted certificate, or a cut answer',
  invalid_response: 'an answer that is none of the API',
  redirect: '3xx, which is not followed',
  rejected: 'any other 4xx',
  refused: 'success: false',
  cancelled: 'nobody waits for the answer any more',
  internal: 'a fault of this program',
} as const;
export type ErrorType = keyof typeof errorTypes;

const typeOfReason: Record<DeliveryReason, ErrorType> = {
  Unauthorized: 'auth',
  Forbidden: 'auth',
  AgentNotAllowed: 'rejected',
  AgentNotFound: 'not_found',
  EndpointNotFound: 'not_found',
  RateLimited: 'rate_limit',
  AgentUnavailable: 'server',
  AgentNotReady: 'server',
  TimedOut: 'timeout',
  ConnectionFailed: 'network',
  MalformedAnswer: 'invalid_response',
  Redirected: 'redirect',
  RequestRejected: 'rejected',
  AgentRefused: 'refused',
};

/** `isCancelled`: whether the caller had given up when the error was thrown. */
export function errorTypeOf(error: unknown, isCancelled: boolean): ErrorType {
  if (error instanceof DeliveryError) return typeOfReason[error.reason];
  return isCancelled ? 'cancelled' : 'internal';
}
