/**
 * Whether Temporal answers, and whether it takes what was seen.
 *
 * Started by watch; read by the health server at any time. Asks now and then, so that a probe never waits for the network.
 */
import type { Client } from '@temporalio/client';
import { pause } from '../backoff.ts';
import type { Check } from './health.ts';

export interface TemporalCheckOptions {
  client: Pick<Client, 'withDeadline' | 'workflowService'>;
  signal: AbortSignal;
  everyMs?: number;
  limitMs?: number;
}

export function watchTemporal(options: TemporalCheckOptions): { check: () => Check; done: Promise<void> } {
  const { client, signal, everyMs = 5000, limitMs = 3000 } = options;
  let answer: Check = { name: 'temporal', ok: true, message: 'answered at the start' };
  const ask = async () => {
    const sinceMs = Date.now();
    try {
      await client.withDeadline(sinceMs + limitMs, () => client.workflowService.getSystemInfo({}));
      answer = { name: 'temporal', ok: true, message: `answered at ${new Date().toISOString()}` };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      answer = { name: 'temporal', ok: false, message: `did not answer at ${new Date(sinceMs).toISOString()}: ${why}` };
    }
  };
  const run = async () => {
    while (!signal.aborted) {
      await ask();
      await pause(everyMs, signal);
    }
  };
  return { check: () => answer, done: run() };
}

/** So many wait that the streams of the cluster are paused. */
export function checkHandover(handover: { waiting: () => number; isFull: () => boolean }): Check {
  const waiting = handover.waiting();
  const rest = handover.isFull() ? ', so the cluster is not read on until Temporal takes them' : '';
  return { name: 'handover', ok: !handover.isFull(), message: `${waiting} occurrence(s) wait${rest}` };
}
