/**
 * Plants what the gate must refuse into a copy of the tree, all at once, and runs the very commands of `npm run check`.
 *
 * Here and not among the unit tests, because these are the tools that run before those.
 */
import { execFile } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = fileURLToPath(new URL('../..', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'folder-rule-'));
const toolTimeoutMs = 120_000; // seconds, but not on a machine that is busy

const Package = z.object({ scripts: z.object({ check: z.string(), 'check:static': z.string() }) });
const { scripts } = Package.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
const commands = scripts['check:static'].split(' && ');

/** File, the rule that refuses it, and what stands in it. */
type Plant = [file: string, rule: string, source: string];

// biome-ignore format: one plant a line
const edges: Plant[] = [
  ['workflows/value-of-activities', 'workflows-imports', "import { createActivities } from '../activities/index.ts';"],
  ['workflows/zod', 'workflows-imports', "import { z } from 'zod';"],
  ['workflows/schema', 'workflows-imports', "import { HookSpec } from './contract/hook.ts';"],
  ['workflows/schema-passed-on', 'workflows-imports', "export { HookSpec } from './contract/hook.ts';"],
  ['workflows/all-passed-on', 'workflows-imports', "export * from './contract/hook.ts';"],
  ['workflows/schema-in-time', 'workflows-imports', "export const x = () => import('./contract/hook.ts');"],
  ['workflows/value-beside-type', 'workflows-imports', "import { type HookSpec, hookGroup } from './contract/hook.ts';"],
  ['workflows/value-after-type', 'workflows-imports', "import type { HookSpec } from './contract/hook.ts';\nimport { hookGroup } from './contract/hook.ts';"],
  ['workflows/node', 'workflows-imports', "import { connect } from 'node:http2';"],
  ['workflows/client', 'workflows-imports', "import { Client } from '@temporalio/client';"],
  ['workflows/type-of-watcher', 'workflows-type-imports', "import type { match } from '../watcher/matching/match.ts';"],
  ['workflows/type-passed-on', 'workflows-type-imports', "export type { match } from '../watcher/matching/match.ts';"],
  ['workflows/builders', 'workflows-imports', "import { aPod } from '../tests/make.ts';"],
  ['workflows/contract/activity', 'contract-type-imports', "import type { createActivities } from '../../activities/index.ts';"],
  ['workflows/contract/temporal', 'contract-imports', "import { proxyActivities } from '@temporalio/workflow';"],
  ['workflows/contract/prompt/schema', 'contract-prompt-imports', "import { z } from 'zod';"],
  ['activities/watcher', 'activities-imports', "import { match } from '../watcher/matching/match.ts';"],
  ['activities/cluster', 'activities-imports', "import { KubeConfig } from '@kubernetes/client-node';"],
  ['watcher/value-of-activities', 'watcher-imports', "import { createActivities } from '../activities/index.ts';"],
  ['watcher/type-of-activities', 'watcher-type-imports', "import type { createActivities } from '../activities/index.ts';"],
  ['watcher/value-of-workflow', 'watcher-imports', "import { handleIncident } from '../workflows/index.ts';"],
  ['watcher/deploy', 'watcher-imports', "import { printCrd } from '../deploy/generate-crd.ts';"],
  ['watcher/worker', 'watcher-imports', "import { Worker } from '@temporalio/worker';"],
  ['watcher/detectors/kube', 'detectors-imports', "import * as kube from '../kube/api-server.ts';"],
  ['watcher/detectors/type-of-kube', 'detectors-type-imports', "import type * as kube from '../kube/api-server.ts';"],
  ['watcher/detectors/node', 'detectors-imports', "import { readFileSync } from 'node:fs';"],
  ['workers/watcher', 'workers-imports', "import { match } from '../watcher/matching/match.ts';"],
  ['workers/workflow', 'workers-imports', "import * as workflows from '../workflows/index.ts';"],
  ['workers/cluster', 'workers-imports', "import { KubeConfig } from '@kubernetes/client-node';"],
  ['runtime/cluster', 'runtime-imports', "import { KubeConfig } from '@kubernetes/client-node';"],
  ['runtime/watcher', 'runtime-type-imports', "import type { match } from '../watcher/matching/match.ts';"],
  ['runtime/private-path', 'private-paths-of-temporal', "import { msToTs } from '@temporalio/common/lib/time.js';"],
  ['watcher/private-path', 'private-paths-of-temporal', "import { msToTs } from '@temporalio/common/lib/time.js';"],
  ['workers/private-type', 'private-paths-of-temporal', "import type { msToTs } from '@temporalio/common/lib/time.js';"],
  ['deploy/crd/incident', 'crd-imports', "import { Incident } from '../../workflows/contract/incident.ts';"],
  ['deploy/local/builders', 'local-imports', "import { aPod } from '../make.ts';"],
  ['deploy/no-row', 'a-row-for-every-file', "import { z } from 'zod';"],
  ['watcher/nowhere', 'nothing-unresolved', "import { x } from 'no-such-package';"],
  ['watcher/round', 'no-cycles', "import { y } from './trip.ts';\n\nexport const x = y;"],
  ['watcher/trip', 'no-cycles', "import { x } from './round.ts';\n\nexport const y = x;"],
];

