/**
 * Whether Temporal answers.
 *
 * Asks now and then, so that a probe never waits for the network.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Check } from './health.ts';
import { messageOf } from './message-of.ts';

export interface TemporalCheckOptions {
  /** Asks Temporal for anything; gives up at this moment. */
  ask: (deadlineMs: number) => Promise<unknown>;
  signal: AbortSignal;
  everyMs?: number;
  limitMs?: number;
}

/** Goes on asking until aborted; then `done`. */
export function keepAskingTemporal(options: TemporalCheckOptions): { check: () => Check; done: Promise<void> } {
  const { ask, signal, everyMs = 5000, limitMs = 3000 } = options;
  let answer: Check = { name: 'temporal', ok: true, message: 'answered at the start' };
  const look = async () => {
    const sinceMs = Date.now();
    try {
      await ask(sinceMs + limitMs);
      answer = { name: 'temporal', ok: true, message: `answered at ${new Date().toISOString()}` };
    } catch (error) {
      const message = `did not answer at ${new Date(sinceMs).toISOString()}: ${messageOf(error)}`;
      answer = { name: 'temporal', ok: false, message };
    }
  };
  const run = async () => {
    while (!signal.aborted) {
      await look();
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
    }
  };
  return { check: () => answer, done: run() };
}
