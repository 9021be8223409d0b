/**
 * Has the agents looked up again as soon as credentials or CA change, so that a mended key shows on the Hooks within seconds.
 *
 * Repeats the newest round that the watcher has asked for, and sees to it that the watcher asks about all others; where
 * there is none, or one is under way that began later, nothing is to be done. Never fails the worker.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Logger } from 'pino';
import { z } from 'zod';
import { fingerprint } from '../runtime/fingerprint.ts';
import { checkAgentsId, checkAgentsType, roundCauses, taskQueue } from '../workflows/contract/plain/names.ts';

/** As the watcher has made it: what an agent may be asked for is part of it. */
const Request = z.object({
  agents: z.array(z.object({ namespace: z.string(), name: z.string(), boundToNamespace: z.literal(true).optional() })),
});

export interface RecheckOptions {
  client: Client;
  installation: string;
  /** The credentials and certificates in force; anything that is equal when they are equal. */
  inForce: () => unknown;
  everyMs: number;
  log: Logger;
  signal: AbortSignal;
}

export async function recheckOnChange(options: RecheckOptions): Promise<void> {
  const { signal, log, everyMs } = options;
  let checked = fingerprint(options.inForce());
  while (!signal.aborted) {
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
    const now = fingerprint(options.inForce());
    if (signal.aborted || now === checked) continue;
    try {
      await repeatRound(options);
      checked = now;
    } catch (error) {
      log.warn(
        { error: String(error) },
        'the agents could not be looked up with the new credentials; it is tried again',
      );
    }
  }
}

async function repeatRound({ client, installation }: RecheckOptions): Promise<void> {
  const workflowId = checkAgentsId(installation);
  try {
    const handle = client.workflow.getHandle(workflowId);
    await handle.result().catch(() => undefined); // a round with the old credentials may be under way
    const request = Request.parse((await handle.describe()).memo?.['request']);
    await client.workflow.start(checkAgentsType, {
      workflowId,
      taskQueue: taskQueue(installation),
      args: [request],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      memo: { request, cause: roundCauses.credentials },
      staticSummary: 'look up the agents with new credentials',
    });
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
