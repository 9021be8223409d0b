/**
 * Which installed packages belong into the image: those that the lock file gives to production on this platform.
 *
 * Called by assemble.ts. Reads the lock file and what is installed; never asks a registry and never installs. Refuses an
 * installation that is not what the lock file says, for then the image and its bill of materials would be wrong.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const Words = z.union([z.string().transform((word) => [word]), z.array(z.string())]).optional();

const LockedPackage = z.object({
  name: z.string().optional(),
  version: z.string(),
  dev: z.boolean().default(false),
  devOptional: z.boolean().default(false),
  optional: z.boolean().default(false),
  os: Words,
  cpu: Words,
  libc: Words,
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});
type LockedPackage = z.infer<typeof LockedPackage>;

const Lock = z.object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), LockedPackage) });
const folderName = 'node_modules/';

const Installed = z.object({ version: z.string() });

export interface ProductionPackage {
  name: string;
  version: string;
  /** Relative to the root, such as node_modules/pino. */
  path: string;
}

export interface Platform {
  /** As Node names it: linux. */
  os: string;
  /** As Node names it: x64. */
  cpu: string;
}

/** Of all platforms that the lock file knows, those packages that `platform` needs; C libraries other than glibc never. */
export async function listProductionPackages(root: string, platform: Platform): Promise<ProductionPackage[]> {
  const { packages } = Lock.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')));
  const { '': ours, ...others } = packages;
  // Our own optional ones are Nodes for machines with an older one; the image has its own.
  const nodes = new Set(Object.keys(ours?.optionalDependencies ?? {}));
  const found: ProductionPackage[] = [];
  for (const [path, locked] of Object.entries(others)) {
    const name = locked.name ?? path.slice(path.lastIndexOf(folderName) + folderName.length);
    if (locked.dev || nodes.has(name) || !runsOn(locked, platform)) continue;
    if (await isInstalled(root, path, locked)) found.push({ name, version: locked.version, path });
  }
  return found;
}

/** False only for what may be missing. */
async function isInstalled(root: string, path: string, locked: LockedPackage): Promise<boolean> {
  const version = await installedVersion(join(root, path));
  if (version === locked.version) return true;
  if (version === undefined && (locked.optional || locked.devOptional)) return false;
  throw new Error(`${path} is ${version ?? 'missing'}; the lock file wants ${locked.version}. Run npm ci.`);
}

function runsOn({ os, cpu, libc }: LockedPackage, platform: Platform): boolean {
  return isAmong(os, platform.os) && isAmong(cpu, platform.cpu) && isAmong(libc, 'glibc');
}

/** npm's lists name what is allowed, or with ! what is not. */
function isAmong(words: readonly string[] | undefined, wanted: string): boolean {
  if (words === undefined || words.length === 0) return true;
  if (words.includes(`!${wanted}`)) return false;
  return words.includes(wanted) || words.every((word) => word.startsWith('!'));
}

async function installedVersion(folder: string): Promise<string | undefined> {
  try {
    return Installed.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))).version;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
