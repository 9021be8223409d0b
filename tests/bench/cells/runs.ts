/**
 * 200 agent runs of 60 s at once on one worker, and new incidents meanwhile: how soon each new one reaches its agent, how much memory
 * the worker takes, and how often Kagent is asked about runs.
 *
 * On a real Temporal, a compiled worker and a Kagent double of its own, each a process.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { z } from 'zod';
import { resolveEngines } from '../../../deploy/local/engines/resolve-engine.ts';
import { plainProgress } from '../../../deploy/local/progress.ts';
import { openRun } from '../../../deploy/local/runs/open-run.ts';
import { readSettings } from '../../../deploy/local/settings.ts';
import { type ProductServer, startA2aStandIn, starterOf } from '../../../deploy/local/start-product.ts';
import { startTemporal } from '../../../deploy/local/start-temporal.ts';
import { startOrJoin } from '../../../watcher/starting/start.ts';
import { IncidentMemo } from '../../../workflows/contract/outcome.ts';
import { anIncident, anOccurrence } from '../../make.ts';
import { waitFor } from '../../wait-for.ts';
import { buildOnce, imageEnvironment } from '../lab.ts';
import { percentilesOf } from '../latency.ts';
import { memoryMiB } from '../usage.ts';

const installation = 'bench';
const runs = 200;
const runSeconds = 60;
/** Started while all of those go on. */
const newOnes = 50;
const newEveryMs = 400;

const Runs = z.array(z.looseObject({ prompt: z.string(), startedAt: z.string() }));
const Requests = z.array(z.looseObject({ method: z.string(), path: z.string(), at: z.string() }));

export async function benchRuns(): Promise<Record<string, string>> {
  const settings = readSettings();
  const run = await openRun(settings);
  try {
    const progress = plainProgress((line) => process.stderr.write(line));
    const { temporal: path } = await resolveEngines({ settings, progress, reaper: run.reaper });
    const { address } = await startTemporal({ run, path });
    const apiKey = 'bench';
    const kagent = await startA2aStandIn(run, apiKey, { runSeconds });
    const environment = {
      INSTALLATION: installation,
      TEMPORAL_ADDRESS: address,
      KAGENT_BASE_URL: kagent.url,
      KAGENT_API_KEY: apiKey,
      ...imageEnvironment,
    };
    await buildOnce();
    const worker = await starterOf('dist')('worker', run, environment);
    const connection = await Connection.connect({ address });
    try {
      return await measure(new Client({ connection }), worker, kagent);
    } finally {
      await connection.close();
    }
  } finally {
    await run.close();
  }
}

async function measure(client: Client, worker: ProductServer, kagent: ProductServer): Promise<Record<string, string>> {
  const idleMiB = await memoryMiB(worker.pid, 'VmRSS');
  const read = async <T>(what: string, shape: z.ZodType<T>): Promise<T> =>
    shape.parse(await (await fetch(`${kagent.url}/_fake/${what}`)).json());
  for (let n = 0; n < runs; n += 1) await start(client, `first-${n}`);
  await waitFor('all runs', async () => (await read('runs', Runs)).length >= runs, 60_000);
  const fromMs = Date.now();
  const startedMs = new Map<string, number>();
  for (let n = 0; n < newOnes; n += 1) {
    startedMs.set(`new-${n}`, Date.now());
    await start(client, `new-${n}`);
    await delay(newEveryMs);
  }
  await waitFor('the new runs', async () => (await read('runs', Runs)).length >= runs + newOnes, 60_000);
  const toMs = Date.now();
  const asked = await read('runs', Runs);
  const latencies = asked.flatMap(({ prompt, startedAt }) => {
    const sentMs = startedMs.get(prompt);
    return sentMs === undefined ? [] : [Date.parse(startedAt) - sentMs];
  });
  const polls = (await read('requests', Requests)).filter(({ method, path, at }) => {
    const atMs = Date.parse(at);
    return method === 'GET' && path.startsWith('/api/tasks/') && atMs >= fromMs && atMs < toMs;
  });
  const { p50Ms, p95Ms, mostMs } = percentilesOf(latencies);
  const perMinute = (polls.length / (toMs - fromMs)) * 60_000;
  await waitFor('all answers', async () => (await answered(client)) >= runs + newOnes, (runSeconds + 60) * 1000);
  return {
    runs: `${runs} of ${runSeconds} s at once, ${newOnes} new ones meanwhile`,
    'new ask: start to receipt': `p50 ${p50Ms} ms, p95 ${p95Ms} ms, most ${mostMs} ms`,
    'worker memory': `${idleMiB} MiB idle, at most ${await memoryMiB(worker.pid, 'VmHWM')} MiB`,
    'polls of runs': `${perMinute.toFixed(0)} a minute for ${runs} to ${runs + newOnes} runs`,
    'runs at the agent': `${asked.length} for ${runs + newOnes} incidents`,
    answered: `${await answered(client)}`,
  };
}

async function start(client: Client, name: string): Promise<void> {
  const subject = { kind: 'Pod', namespace: 'shop', name, uid: name };
  const occurrence = anOccurrence({ id: name, member: name, objectName: name });
  const timing = { ...anIncident().timing, quietWindowMs: 600_000 };
  const incident = anIncident({ installation, subject, occurrence, timing, prompt: '{{.ResourceName}}' });
  await startOrJoin(client, { workflowId: `${installation}/${name}`, incident, occurrences: [occurrence] });
}

async function answered(client: Client): Promise<number> {
  let count = 0;
  for await (const { memo } of client.workflow.list({ query: `Installation='${installation}'` })) {
    if (IncidentMemo.safeParse(memo?.['incident']).data?.outcome === 'AgentRunCompleted') count += 1;
  }
  return count;
}
