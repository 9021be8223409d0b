/**
 * Connections to agents: kept open between calls, through a proxy and with an additional CA where those are configured.
 *
 * The one place that knows how connections are made; it sends nothing and reads no file.
 */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Socket } from 'node:net';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { createProxyRule, type ProxySettings } from './proxy-rule.ts';

export interface ConnectionOptions {
  /** PEM text of certificates to trust beside the public ones, for a self-hosted Kagent; asked for each call. */
  caPem?: () => string | undefined;
  proxy?: ProxySettings;
  /** Milliseconds after which an unused connection is closed. */
  idleMs?: number;
  /** Milliseconds that a proxy has to open the way to Kagent. */
  tunnelMs?: number;
}

/** Below the 5 s after which Node servers and many proxies close: a closed connection would cost an attempt. */
const defaultIdleMs = 4_000;

/** A try mostly ends before; but its end does not close a tunnel that is still being opened, and this does. */
const defaultTunnelMs = 60_000;

/** Returns the function that node-fetch asks for the connection pool of a URL. */
export function createHttpAgents(options: ConnectionOptions): (url: URL) => HttpAgent | HttpsAgent {
  const { caPem, proxy = {}, idleMs = defaultIdleMs, tunnelMs = defaultTunnelMs } = options;
  const proxyFor = createProxyRule(proxy);
  const pools = new Map<string, HttpAgent | HttpsAgent>();
  let inForce: string | undefined;
  let trust: { secureContext?: SecureContext } = {};

  return (url) => {
    const newest = caPem?.();
    if (newest !== inForce) {
      trust = newest === undefined ? {} : { secureContext: trustAlso(newest) };
      inForce = newest;
      pools.clear(); // not destroyed: calls under way end as they began, and idle connections close by themselves
    }
    const through = proxyFor(url);
    const name = `${url.protocol} ${through}`;
    const Pool = url.protocol === 'https:' ? HttpsAgent : HttpAgent;
    // Under both names: whether the proxy is for this URL is decided by our own rule, never by Node's.
    const proxyEnv = { HTTP_PROXY: through, HTTPS_PROXY: through };
    const poolOptions = { keepAlive: true, timeout: tunnelMs, proxyEnv, ...trust };
    const pool = pools.get(name) ?? closeIdle(new Pool(poolOptions), idleMs);
    pools.set(name, pool);
    return pool;
  };
}

/** Made once for all connections: reading the public certificates takes 50 ms. */
function trustAlso(caPem: string): SecureContext {
  return createSecureContext({ ca: [...getCACertificates('default'), caPem] });
}

/** The agent's own option `timeout` is for idle connections and for opening tunnels: too much for one, too little for the other. */
function closeIdle(pool: HttpAgent | HttpsAgent, idleMs: number): HttpAgent | HttpsAgent {
  const keep = pool.keepSocketAlive.bind(pool);
  pool.keepSocketAlive = (socket) => {
    const isKept = keep(socket); // false, or a shorter time, where the server said so
    if (socket instanceof Socket) socket.setTimeout(Math.min(idleMs, socket.timeout ?? idleMs));
    return isKept;
  };
  return pool;
}
