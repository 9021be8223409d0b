/**
 * `npm run bench -- NAME`: measures, prints, judges nothing. Figures are for comparison within one run on one machine.
 *
 * Run by people. Each benchmark is one file beside this one; without a name all of them run.
 */
import { benchDetect } from './detect.ts';
import { benchRest } from './rest.ts';
import { benchRuns } from './runs.ts';

const benchmarks: Record<string, () => Promise<Record<string, string>>> = {
  rest: benchRest,
  detect: benchDetect,
  runs: benchRuns,
};

const [wanted = Object.keys(benchmarks).join(',')] = process.argv.slice(2);
for (const name of wanted.split(',')) {
  const run = benchmarks[name];
  if (run === undefined)
    throw new Error(`There is no benchmark "${name}"; wanted one of ${Object.keys(benchmarks).join(', ')}.`);
  console.log(name);
  for (const [what, figure] of Object.entries(await run())) console.log(`  ${what.padEnd(34)} ${figure}`);
}
