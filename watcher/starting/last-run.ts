/**
 * What Temporal knows of the newest run of a workflow id.
 *
 * Asks `describe`, never visibility, which lags behind.
 */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { memoOf } from '../executions/read-execution.ts';
import { isUndecodable } from '../executions/unreadable.ts';
import type { LastRun } from './decide-start.ts';

/**
 * The newest run and its id; undefined where there is none (any more). Throws where its memo cannot be decoded: taken for no
 * memo, a run that knows the occurrence would be followed by one that asks the agent again.
 */
export async function lastRunOf(client: Client, workflowId: string) {
  try {
    const run = await client.workflow.getHandle(workflowId).describe();
    const { runId, status, closeTime } = run;
    return { runId, status: statusOf(status.name), closedMs: closeTime?.getTime(), memo: memoOf(run) };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    if (isUndecodable(error)) {
      const why = `The newest run of ${workflowId} cannot be read, so nothing is started until its key is in CODEC_KEY_DIR`;
      throw new Error(`${why}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

function statusOf(name: string): LastRun['status'] {
  if (name === 'RUNNING' || name === 'PAUSED' || name === 'CONTINUED_AS_NEW') return 'open';
  if (name === 'COMPLETED') return 'completed';
  return name === 'CANCELLED' || name === 'TERMINATED' ? 'ended-by-people' : 'failed';
}
