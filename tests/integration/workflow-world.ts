/**
 * One workflow test: its own installation and task queue on the shared Temporal, with activities that answer as the test says.
 *
 * Used by the tests of handleIncident. Executions are started by the watcher's own code, so ids and request ids are real.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { Activities } from '../../activities/index.ts';
import { workflowIdOf } from '../../watcher/starting/identity.ts';
import { type StartResult, startOrJoin } from '../../watcher/starting/start.ts';
import type { Incident, Occurrence } from '../../workflows/contract/incident.ts';
import { runsTaskQueue, taskQueue } from '../../workflows/contract/plain/names.ts';
import { anIncident, anOccurrence } from '../make.ts';
import { waitFor } from '../wait-for.ts';

// The SDK logs every failed activity; here they fail on purpose.
Runtime.install({ logger: new DefaultLogger('ERROR') });

export interface WorkflowWorld {
  client: Client;
  incident: Incident;
  workflowId: string;
  /** Hands an occurrence over as the watcher does. */
  handOver: (occurrence: Occurrence, over?: Partial<Incident>) => Promise<StartResult>;
  /** Runs the worker while the body runs; `slots`: activities that each of its two halves runs at once. */
  whileWorking: <T>(body: () => Promise<T>, slots?: number) => Promise<T>;
  /** Writes the history for replay, where RECORD_HISTORIES is set. */
  record: (name: string, runId?: string) => Promise<void>;
  close: () => Promise<void>;
}

export async function createWorkflowWorld(
  address: string,
  activities: Partial<Activities>,
  over: Partial<Incident> = {},
): Promise<WorkflowWorld> {
  const installation = `w${randomBytes(4).toString('hex')}`;
  const incident = anIncident({ installation, ...over });
  const workflowId = workflowIdOf({ ...incident, installation });
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const client = new Client({ connection });
  const worker = {
    connection: native,
    workflowBundle: { codePath: join(inject('productFolder'), 'workflow-bundle.js') },
    taskQueue: taskQueue(installation),
    activities: { renderPrompt: async () => 'the prompt', ...activities },
  };
  return {
    client,
    incident,
    workflowId,
    handOver: (occurrence, change = {}) =>
      startOrJoin(client, { workflowId, incident: { ...incident, ...change, occurrence }, occurrences: [occurrence] }),
    whileWorking: async (body, slots = 100) => {
      const limited = { ...worker, maxConcurrentActivityTaskExecutions: slots };
      const { workflowBundle: _, ...runs } = { ...limited, taskQueue: runsTaskQueue(installation) };
      const runsWorker = await Worker.create(runs);
      const asking = await Worker.create(limited);
      return runsWorker.runUntil(asking.runUntil(body));
    },
    record: async (name, runId) => {
      if (process.env['RECORD_HISTORIES'] === undefined) return;
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      const folder = new URL('../histories/', import.meta.url);
      await mkdir(folder, { recursive: true });
      await writeFile(new URL(`${name}.json`, folder), `${withoutTraces(historyToJSON(history))}\n`);
    },
    close: async () => {
      await native.close();
      await connection.close();
    },
  };
}

/**
 * Hands occurrences over until the execution goes on in a new run, and resolves with the order of the last. How many that
 * takes is up to the worker: signals that arrive together make fewer events.
 */
export async function untilContinued(world: WorkflowWorld, firstRun: string): Promise<number> {
  const handle = world.client.workflow.getHandle(world.workflowId);
  for (let order = 2; ; order += 1) {
    await waitFor('the run to take a signal', async () => {
      const result = await world.handOver(anOccurrence({ id: `o${order}`, order }));
      return result.outcome === 'joined';
    });
    if ((await handle.describe()).runId !== firstRun) return order;
  }
}

/** Who and where it was recorded has no place in a file that is kept: processes are renamed, stack traces dropped. */
function withoutTraces(history: string): string {
  return history
    .replaceAll(/"\d+@[^"]*"/g, '"recorded"')
    .replaceAll(/"stackTrace":\s*"(?:[^"\\]|\\.)*"/g, '"stackTrace": ""');
}
