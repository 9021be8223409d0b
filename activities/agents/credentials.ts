/**
 * What one call needs to know about the Kagent endpoint; it comes from the Secret and the environment, and never goes further.
 *
 * Read anew for each call, so that a rotated Secret takes effect at once. Never logged, never put into an error.
 */
import type { Protocol } from '../../workflows/contract/agent-run.ts';

/** Parsed and checked where it is read: `baseUrl` is http or https, `timeoutMs` and `maxAttempts` are at least 1. */
export interface Credentials {
  /** Sent as bearer; left out for a Kagent that asks for none. Never left out for `rest`. */
  apiKey?: string;
  /** With or without a path, with or without a slash at the end. A user and password in it are not used. */
  baseUrl: string;
  /** `auto`, also where left out, decides once per endpoint, by what it answers. */
  protocol?: Protocol | 'auto';
  /** For one try as a whole: connecting, sending, waiting, reading. */
  timeoutMs: number;
  /** Tries of one delivery; those that were rate limited do not count. */
  maxAttempts: number;
  /** Sent as X-User-Id with every call; Kagent keeps sessions and tasks apart by it. */
  userId?: string;
  /** Sent with every call. Their values are taken for secrets. */
  headers?: Readonly<Record<string, string>>;
}

/** What no message may hold. */
export function secretsOf({ apiKey = '', headers = {} }: Credentials): string[] {
  return [apiKey, ...Object.values(headers)];
}

/** Gives the newest credentials that are good. Its errors may name files and settings, but not what stands in them. */
export type ReadCredentials = () => Credentials;
