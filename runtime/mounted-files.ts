/**
 * Files of a mounted Secret or ConfigMap, all of one version, and single files such as a mounted CA.
 *
 * Read each time that they are needed, so that a change takes effect at once. Nothing is watched and nothing is kept: a few
 * small files are read faster than a file watcher notices. Never throws.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What stands in a file, or the code of why it cannot be read. */
export type FileContent = { text: string } | { unreadable: string };

/** By file name, or why the folder cannot be read. */
export type FolderContent = { files: Record<string, FileContent> } | { unreadable: string };

/** More often than this no Secret changes while it is read. */
const mostReads = 10;

/** Those of the files that exist. */
export function readMountedFiles(folder: string, names: readonly string[]): Partial<Record<string, FileContent>> {
  return readOneVersion(folder, (place) =>
    Object.fromEntries(
      names.flatMap((name) => {
        const content = readContent(join(place, name));
        return content === undefined ? [] : [[name, content]];
      }),
    ),
  );
}

/** All files; those whose names begin with two dots belong to the kubelet. */
export function readMountedFolder(folder: string): FolderContent {
  return readOneVersion(folder, (place) => {
    try {
      const names = readdirSync(place).filter((name) => !name.startsWith('..'));
      return { files: Object.fromEntries(names.toSorted().map((name) => [name, readNeeded(join(place, name))])) };
    } catch (error) {
      return { unreadable: codeOf(error) };
    }
  });
}

/** Undefined where there is no such file. */
export function readContent(path: string): FileContent | undefined {
  try {
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    const code = codeOf(error);
    return ['ENOENT', 'ENOTDIR'].includes(code) ? undefined : { unreadable: code };
  }
}

/** Where there is no such file, it cannot be read. */
export function readNeeded(path: string): FileContent {
  return readContent(path) ?? { unreadable: 'ENOENT' };
}

/** Half of an old and half of a new Secret would send a new key to an old address, or encrypt with a key that nobody has. */
function readOneVersion<Found>(folder: string, read: (place: string) => Found): Found {
  for (let reads = 1; ; reads += 1) {
    const version = versionOf(folder);
    const found = read(version === undefined ? folder : resolve(folder, version));
    if (versionOf(folder) === version || reads === mostReads) return found;
  }
}

/** The kubelet changes all files at once by turning the link `..data` to a new folder; a plain folder has no such link. */
function versionOf(folder: string): string | undefined {
  try {
    return readlinkSync(join(folder, '..data'));
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
