/** Plants what the gate must refuse into a copy of the tree, runs each tool once over it, and reads what it says. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = fileURLToPath(new URL('../..', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'folder-rule-'));
const folders = ['workflows', 'activities', 'watcher', 'workers', 'deploy', 'tests'];
const settings = ['package.json', 'tsconfig.json', 'vitest.config.ts', '.dependency-cruiser.cjs', '.oxlintrc.json'];

const toolTimeoutMs = 60_000; // a tool takes two seconds, but not on a machine that is busy

/** File, the rule that refuses it (none where it is allowed), and what stands in it. */
type Plant = [file: string, rule: string | undefined, source: string];

// biome-ignore format: one plant a line
const edges: Plant[] = [
  ['workflows/value-of-activities', 'workflows-imports', "import { createActivities } from '../activities/index.ts';"],
  ['workflows/type-of-activities', undefined, "import type { createActivities } from '../activities/index.ts';"],
  ['workflows/zod', 'workflows-imports', "import { z } from 'zod';"],
  ['workflows/schema', 'workflows-imports', "import { HookSpec } from './contract/hook.ts';"],
  ['workflows/schema-passed-on', 'workflows-imports', "export { HookSpec } from './contract/hook.ts';"],
  ['workflows/schema-in-time', 'workflows-imports', "export const x = () => import('./contract/hook.ts');"],
  ['workflows/value-beside-type', 'workflows-imports', "import { type HookSpec, hookGroup } from './contract/hook.ts';"],
  ['workflows/value-after-type', 'workflows-imports', "import type { HookSpec } from './contract/hook.ts';\nimport { hookGroup } from './contract/hook.ts';"],
  ['workflows/type-of-schema', undefined, "import type { HookSpec } from './contract/hook.ts';"],
  ['workflows/node', 'workflows-imports', "import { connect } from 'node:http2';"],
  ['workflows/client', 'workflows-imports', "import { Client } from '@temporalio/client';"],
  ['workflows/type-of-watcher', 'workflows-type-imports', "import type { match } from '../watcher/match.ts';"],
  ['workflows/contract/activity', 'contract-type-imports', "import type { createActivities } from '../../activities/index.ts';"],
  ['workflows/contract/temporal', 'contract-imports', "import { proxyActivities } from '@temporalio/workflow';"],
  ['workflows/contract/prompt/schema', 'contract-prompt-imports', "import { z } from 'zod';"],
  ['activities/watcher', 'activities-imports', "import { match } from '../watcher/match.ts';"],
  ['activities/cluster', 'activities-imports', "import { KubeConfig } from '@kubernetes/client-node';"],
  ['watcher/value-of-activities', 'watcher-imports', "import { createActivities } from '../activities/index.ts';"],
  ['watcher/type-of-activities', 'watcher-type-imports', "import type { createActivities } from '../activities/index.ts';"],
  ['watcher/value-of-workflow', 'watcher-imports', "import { handleIncident } from '../workflows/index.ts';"],
  ['watcher/type-of-workflow', undefined, "import type { handleIncident } from '../workflows/index.ts';"],
  ['watcher/worker', 'watcher-imports', "import { Worker } from '@temporalio/worker';"],
  ['watcher/detectors/kube', 'detectors-imports', "import * as kube from '../kube/api-server.ts';"],
  ['watcher/detectors/type-of-kube', 'detectors-type-imports', "import type * as kube from '../kube/api-server.ts';"],
  ['watcher/detectors/node', 'detectors-imports', "import { readFileSync } from 'node:fs';"],
  ['workers/workflow', 'workers-imports', "import * as workflows from '../workflows/index.ts';"],
  ['workers/cluster', 'workers-imports', "import { KubeConfig } from '@kubernetes/client-node';"],
  ['deploy/crd/incident', 'crd-imports', "import { Incident } from '../../workflows/contract/incident.ts';"],
  ['deploy/local/tests', 'local-imports', "import { aPod } from '../../tests/make.ts';"],
  ['deploy/no-row', 'a-row-for-every-file', "import { z } from 'zod';"],
  ['watcher/nowhere', 'nothing-unresolved', "import { x } from 'no-such-package';"],
  ['watcher/round', 'no-cycles', "import { y } from './trip.ts';\nexport const x = y;"],
  ['watcher/trip', undefined, "import { x } from './round.ts';\nexport const y = x;"],
];

