/**
 * Compares what happened in the cluster with what the agent was asked, and the ledger with the executions.
 *
 * An incident counts as asked once when the agent started one run for it, however many requests
 * of the same key that took.
 */
import { readFile } from 'node:fs/promises';
import type { ProductServer } from '../../deploy/local/start-product.ts';
import { differenceOf } from '../../watcher/ledger/account.ts';
import { lostOf } from '../../watcher/ledger/print.ts';
import { readLedger } from '../../watcher/ledger/read-ledger.ts';
import { IncidentMemo } from '../../workflows/contract/outcome.ts';
import type { World } from '../e2e/world.ts';
import { waitFor } from '../wait-for.ts';
import type { Stage } from './stage.ts';

export interface FaultResult {
  incidents: number;
  /** Asked about as often as they should be. */
  exact: number;
  lost: string[];
  doubled: string[];
  /** Executions whose agent run ended otherwise than it should, where runs can be followed. */
  unanswered: string[];
  /** Of the ledger, and of what executions remember; 0 where all is accounted for. */
  difference: number;
  forgotten: number;
  /** Most memory that a watcher had, in MiB. */
  watcherMiB: number;
  /** How long a neighbour of the trouble waited until its agent was asked, at most; where that was measured. */
  neighbourMs?: number;
}

/** Of a run that its agent has lost that is known after more than a minute, also on a machine with nothing else to do. */
const longestMs = 240_000;

/** An agent platform that knows which runs its agents have started. */
interface Started {
  runs: readonly { prompt: string }[];
}

/** How often each resource was asked about, by distinct runs. */
function runsByName(kagent: Started): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { prompt } of kagent.runs) {
    const [name = ''] = prompt.split(':', 1);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

export async function checkIncidents(
  stage: Stage,
  watchers: readonly ProductServer[],
  kagent: Started = stage.kagent() ?? stage.world.kagent,
): Promise<FaultResult> {
  const { world, expected, uncounted } = stage;
  const short = () => {
    const runs = runsByName(kagent);
    return [...expected].filter(([name, count]) => (runs.get(name) ?? 0) < count).map(([name]) => name);
  };
  await waitFor('every incident to be asked about', async () => short().length === 0, longestMs).catch(() => undefined);
  await untilAllClosed(world);
  const watcherMiB = Math.max(0, ...(await Promise.all(watchers.map(peakMiB))));
  for (const watcher of watchers) await watcher.stop();
  const runs = runsByName(kagent);
  const isTooMany = ([name, count]: [string, number]) => !uncounted.has(name) && count > (expected.get(name) ?? 0);
  const doubled = [...runs].filter(isTooMany).map(([name]) => name);
  const lost = short();
  const neighbourMs = stage.neighbour.slowestMs();
  return {
    incidents: [...expected.values()].reduce((sum, count) => sum + count, 0),
    exact: expected.size - lost.length - doubled.filter((name) => expected.has(name)).length,
    lost,
    doubled,
    ...(await readAccounts(world)),
    unanswered: stage.kagent() === undefined ? [] : await runsEndedOtherwise(stage),
    watcherMiB,
    ...(neighbourMs !== undefined && { neighbourMs }),
  };
}

async function runsEndedOtherwise({ world, expectedOutcome }: Stage): Promise<string[]> {
  const found: string[] = [];
  const query = `Installation='${world.installation}' AND WorkflowType='handleIncident'`;
  for await (const { workflowId, memo } of world.client.workflow.list({ query })) {
    const { outcome } = IncidentMemo.parse(memo?.['incident']);
    if (outcome !== expectedOutcome) found.push(`${workflowId} ended as ${outcome}`);
  }
  return found;
}

/** Only then nobody will be asked any more. */
async function untilAllClosed(world: World): Promise<void> {
  await waitFor(
    'all executions to end',
    async () => (await world.executions()).every(({ status }) => status !== 'RUNNING'),
    longestMs,
  );
}

async function readAccounts(world: World): Promise<Pick<FaultResult, 'difference' | 'forgotten'>> {
  const lease = {
    api: world.cluster.api,
    namespace: world.namespace,
    name: `kagent-hooks-${world.installation}`,
  };
  const report = await readLedger(world.client, lease, world.installation);
  if (report === undefined) throw new Error('There is no ledger.');
  return { difference: differenceOf(report.account, 0), forgotten: lostOf(report) ?? 0 };
}

async function peakMiB({ pid }: ProductServer): Promise<number> {
  if (pid === undefined) return 0;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}
