/**
 * Whether Temporal answers, and whether the worker polls it.
 */
import type { Worker } from '@temporalio/worker';
import type { Check, Facts } from '../../runtime/health.ts';
import { keepAskingTemporal, type TemporalCheckOptions } from '../../runtime/temporal-check.ts';

interface Workers {
  worker: Pick<Worker, 'getStatus'>;
  /** The one that follows agent runs; it has no workflows. */
  runsWorker: Pick<Worker, 'getStatus'>;
}

/** Goes on asking until aborted. */
export function watchTemporal({ worker, runsWorker, ...asking }: TemporalCheckOptions & Workers): Facts {
  const temporal = keepAskingTemporal(asking);
  return {
    ready: () => [polling(worker), following(runsWorker), temporal.check()],
    alive: () => [notFailed(worker), notFailed(runsWorker)],
  };
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
