/**
 * The least that a workflow can do and still be one: one activity. What it costs is the engine's own.
 *
 * Never grows: everything else is measured as a ratio to it.
 */
import { proxyActivities } from '@temporalio/workflow';

const { post } = proxyActivities<{ post: (name: string) => Promise<void> }>({ startToCloseTimeout: '1 minute' });

export async function bare(name: string): Promise<void> {
  await post(name);
}
