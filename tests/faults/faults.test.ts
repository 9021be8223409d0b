/** Every fault, survived: each incident is asked about exactly once, nothing is missing, and the ledger balances. */
import { appendFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { checkIncidents } from './check-incidents.ts';
import { agentScenarios } from './scenarios/agents.ts';
import { clusterScenarios } from './scenarios/cluster.ts';
import { foreignEventScenarios } from './scenarios/foreign-events.ts';
import { hostileScenarios } from './scenarios/hostile-objects.ts';
import { loadScenarios } from './scenarios/loads.ts';
import { processScenarios } from './scenarios/processes.ts';
import { serverScenarios } from './scenarios/servers.ts';
import { openStage } from './stage.ts';

const scenarios = [
  ...processScenarios,
  ...serverScenarios,
  ...agentScenarios,
  ...clusterScenarios,
  ...hostileScenarios,
  ...foreignEventScenarios,
  ...loadScenarios,
];
const firstSeed = Number(process.env['FAULTS_FIRST_SEED'] ?? 1);
const seeds = Array.from({ length: Number(process.env['FAULTS_SEEDS'] ?? 1) }, (_, n) => firstSeed + n);
/** Where `npm run faults` reads what came of it. */
const results = process.env['FAULTS_RESULTS'];
/** A watcher of a small cluster; what grew with the number of Events or edits would pass it. */
const usualMiB = 400;

const cases = scenarios.flatMap((scenario) => seeds.map((seed) => ({ ...scenario, seed })));

describe('survived', () => {
  for (const one of cases) it(`${one.name} (seed ${one.seed})`, { timeout: 600_000 }, () => survive(one));
});

async function survive({ name, run, seed, mostMiB = usualMiB }: (typeof cases)[number]): Promise<void> {
  const stage = await openStage(seed);
  const startMs = Date.now();
  const record = async (result: object) => {
    const seconds = Math.round((Date.now() - startMs) / 1000);
    if (results !== undefined) await appendFile(results, `${JSON.stringify({ name, seed, seconds, ...result })}\n`);
  };
  try {
    const result = await checkIncidents(stage, await run(stage)).catch(async (error: unknown) => {
      await record({ error: String(error) });
      throw error;
    });
    await record(result);
    expect(result).toMatchObject({ lost: [], doubled: [], unanswered: [], difference: 0, forgotten: 0 });
    expect(result.watcherMiB).toBeLessThan(mostMiB);
  } finally {
    await stage.close();
  }
}
