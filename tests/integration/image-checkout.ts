/**
 * What the Dockerfile does, without an engine: a checkout with nothing but what it copies, its commands, and /app.
 *
 * Used by the test of the image's layout. The installed packages stand in for `npm ci`, so nothing is fetched.
 */
import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readDockerfile } from '../read-dockerfile.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const run = promisify(execFile);

/** `build` and `app` are new folders, in place of /build and /app. */
export async function assemble(build: string, app: string): Promise<void> {
  for (const folder of [build, app]) await mkdir(folder);
  for (const { stage, word, argument } of readDockerfile()) {
    const into = stage === 0 ? build : app;
    if (word === 'COPY') await copy(argument.split(' '), { build, into });
    if (word === 'RUN' && stage === 0) await (argument.startsWith('npm ci ') ? install(build) : sh(argument, build));
  }
}

/** As COPY does it: a folder gives what is in it, a file keeps its name where the target is a folder. */
async function copy(words: string[], { build, into }: { build: string; into: string }): Promise<void> {
  const isOfBuild = words[0] === '--from=build';
  const paths = isOfBuild ? words.slice(1) : words;
  const target = paths.at(-1) ?? '';
  for (const path of paths.slice(0, -1)) {
    const source = isOfBuild ? path.replace('/build', build) : join(root, path);
    const isFile = (await stat(source)).isFile();
    await cp(source, join(into, target, isFile && target.endsWith('/') ? basename(path) : ''), { recursive: true });
  }
}

async function install(folder: string): Promise<void> {
  const [installed, target] = [join(root, 'node_modules'), join(folder, 'node_modules')];
  await run('cp', ['-al', installed, target]).catch(() => run('cp', ['-a', installed, target]));
  for (const cache of (await readdir(target)).filter((name) => /^\.(?!bin$|package-lock)/.test(name)))
    await rm(join(target, cache), { recursive: true });
  // npm writes into it, and a link would be the file of the repository.
  const state = '.package-lock.json';
  await rm(join(target, state));
  await copyFile(join(installed, state), join(target, state));
}

async function sh(command: string, cwd: string): Promise<void> {
  await run('sh', ['-ec', command], { cwd });
}

/** Files below a folder, sorted. */
export async function listFiles(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = all.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((path) => path.slice(folder.length + 1)).toSorted();
}

/** For which system and machine a file holds compiled code; undefined for everything else. */
export async function binaryKind(path: string): Promise<string | undefined> {
  const content = await readFile(path);
  const magic = content.subarray(0, 4).toString('hex');
  if (magic === '7f454c46') return `ELF machine ${content.readUInt16LE(18)}`;
  if (['cffaedfe', 'cefaedfe', 'cafebabe', 'feedfacf'].includes(magic)) return 'Mach-O';
  return magic.startsWith('4d5a') ? 'PE' : undefined;
}
