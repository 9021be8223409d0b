/**
 * The worker's connection to Temporal: tried until it stands, one log line per step of the back-off.
 *
 * To be called before anything else of the SDK is made: a failed first connection takes the SDK's runtime down with it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { messageOf } from '../runtime/message-of.ts';
import { readTemporalSettings } from '../runtime/temporal-settings.ts';

export interface Connected {
  connection: NativeConnection;
  namespace: string;
}

/** Undefined when aborted before the server answered. */
export async function connectTemporal(log: Logger, signal: AbortSignal): Promise<Connected | undefined> {
  const { connectionOptions, address, namespace } = readTemporalSettings();
  for (let waitMs = 800; !signal.aborted; waitMs = Math.min(waitMs * 2, 30_000)) {
    try {
      return { connection: await NativeConnection.connect(connectionOptions), namespace };
    } catch (error) {
      log.warn({ waitMs, error: messageOf(error) }, `waiting for Temporal at ${address}`);
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}
