/**
 * `npm run faults`: every fault, with as many seeds as asked for, and a table of what came of it.
 *
 * Run by people. The tests themselves are in survive.ts, which `npm test` runs with one seed.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lineOf, Row, tableOf } from './table.ts';

const usage = `npm run faults -- [--seeds N] [--first SEED] [--only WORDS] [--full]

Injects every fault on real servers, N times with different seeds (1 where left out), and prints what came of it.
--only takes those whose name has these words; --full makes outages as long as they are in life.`;

/** EX_USAGE of sysexits. */
const usageError = 64;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    first: { type: 'string', default: '1' },
    only: { type: 'string' },
    full: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** Resolves with the exit code; the tests' own words are shown only where something failed. */
function runTests(results: string, onOutput: (text: string) => void): Promise<number> {
  const environment = {
    ...process.env,
    FAULTS_SEEDS: values.seeds,
    FAULTS_FIRST_SEED: values.first,
    FAULTS_RESULTS: results,
    ...(values.full && { FAULTS_FULL: 'true' }),
  };
  const only = values.only === undefined ? [] : ['-t', values.only];
  const child = spawn('npx', ['vitest', 'run', '--project', 'faults', '--project', 'faults-alone', ...only], {
    env: environment,
  });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => onOutput(String(chunk)));
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
}

async function readRows(results: string): Promise<Row[]> {
  const lines = (await readFile(results, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  return lines.map((line) => Row.parse(JSON.parse(line)));
}

async function main(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'kagent-hooks-faults-'));
  const results = join(folder, 'results.jsonl');
  const output: string[] = [];
  let printed = 0;
  const printNew = async () => {
    const rows = await readRows(results);
    for (const row of rows.slice(printed)) console.log(lineOf(row));
    printed = rows.length;
  };
  const timer = setInterval(() => void printNew(), 1000);
  const code = await runTests(results, (text) => output.push(text));
  clearInterval(timer);
  await printNew();
  if (code !== 0) console.log(output.join(''));
  const rows = await readRows(results);
  console.log(rows.length === 0 ? 'No fault was run: none has these words.' : ['', ...tableOf(rows)].join('\n'));
  await rm(folder, { recursive: true });
  return rows.length === 0 ? Math.max(code, usageError) : code;
}

if (values.help) console.log(usage);
else process.exitCode = await main();
