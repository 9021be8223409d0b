/**
 * Compiles the product once for all tests that start its processes: they start in half the time, and run what a release has.
 *
 * Called with the engines. `dist` is left alone: it belongs to those who build, and to the bench.
 */
import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Resolves with the folder of the compiled product, inside the one that is given. */
export async function buildProduct(inside: string): Promise<string> {
  const folder = join(inside, 'product');
  const run = async (...args: string[]) => promisify(execFile)(process.execPath, args, { cwd: root });
  const rolldown = dirname(createRequire(import.meta.url).resolve('rolldown/package.json'));
  await run(join(rolldown, 'bin/cli.mjs'), '--config', '--dir', folder);
  await run('workers/bundle-workflows.ts', folder);
  await symlink(join(root, 'node_modules'), join(inside, 'node_modules'));
  return folder;
}
