/**
 * What the Dockerfile's build stage does, without an engine: a checkout with nothing but what it copies, and /app made there.
 *
 * Used by the test of the image's layout. The installed packages are linked, so nothing is fetched.
 */
import { type ExecFileException, execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { copiedPaths } from '../read-dockerfile.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const run = promisify(execFile);

/** `from` is the repository, or a checkout of it: two of the repository could differ by what is edited meanwhile. */
export async function makeCheckout(folder: string, from = root): Promise<void> {
  await mkdir(folder);
  for (const path of copiedPaths()) await cp(join(from, path), join(folder, path), { recursive: true });
  const packages = [join(root, 'node_modules'), join(folder, 'node_modules')];
  await run('cp', ['-al', ...packages]).catch(() => run('cp', ['-a', ...packages]));
  // What an earlier build left behind.
  await mkdir(join(folder, 'dist/watcher'), { recursive: true });
  await writeFile(join(folder, 'dist/watcher/renamed-since.js'), 'left behind\n');
}

/** Resolves with what the command printed. */
export async function assemble(checkout: string, layout: string): Promise<string> {
  const env = { ...process.env, SOURCE_DATE_EPOCH: '1700000000' };
  const command = ['run', '--silent', 'image:layout', '--', layout];
  const { stdout } = await run('npm', command, { cwd: checkout, env }).catch((error: ExecFileException) => {
    throw new Error(`${error.message}\n${error.stdout}`);
  });
  return stdout;
}

export interface LayoutEntry {
  path: string;
  kind: 'file' | 'folder' | 'other';
  mode: string;
  mtimeMs: number;
  bytes: number;
  hash: string;
}

/** All that is below a folder, sorted by path. Not one call after the other: there are thousands of files. */
export async function listLayout(layout: string): Promise<LayoutEntry[]> {
  const all = await readdir(layout, { recursive: true, withFileTypes: true });
  const found = await Promise.all(all.map((entry) => look(layout, entry)));
  return found.toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

async function look(layout: string, entry: Dirent): Promise<LayoutEntry> {
  const path = join(entry.parentPath, entry.name);
  const { mode, mtimeMs, size } = await stat(path);
  const about = { path: relative(layout, path), mode: (mode & 0o777).toString(8), mtimeMs };
  if (!entry.isFile()) return { ...about, kind: entry.isDirectory() ? 'folder' : 'other', bytes: 0, hash: '' };
  const hash = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  return { ...about, kind: 'file', bytes: size, hash };
}

/** For which system and machine a file holds compiled code; undefined for everything else. */
export function binaryKind(content: Buffer): string | undefined {
  const magic = content.subarray(0, 4).toString('hex');
  if (magic === '7f454c46') return `ELF machine ${content.readUInt16LE(18)}`;
  if (['cffaedfe', 'cefaedfe', 'cafebabe', 'feedfacf'].includes(magic)) return 'Mach-O';
  if (magic.startsWith('4d5a')) return 'PE';
  return undefined;
}
