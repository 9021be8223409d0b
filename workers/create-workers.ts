/**
 * The two workers of Temporal in this process: one that asks agents and runs the workflows, and one that follows agent runs.
 *
 * Makes them; does not run them.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { createSlotShare } from '../activities/agents/limits/slot-share.ts';
import { type ActivityDependencies, createAskingActivities, createRunActivities } from '../activities/index.ts';
import { runsTaskQueue, taskQueue } from '../workflows/contract/plain/names.ts';
import type { WorkerConfig } from './config.ts';
import type { Connected } from './connect-temporal.ts';

export interface WorkerParts extends Connected {
  dataConverter: DataConverter | undefined;
  activities: Omit<ActivityDependencies, 'share'>;
}

export async function createWorkers(config: WorkerConfig, parts: WorkerParts) {
  const { connection, namespace, dataConverter, activities } = parts;
  const { INSTALLATION: installation, MAX_CONCURRENT_AGENT_CALLS: calls, MAX_CONCURRENT_AGENT_RUNS: runs } = config;
  const common = {
    connection,
    namespace,
    ...(dataConverter !== undefined && { dataConverter }),
    ...versioning(config),
  };
  const worker = await Worker.create({
    ...common,
    ...workflows(dataConverter !== undefined),
    taskQueue: taskQueue(installation),
    activities: createAskingActivities({ ...activities, share: createSlotShare({ slots: calls }) }),
    maxConcurrentActivityTaskExecutions: calls,
    maxCachedWorkflows: 100, // an evicted execution only replays when a signal, its timer or its agent run comes back
    shutdownGraceTime: config.SHUTDOWN_GRACE,
  });
  // Following only waits, so it needs no grace: the next worker goes on from the id of the run.
  const runsWorker = await Worker.create({
    ...common,
    taskQueue: runsTaskQueue(installation),
    activities: createRunActivities({ ...activities, share: createSlotShare({ slots: runs }) }),
    maxConcurrentActivityTaskExecutions: runs,
  });
  return { worker, runsWorker };
}

/**
 * Incidents go on with the newest version: they may last for weeks, nobody wants to keep old workers for so long, and every
 * change of workflows replays the committed histories before it is released.
 */
function versioning({
  TEMPORAL_DEPLOYMENT_NAME: deploymentName,
  TEMPORAL_WORKER_BUILD_ID: buildId,
}: WorkerConfig): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (deploymentName === undefined || buildId === undefined) return {};
  const version = { deploymentName, buildId };
  return {
    workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: 'AUTO_UPGRADE' },
  };
}

/** Compiled code brings its bundle along; in development it is made at start. */
function workflows(encrypts: boolean): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const name = encrypts ? 'workflow-bundle-encrypting.js' : 'workflow-bundle.js';
  const bundle = fileURLToPath(new URL(`../${name}`, import.meta.url));
  if (existsSync(bundle)) return { workflowBundle: { codePath: bundle } };
  return { workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)) };
}
