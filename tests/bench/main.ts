/**
 * `npm run bench -- [CELL…] [--json FILE] [--small]`: measures and prints, and sets no limits.
 *
 * Run by people. Figures are for comparison within one run on one machine; each cell is one file in cells/.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { benchDetect } from './cells/detect.ts';
import { benchIncidents } from './cells/incidents.ts';
import { benchQuietScale } from './cells/quiet-scale.ts';
import { benchRest } from './cells/rest.ts';
import { benchRuns } from './cells/runs.ts';
import { benchSlowAgents } from './cells/slow-agents.ts';
import { benchStorm } from './cells/storm.ts';
import { type Report, readCircumstances, type Size } from './report.ts';

const cells: ReadonlyMap<string, (size: Size) => Promise<Report>> = new Map([
  ['incidents', benchIncidents],
  ['slow-agents', benchSlowAgents],
  ['storm', benchStorm],
  ['quiet-scale', benchQuietScale],
  ['rest', () => figuresOnly(benchRest())],
  ['detect', () => figuresOnly(benchDetect())],
  ['runs', () => figuresOnly(benchRuns())],
]);

async function figuresOnly(measured: Promise<Record<string, string>>): Promise<Report> {
  const figures = await measured;
  return { figures, data: figures };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, small: { type: 'boolean', default: false } },
});
/** What takes ten minutes together; the others have to be named. */
const usual = ['incidents', 'rest', 'detect'];

const expected = positionals.length === 0 ? usual : positionals.flatMap((each) => each.split(','));
for (const name of expected) {
  if (!cells.has(name)) throw new Error(`There is no cell "${name}"; expected one of ${[...cells.keys()].join(', ')}.`);
}

const measured: Record<string, unknown> = {};
for (const name of expected) {
  const report = await cells.get(name)?.(values.small ? 'small' : 'full');
  if (report === undefined) continue;
  console.log(name);
  for (const [what, figure] of Object.entries(report.figures)) console.log(`  ${what.padEnd(34)} ${figure}`);
  Object.assign(measured, { [name]: report.data });
}
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify({ ...(await readCircumstances()), measured }, undefined, 2)}\n`);
}