// biome-ignore format: one plant a line
const lines: Plant[] = [
  ['watcher/floating-promise', 'no-floating-promises', 'export function x(): void {\n  Promise.resolve(1);\n}'],
  ['watcher/environment', 'no-process-env', "export const x = process.env['HOME'];"],
  ['watcher/environment-by-name', 'no-restricted-imports', "import { env } from 'node:process';\nexport const x = env['HOME'];"],
  ['workflows/file', 'no-restricted-imports', "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;"],
  ['workflows/file-by-old-name', 'no-restricted-imports', "import { readFile } from 'fs/promises';\nexport const x = readFile;"],
  ['workflows/clock', 'no-restricted-globals', 'export const x = () => String(Temporal.Now.instant());'],
  ['watcher/any', 'no-explicit-any', 'export const x: any = 1;'],
  ['watcher/cast', 'no-unsafe-type-assertion', 'export const x = (y: unknown) => y as string;'],
  ['watcher/bang', 'no-non-null-assertion', 'export const x = (y: string[]) => y[0]!.length;'],
  ['watcher/default', 'no-default-export', 'export default 1;'],
  ['watcher/hidden-import', 'consistent-type-imports', "export type X = import('./match.ts').match;"],
];

const wrong = edges.filter(([, rule]) => rule !== undefined);
const pathOf = ([file]: Plant) => `${file}.ts`;

function run(tool: string, ...args: string[]): string {
  const bin = join(root, 'node_modules/.bin', tool);
  const { stdout, error } = spawnSync(bin, args, { cwd: copy, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (error !== undefined) throw error;
  return stdout;
}

beforeAll(() => {
  const isSource = (path: string) => !/\/(modules|histories|samples|artifacts)$/.test(path);
  for (const name of folders) cpSync(join(root, name), join(copy, name), { recursive: true, filter: isSource });
  for (const name of [...settings, 'biome.json', 'knip.json']) cpSync(join(root, name), join(copy, name));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const plant of edges) writeFileSync(join(copy, pathOf(plant)), `${plant[2]}\n`);
});
afterAll(() => rmSync(copy, { recursive: true }));

describe('the folder rule', () => {
  const Cruise = z.object({
    summary: z.object({ violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })) }),
  });
  const refused = new Map<string, string[]>();

  beforeAll(() => {
    const flags = ['--preserve-symlinks', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
    const { violations } = Cruise.parse(JSON.parse(run('depcruise', ...flags, ...folders))).summary;
    for (const { from, rule } of violations) refused.set(from, [...(refused.get(from) ?? []), rule.name]);
  }, toolTimeoutMs);

  it.each(wrong)('%s.ts is refused by %s', (...plant) => {
    expect(refused.get(pathOf(plant))).toContain(plant[1]);
  });

  it('refuses nothing else: not the types that may cross, not the tree as it is', () => {
    const planted = wrong.map(pathOf);
    expect([...refused.keys()].filter((file) => !planted.includes(file))).toEqual([]);
  });
});

describe('the linter', () => {
  const Lint = z.object({ diagnostics: z.array(z.object({ code: z.string(), filename: z.string() })) });
  const refused = new Map<string, string[]>();

  beforeAll(() => {
    for (const plant of lines) writeFileSync(join(copy, pathOf(plant)), `${plant[2]}\n`);
    const output = run('oxlint', '--type-aware', '--format', 'json', ...lines.map(pathOf));
    const { diagnostics } = Lint.parse(JSON.parse(output));
    for (const { filename, code } of diagnostics) {
      const rule = /\((.*)\)/.exec(code)?.[1] ?? code;
      refused.set(filename, [...(refused.get(filename) ?? []), rule]);
    }
  }, toolTimeoutMs);

  it.each(lines)('%s.ts is refused by %s', (...plant) => {
    expect(refused.get(pathOf(plant))).toContain(plant[1]);
  });
});

it('a file that is not formatted is refused', () => {
  writeFileSync(join(copy, 'watcher/crooked.ts'), 'export const x = {a:1}\n');
  const Format = z.object({ diagnostics: z.array(z.object({ category: z.string() })) });
  const { diagnostics } = Format.parse(JSON.parse(run('biome', 'check', '--reporter=json', 'watcher/crooked.ts')));
  expect(diagnostics.map(({ category }) => category)).toEqual(['format']);
});

it('a file and an export that nobody uses are named', () => {
  const hooks = join(copy, 'watcher/hooks.ts');
  writeFileSync(join(copy, 'watcher/lonely.ts'), 'export const x = 1;\n');
  writeFileSync(hooks, 'export const neverAskedFor = 1;\n', { flag: 'a' });
  const output = run('knip', '--no-config-hints', '--include', 'files,exports');
  expect(output).toContain('watcher/lonely.ts');
  expect(output).toMatch(/neverAskedFor.*watcher\/hooks\.ts/);
});
