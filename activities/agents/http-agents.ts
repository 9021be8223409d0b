/**
 * Connections to agents: kept open between calls, with an additional CA where one is configured.
 *
 * Made once by the REST adapter. The one place that knows how connections are made; it sends nothing.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { getCACertificates } from 'node:tls';

export interface ConnectionOptions {
  /** PEM text of certificates to trust beside the public ones, for a self-hosted Kagent. */
  caPem?: string;
  /** Milliseconds after which an unused connection is closed. */
  idleMs?: number;
}

/** Below the 5 s after which Node servers and many proxies close: a closed connection would cost an attempt. */
const defaultIdleMs = 4_000;

/** Returns the function that node-fetch asks for the connection pool of a URL. */
export function createHttpAgents(options: ConnectionOptions = {}): (url: URL) => HttpAgent | HttpsAgent {
  const { caPem, idleMs = defaultIdleMs } = options;
  const keep = { keepAlive: true, timeout: idleMs };
  const http = new HttpAgent(keep);
  const https = new HttpsAgent({
    ...keep,
    ...(caPem !== undefined && { ca: [...getCACertificates('default'), caPem] }),
  });
  return (url) => (url.protocol === 'https:' ? https : http);
}