/** Types may cross where values may not. */
const allowed: [file: string, source: string][] = [
  ['workflows/type-of-activities', "import type { createActivities } from '../activities/index.ts';"],
  ['workflows/type-of-schema', "import type { HookSpec } from './contract/hook.ts';"],
  ['watcher/type-of-workflow', "import type { handleIncident } from '../workflows/index.ts';"],
];

// biome-ignore format: one plant a line
const lines: Plant[] = [
  ['watcher/floating-promise', 'no-floating-promises', 'export function x(): void {\n  Promise.resolve(1);\n}'],
  ['watcher/environment', 'no-process-env', "export const x = process.env['HOME'];"],
  ['watcher/environment-taken-apart', 'no-restricted-properties', "const { env } = process;\nexport const x = env['HOME'];"],
  ['watcher/environment-of-all', 'no-restricted-properties', "export const x = globalThis.process.env['HOME'];"],
  ['watcher/environment-by-name', 'no-restricted-imports', "import { env } from 'node:process';\n\nexport const x = env['HOME'];"],
  ['workflows/file', 'no-restricted-imports', "import { readFileSync } from 'node:fs';\n\nexport const x = readFileSync;"],
  ['workflows/file-by-old-name', 'no-restricted-imports', "import { readFile } from 'fs/promises';\n\nexport const x = readFile;"],
  ['workflows/clock', 'no-restricted-globals', 'export const x = () => String(Temporal.Now.instant());'],
  ['watcher/any', 'no-explicit-any', 'export const x: any = 1;'],
  ['watcher/cast', 'no-unsafe-type-assertion', 'export const x = (y: unknown) => y as string;'],
  ['watcher/bang', 'no-non-null-assertion', 'export const x = (y: string[]) => y[0]!.length;'],
  ['watcher/default', 'no-default-export', 'export default 1;'],
  ['watcher/hidden-import', 'consistent-type-imports', "export type X = import('./matching/match.ts').match;"],
];

interface ToolResult {
  code: number;
  output: string;
}

/** Runs the one command of the gate that starts with this word, as npm would. */
function run(tool: string, cwd: string): Promise<ToolResult> {
  const command = commands.find((line) => line.startsWith(`${tool} `));
  if (command === undefined) throw new Error(`${tool} is not in check:static.`);
  const { promise, resolve, reject } = Promise.withResolvers<ToolResult>();
  const PATH = [join(root, 'node_modules/.bin'), dirname(process.execPath), process.env['PATH']].join(delimiter);
  const options = { cwd, env: { HOME: tmpdir(), NO_COLOR: '1', PATH }, maxBuffer: 64 * 1024 * 1024 };
  execFile('/bin/sh', ['-c', command], options, (error, stdout, stderr) => {
    if (error !== null && typeof error.code !== 'number') reject(error);
    else resolve({ code: Number(error?.code ?? 0), output: `${stdout}${stderr}` });
  });
  return promise;
}

/** The rules by which each file was refused, read from what people see. */
function refusals(output: string, pattern: RegExp): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { groups: { rule = '', file = '' } = {} } of output.matchAll(pattern)) {
    found.set(file, [...(found.get(file) ?? []), rule]);
  }
  return found;
}

