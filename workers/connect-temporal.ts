/**
 * The worker's connection to Temporal: tried until it stands, one log line per step of the back-off.
 *
 * Called by main before anything else of the SDK is made: a failed first connection takes the SDK's runtime down with it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';

export interface Connected {
  connection: NativeConnection;
  namespace: string;
}

/** Undefined when aborted before the server answered. */
export async function connectTemporal(log: Logger, signal: AbortSignal): Promise<Connected | undefined> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  for (let waitMs = 800; !signal.aborted; waitMs = Math.min(waitMs * 2, 30_000)) {
    try {
      return { connection: await NativeConnection.connect(connectionOptions), namespace };
    } catch (error) {
      const address = connectionOptions.address ?? 'localhost:7233';
      const message = error instanceof Error ? error.message : String(error);
      log.warn({ waitMs, error: message }, `waiting for Temporal at ${address}`);
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}
