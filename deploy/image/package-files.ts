/**
 * Which files of an installed package go into the image: what Node can load there, and the licences.
 *
 * Called by assemble.ts for each package. The only place that prunes. Binaries of other platforms, sources of other
 * languages, types, source maps, tests and documentation stay out; never decides which packages there are.
 */
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { ImageFile } from './image-file.ts';
import type { Platform, ProductionPackage } from './production-packages.ts';

/** Types and sources of types, source maps, binaries for a runtime other than Node, Rust, configuration of tools. */
const unusedByNode = /\.(?:[cm]?ts|flow|map|tsbuildinfo|bare|rs|markdown|md)$|\.(?:test|spec)\.[cm]?js$/i;

/** Kept although they are words: their licences ask for it. */
const legal = /^(?:licen[cs]e|notice|copying|copyright|third.?party)/i;

/** At the top of a package only: deeper down such a name can be code. */
const unusedFolders = new Set(
  '__tests__ test tests spec specs fixtures benchmark benchmarks demo docs doc example examples node_modules'.split(
    ' ',
  ),
);

/** Parts of packages that are there to build them, not to run them. */
const buildOnly: Readonly<Record<string, RegExp>> = {
  '@temporalio/core-bridge': /^(?:bridge-macros|scripts|sdk-core|src|ts)\/|^Cargo\./,
};

const archOf: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };
const systemOf: Readonly<Record<string, string>> = { linux: 'unknown-linux-gnu', darwin: 'apple-darwin' };

/** Whether a file, by its path inside its package, is of use on that platform. */
export function isShipped(packageName: string, path: string, platform: Platform): boolean {
  const [top = '', ...below] = path.split('/');
  if (top.startsWith('.') || (below.length > 0 && unusedFolders.has(top))) return false;
  if (buildOnly[packageName]?.test(path) === true) return false;
  if (path.startsWith('releases/') && path.endsWith('.node')) return below[0] === targetOf(platform);
  const fileName = path.slice(path.lastIndexOf('/') + 1);
  return legal.test(fileName) || !unusedByNode.test(fileName);
}

/** As Temporal's core names the folders of its binaries. */
export function targetOf({ os, cpu }: Platform): string {
  const [arch, system] = [archOf[cpu], systemOf[os]];
  if (arch === undefined || system === undefined) throw new Error(`Temporal's core has no binary for ${os} on ${cpu}.`);
  return `${arch}-${system}`;
}

export async function listPackageFiles(
  root: string,
  { name, path: folder }: ProductionPackage,
  platform: Platform,
): Promise<ImageFile[]> {
  const start = join(root, folder);
  const found: ImageFile[] = [];
  for (const entry of await readdir(start, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const path = relative(start, from).split(sep).join('/');
    if (isShipped(name, path, platform)) found.push({ path: `${folder}/${path}`, from });
  }
  return found;
}
