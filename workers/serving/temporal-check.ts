/**
 * Whether Temporal answers, and whether the worker polls it.
 *
 * Started by main; read by the health server at any time. Asks now and then, so that a probe never waits for the network.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from '@temporalio/worker';
import type { Check, Facts } from './health.ts';

export interface TemporalCheckOptions {
  /** Asks Temporal for anything; gives up at this moment. */
  ask: (deadlineMs: number) => Promise<unknown>;
  worker: Pick<Worker, 'getStatus'>;
  /** The one that follows agent runs; it has no workflows. */
  runsWorker: Pick<Worker, 'getStatus'>;
  signal: AbortSignal;
  everyMs?: number;
  limitMs?: number;
}

/** Goes on asking until aborted. */
export function watchTemporal({ worker, runsWorker, ...asking }: TemporalCheckOptions): Facts {
  const temporal = keepAsking(asking);
  return {
    ready: () => [polling(worker), following(runsWorker), temporal()],
    alive: () => [notFailed(worker), notFailed(runsWorker)],
  };
}

function keepAsking(options: Omit<TemporalCheckOptions, 'worker' | 'runsWorker'>): () => Check {
  const { ask, signal, everyMs = 5000, limitMs = 3000 } = options;
  let answer: Check = { name: 'temporal', ok: true, message: 'answered when the worker connected' };
  const look = async () => {
    const sinceMs = Date.now();
    try {
      await ask(sinceMs + limitMs);
      answer = { name: 'temporal', ok: true, message: `answered at ${new Date().toISOString()}` };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      answer = { name: 'temporal', ok: false, message: `did not answer at ${new Date(sinceMs).toISOString()}: ${why}` };
    }
  };
  void (async () => {
    while (!signal.aborted) {
      await look();
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
    }
  })();
  return () => answer;
}

function polling(worker: Pick<Worker, 'getStatus'>): Check {
  const { runState, workflowPollerState, activityPollerState } = worker.getStatus();
  const ok = runState === 'RUNNING' && workflowPollerState === 'POLLING' && activityPollerState === 'POLLING';
  const message = `worker ${runState}, workflows ${workflowPollerState}, activities ${activityPollerState}`;
  return { name: 'polling', ok, message };
}

function following(worker: Pick<Worker, 'getStatus'>): Check {
  const { runState, activityPollerState } = worker.getStatus();
  const ok = runState === 'RUNNING' && activityPollerState === 'POLLING';
  return { name: 'following', ok, message: `worker ${runState}, agent runs ${activityPollerState}` };
}

/** The SDK does not take up polling again after this. */
function notFailed(worker: Pick<Worker, 'getStatus'>): Check {
  const { runState, workflowPollerState, activityPollerState } = worker.getStatus();
  return {
    name: 'polling',
    ok: ![runState, workflowPollerState, activityPollerState].includes('FAILED'),
    message: `worker ${runState}`,
  };
}
