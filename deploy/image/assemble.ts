/**
 * Assembles the image's /app in a folder: compiled code, workflow bundle, production packages, bill of materials.
 *
 * Run by `npm run image:layout -- FOLDER`, which builds first, on any machine; the Dockerfile runs the very same. The same
 * sources give the same bytes: times are SOURCE_DATE_EPOCH, in seconds, or 0. Never installs anything.
 */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listCompiledCode, listRootFiles } from './compiled-code.ts';
import { type ImageFile, makeEmptyFolder, writeImageFiles } from './image-file.ts';
import { listPackageFiles } from './package-files.ts';
import { listProductionPackages, type Platform } from './production-packages.ts';
import { makeSbom } from './sbom.ts';

async function assemble(folder: string, time: Date): Promise<string> {
  await makeEmptyFolder(folder);
  const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
  const platform: Platform = { os: process.platform, cpu: process.arch };
  const packages = await listProductionPackages(root, platform);
  const lists = [await listCompiledCode(root), await listRootFiles(root)];
  for (const each of packages) lists.push(await listPackageFiles(root, each, platform));
  lists.push([{ path: 'sbom.json', text: await makeSbom(root, packages) }]);
  const files = lists.flat();
  await writeImageFiles(files, folder, time);
  const size = await sizeOf(files);
  return `${folder}: ${packages.length} packages, ${files.length} files, ${size} MiB, for ${platform.os} on ${platform.cpu}`;
}

async function sizeOf(files: readonly ImageFile[]): Promise<string> {
  let bytes = 0;
  for (const file of files) bytes += 'text' in file ? Buffer.byteLength(file.text) : (await stat(file.from)).size;
  return (bytes / 1024 / 1024).toFixed(1);
}

function readTime(seconds = '0'): Date {
  if (!/^\d{1,10}$/.test(seconds)) throw new Error(`SOURCE_DATE_EPOCH is "${seconds}"; wanted whole seconds.`);
  return new Date(Number(seconds) * 1_000);
}

const [folder, ...rest] = process.argv.slice(2);
if (folder === undefined || rest.length > 0) {
  console.error('Usage: npm run image:layout -- FOLDER');
  process.exit(2);
}
try {
  console.log(await assemble(resolve(folder), readTime(process.env['SOURCE_DATE_EPOCH'] || undefined)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
