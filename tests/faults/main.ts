/**
 * `npm run faults`: every fault, with as many seeds as wanted, and a table of what came of it.
 *
 * Run by people. The tests themselves are in faults.test.ts, which `npm test` runs with one seed.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { tableOf } from './table.ts';

const usage = `npm run faults -- [--seeds N] [--first SEED] [--only WORDS] [--full]

Injects every fault on real servers, N times with different seeds (1 where left out), and prints what came of it.
--only takes those whose name has these words; --full makes outages as long as they are in life.`;

const Result = z.object({
  name: z.string(),
  seed: z.number(),
  seconds: z.number(),
  incidents: z.number(),
  exact: z.number(),
  lost: z.array(z.string()),
  doubled: z.array(z.string()),
  difference: z.number(),
  forgotten: z.number(),
  watcherMiB: z.number(),
});

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    first: { type: 'string', default: '1' },
    only: { type: 'string' },
    full: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function runTests(results: string): Promise<number> {
  const environment = {
    ...process.env,
    FAULTS_SEEDS: values.seeds,
    FAULTS_FIRST_SEED: values.first,
    FAULTS_RESULTS: results,
    ...(values.full && { FAULTS_FULL: 'true' }),
  };
  const only = values.only === undefined ? [] : ['-t', values.only];
  const args = ['vitest', 'run', '--project', 'faults', ...only];
  const child = spawn('npx', args, { env: environment, stdio: 'inherit' });
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
}

if (values.help) {
  console.log(usage);
} else {
  const folder = await mkdtemp(join(tmpdir(), 'kagent-hooks-faults-'));
  const results = join(folder, 'results.jsonl');
  process.exitCode = await runTests(results);
  const lines = (await readFile(results, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  console.log(tableOf(lines.map((line) => Result.parse(JSON.parse(line)))).join('\n'));
  await rm(folder, { recursive: true });
}