beforeAll(() => {
  const left = ['node_modules', 'dist', '.git', '.vitest', 'tests/artifacts'].map((name) => join(root, name));
  cpSync(root, copy, { recursive: true, filter: (path) => !left.includes(path) });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  // The packages stand behind a link here, which is to count as the folder that it stands for.
  renameSync(join(copy, '.dependency-cruiser.cjs'), join(copy, 'rules.cjs'));
  const config =
    "const rules = require('./rules.cjs');\nmodule.exports = { ...rules, options: { ...rules.options, preserveSymlinks: true } };\n";
  writeFileSync(join(copy, '.dependency-cruiser.cjs'), config);

  for (const [file, , source] of [...edges, ...lines]) writeFileSync(join(copy, `${file}.ts`), `${source}\n`);
  for (const [file, source] of allowed) writeFileSync(join(copy, `${file}.ts`), `${source}\n`);
  writeFileSync(join(copy, 'watcher/crooked.ts'), 'export const x = {a:1}\n');
  writeFileSync(join(copy, 'watcher/enum.ts'), 'export enum X {\n  a,\n}\n');
  appendFileSync(join(copy, 'runtime/last-good.ts'), '\nexport const neverAskedFor = 1;\n');
});
afterAll(() => rmSync(copy, { recursive: true }));

it('the gate runs five tools before the unit tests, each only if the one before was content', () => {
  const tools = commands.map((command) => command.split(' ')[0]);
  expect(tools).toEqual(['tsc', 'oxlint', 'depcruise', 'knip', 'biome']);
  expect(scripts.check).toMatch(/check:static && vitest run --project unit$/);
});

describe('the folder rule', () => {
  let result: ToolResult;
  let refused = new Map<string, string[]>();

  beforeAll(async () => {
    result = await run('depcruise', copy);
    refused = refusals(result.output, /^ *error (?<rule>[\w-]+): (?<file>\S+)\.ts\b/gm);
  }, toolTimeoutMs);

  it('stops the gate', () => expect(result.code).toBeGreaterThan(0));

  it.each(edges.filter(([, rule]) => rule !== 'no-cycles'))('refuses %s.ts by %s', (file, rule) => {
    expect(refused.get(file)).toContain(rule);
  });

  it('refuses a cycle once, with both of its files', () => {
    expect(result.output).toMatch(/no-cycles: watcher\/(round|trip)\.ts →\s+watcher\/(trip|round)\.ts/);
  });

  it.each(allowed)('lets %s.ts pass', (file) => {
    expect(refused.has(file)).toBe(false);
  });

  it('has nothing against the tree as it is', async () => {
    const { code, output } = await run('depcruise', root);
    expect(code, output).toBe(0);
    expect(output).toContain('no dependency violations found');
  });
});

describe('the linter', () => {
  let result: ToolResult;
  let refused = new Map<string, string[]>();

  beforeAll(async () => {
    result = await run('oxlint', copy);
    refused = refusals(result.output, /^ *\S \w+\((?<rule>[\w-]+)\): [^[]*\[(?<file>[^\]\s]+)\.ts:\d+:\d+\]/gm);
  }, toolTimeoutMs);

  it('stops the gate', () => expect(result.code).toBeGreaterThan(0));

  it.each(lines)('refuses %s.ts by %s', (file, rule) => {
    expect(refused.get(file)).toContain(rule);
  });

  it('lets the config files read the environment', () => {
    const all = [...refused.values()].flat();
    expect(all).toContain('no-process-env');
    for (const file of ['watcher/config', 'workers/config']) expect(refused.get(file) ?? []).toEqual([]);
  });
});

it('types that Node cannot strip are refused', { timeout: toolTimeoutMs }, async () => {
  const { code, output } = await run('tsc', copy);
  expect(code).toBeGreaterThan(0);
  expect(output).toMatch(/^watcher\/enum\.ts\S* error TS1294/m);
});

it('a file that is not formatted is refused', { timeout: toolTimeoutMs }, async () => {
  const { code, output } = await run('biome', copy);
  expect(code).toBeGreaterThan(0);
  expect(refusals(output, /^(?<file>watcher\/crooked)\.ts (?<rule>\w+) /gm).get('watcher/crooked')).toEqual(['format']);
});

it('a file and an export that nobody uses are named', { timeout: toolTimeoutMs }, async () => {
  const { code, output } = await run('knip', copy);
  expect(code).toBeGreaterThan(0);
  expect(output).toMatch(/^watcher\/crooked\.ts\b/m);
  expect(output).toMatch(/^neverAskedFor\b.*runtime\/last-good\.ts/m);
});
