/** The identity of a cluster: the uid of its kube-system namespace. Waits for the API server. */
import type { Logger } from 'pino';
import { createBackoff, pause } from '../loops/backoff.ts';
import type { ApiServer } from './api-server.ts';
import { pathOf } from './path-of.ts';
import { uidOf } from './uid-of.ts';

/** Resolves with the uid, or with an empty text when aborted before the API server answered. */
export async function clusterUidOf(api: ApiServer, log: Logger, signal: AbortSignal): Promise<string> {
  const backoff = createBackoff();
  while (!signal.aborted) {
    try {
      const uid = uidOf(await api.json({ path: pathOf('api', 'v1', 'namespaces', 'kube-system'), signal }));
      if (uid !== undefined) return uid;
      throw new Error('namespace kube-system has no uid');
    } catch (error) {
      const waitMs = backoff.nextMs();
      log.warn({ waitMs, error: String(error) }, 'waiting for the API server');
      await pause(waitMs, signal);
    }
  }
  return '';
}
