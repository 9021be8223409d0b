/**
 * What one call looks like on the wire: its URL and its headers. Pure.
 *
 * Refuses what could not be sent, and never sends anything.
 */
import { validateHeaderValue } from 'node:http';
import type { Credentials } from '../credentials.ts';
import { deliveryError } from './describe-failure.ts';

/** Where a path begins: at the endpoint, whose base URL may end in /api; at the whole of base-url; or at its host. */
export interface Address {
  /** With a slash in front; the caller has encoded every part of it. */
  path: string;
  from?: 'endpoint' | 'base-url' | 'host';
}

export interface Call extends Address {
  /** For messages: `namespace/name`, or its id in the REST API. */
  agent: string;
  method: 'GET' | 'POST';
  /** Sent as JSON. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  signal: AbortSignal;
  /** Instead of the time that the credentials give, where it is shorter. */
  timeoutMs?: number;
}

export const programName = 'kagent-hook-controller';

export function urlOf(call: Call, { baseUrl }: Credentials): string {
  const url = URL.parse(baseUrl);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    const found = 'base-url is not an http or https URL';
    throw deliveryError(call, { reason: 'EndpointNotFound', found, mayHaveStarted: false });
  }
  // The bearer takes the place that a user and password would have; left in, they would show up in errors.
  url.username = '';
  url.password = '';
  url.hash = '';
  url.search = '';
  url.pathname = `${prefixOf(url.pathname, call.from)}${call.path}`;
  return url.href;
}

/** Kagent's own addresses begin with /api, and so do many that people are given. */
function prefixOf(pathname: string, from: Address['from'] = 'endpoint'): string {
  if (from === 'host') return '';
  const whole = pathname.replace(/\/+$/, '');
  return from === 'base-url' ? whole : whole.replace(/\/api$/, '');
}

export function headersOf(call: Call, credentials: Credentials, version: string): Record<string, string> {
  const { apiKey, userId, headers } = credentials;
  const all = {
    Accept: 'application/json',
    ...headers,
    ...(call.body !== undefined && { 'Content-Type': 'application/json' }),
    ...(apiKey !== undefined && { Authorization: `Bearer ${apiKey}` }),
    ...(userId !== undefined && { 'X-User-Id': userId }),
    'User-Agent': `${programName}/${version}`,
    ...call.headers,
  };
  try {
    for (const [name, value] of Object.entries(all)) validateHeaderValue(name, value);
  } catch {
    const found = 'the API key, the user or an extra header holds characters that no header can';
    throw deliveryError(call, { reason: 'Unauthorized', found, mayHaveStarted: false });
  }
  return all;
}
