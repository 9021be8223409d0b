/**
 * All files of the key folder, of one version of the Secret that is mounted there.
 *
 * Called by the key ring. Keeps nothing and judges nothing; files whose names begin with two dots belong to the kubelet.
 * Never throws.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What stands in a file or why it cannot be read, by file name; or why the folder cannot be read. */
export type KeyFiles = { files: Record<string, KeyFile> } | { unreadable: string };
export type KeyFile = { text: string } | { unreadable: string };

/** More often than this no Secret changes while it is read. */
const mostReads = 10;

export function readKeyFiles(folder: string): KeyFiles {
  for (let reads = 1; ; reads += 1) {
    const version = versionOf(folder);
    const found = readAll(version === undefined ? folder : resolve(folder, version));
    // Half of an old and half of a new Secret might encrypt with a key that nobody else has.
    if (versionOf(folder) === version || reads === mostReads) return found;
  }
}

function readAll(place: string): KeyFiles {
  try {
    const names = readdirSync(place).filter((name) => !name.startsWith('..'));
    return { files: Object.fromEntries(names.toSorted().map((name) => [name, readOne(join(place, name))])) };
  } catch (error) {
    return { unreadable: codeOf(error) };
  }
}

function readOne(path: string): KeyFile {
  try {
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { unreadable: codeOf(error) };
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
