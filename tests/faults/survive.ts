/** Every fault, survived: each incident is asked about exactly once, nothing is missing, and the ledger balances. */
import { appendFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { checkIncidents } from './check-incidents.ts';
import type { Scenario } from './scenario.ts';
import { allScenarios } from './scenarios/all.ts';
import { openStage } from './stage.ts';

const firstSeed = Number(process.env['FAULTS_FIRST_SEED'] ?? 1);
const seeds = Array.from({ length: Number(process.env['FAULTS_SEEDS'] ?? 1) }, (_, n) => firstSeed + n);
/** Where `npm run faults` reads what came of it. */
const results = process.env['FAULTS_RESULTS'];
/** A watcher of a small cluster; what grew with the number of Events or edits would pass it. */
const usualMiB = 400;

/** A test for each of the scenarios and seeds. Called by one file for each list of scenarios, so that the lists run at once. */
export function surviveAll(scenarios: readonly Scenario[]): void {
  const cases = scenarios.flatMap((scenario) => seeds.map((seed) => ({ ...scenario, seed })));
  describe('survived', () => {
    for (const one of cases) it(`${one.name} (seed ${one.seed})`, { timeout: 600_000 }, () => survive(one));
  });
}

async function survive({ name, run, seed, mostMiB = usualMiB }: Scenario & { seed: number }): Promise<void> {
  const stage = await openStage(seed);
  const startMs = Date.now();
  const record = async (result: object) => {
    const seconds = Math.round((Date.now() - startMs) / 1000);
    const place = allScenarios.findIndex((scenario) => scenario.name === name);
    const row = JSON.stringify({ name, place, seed, seconds, ...result });
    if (results !== undefined) await appendFile(results, `${row}\n`);
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
