/**
 * What one try needs to know about the Kagent endpoint; it comes from the Secret and never goes further.
 *
 * Read anew for each try, so that a rotated Secret takes effect at once. Never logged, never put into an error.
 */

/** Parsed and checked where it is read: `baseUrl` is http or https, `timeoutMs` and `maxAttempts` are at least 1. */
export interface Credentials {
  apiKey: string;
  /** With or without a path, with or without a slash at the end. A user and password in it are not used. */
  baseUrl: string;
  /** For one try as a whole: connecting, sending, waiting, reading. */
  timeoutMs: number;
  /** Tries of one delivery; those that were rate limited do not count. */
  maxAttempts: number;
}

/** Gives the newest credentials that are good. Its errors may name files and settings, but not what stands in them. */
export type ReadCredentials = () => Credentials;
