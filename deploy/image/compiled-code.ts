/**
 * Our own part of the image: the compiled code of every source file, the workflow bundles, package.json, the licence.
 *
 * Called by assemble.ts after `npm run build`. Goes by the sources, so that what an earlier build left behind in dist
 * stays out; never compiles.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { z } from 'zod';
import type { ImageFile } from './image-file.ts';
import { withoutMachinePaths } from './workflow-bundle.ts';

const BuildSettings = z.object({ include: z.array(z.string()).min(1) });

const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
  type: z.literal('module'),
  engines: z.record(z.string(), z.string()),
  dependencies: z.record(z.string(), z.string()),
});

/** For workers without and with encryption keys. */
const bundles = ['workflow-bundle.js', 'workflow-bundle-encrypting.js'];

/** Makes the bundles; the image has them made. */
const onlyBuilds = new Set(['workers/bundle-workflows.ts']);

export async function listCompiledCode(root: string): Promise<ImageFile[]> {
  const { include } = BuildSettings.parse(JSON.parse(await readFile(join(root, 'tsconfig.build.json'), 'utf8')));
  const sources = (await Promise.all(include.map((folder) => listSources(root, folder)))).flat();
  const files: ImageFile[] = [];
  for (const source of sources) {
    if (onlyBuilds.has(source)) continue;
    const path = source.replace(/\.ts$/, '.js');
    const from = join(root, 'dist', path);
    if (!(await isAsNewAs(from, join(root, source))))
      throw new Error(`dist/${path} is missing or older than its source. Run npm run build.`);
    files.push({ path, text: withoutMapReference(await readFile(from, 'utf8')) });
  }
  return files;
}

export async function listRootFiles(root: string): Promise<ImageFile[]> {
  // Parsing drops what only development needs: scripts, tools, Nodes for older machines.
  const manifest = Manifest.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  return [
    ...(await Promise.all(bundles.map((name) => readBundle(root, name)))),
    { path: 'package.json', text: `${JSON.stringify(manifest, undefined, 2)}\n` },
    { path: 'LICENSE', from: join(root, 'LICENSE') },
  ];
}

async function readBundle(root: string, path: string): Promise<ImageFile> {
  const bundle = await readFile(join(root, 'dist', path), 'utf8');
  return { path, text: withoutMachinePaths(bundle, { root, name: path }) };
}

async function listSources(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

async function isAsNewAs(compiled: string, source: string): Promise<boolean> {
  const made = await stat(compiled).catch(() => undefined);
  return made !== undefined && made.mtimeMs >= (await stat(source)).mtimeMs;
}

/** The maps stay out; a reference would point to nothing. */
function withoutMapReference(code: string): string {
  return code.replace(/\n\/\/# sourceMappingURL=\S+\s*$/, '\n');
}
