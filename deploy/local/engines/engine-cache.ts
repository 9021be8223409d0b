/**
 * The cache of engines, outside the repository: `<cache>/engines/<name>-<version>-<platform>-<arch>/<name>`.
 *
 * A file gets its final name only when it is complete, so that a file of that name can be used without a check.
 */
import { chmod, mkdir, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalSettings } from '../settings.ts';
import type { EngineFacts } from './engine-facts.ts';

/** A partial folder older than this belongs to a process that died: the longest build takes minutes. */
const abandonedAfterMs = 3_600_000;

export function cachedPath(facts: EngineFacts, settings: LocalSettings): string {
  return join(entryFolder(facts, settings), facts.name);
}

/** Folder of one engine in the cache; the lock of its build lives there too. */
export function entryFolder(facts: EngineFacts, settings: LocalSettings): string {
  const entry = `${facts.name}-${facts.version}-${process.platform}-${process.arch}`;
  return join(settings.cacheFolder, 'engines', entry);
}

/**
 * Has `make` produce the program inside a folder of its own, then moves it to its place in one step.
 * `make` returns the path of the finished file. Whatever else it left in the folder is removed, also when it fails.
 */
export async function fillCache(
  facts: EngineFacts,
  settings: LocalSettings,
  make: (folder: string) => Promise<string>,
): Promise<string> {
  const entry = entryFolder(facts, settings);
  await mkdir(entry, { recursive: true });
  await removeAbandoned(entry);
  const folder = await mkdtemp(join(entry, '.partial-'));
  try {
    const made = await make(folder);
    await chmod(made, 0o755);
    await flush(made);
    await rename(made, cachedPath(facts, settings));
    return cachedPath(facts, settings);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A rename may reach the disk before the content does; after a power cut the name would stand for half a file. */
async function flush(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function removeAbandoned(entry: string): Promise<void> {
  const names = await readdir(entry);
  for (const name of names.filter((each) => each.startsWith('.partial-'))) {
    const path = join(entry, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > abandonedAfterMs) {
      await rm(path, { recursive: true, force: true });
    }
  }
}
