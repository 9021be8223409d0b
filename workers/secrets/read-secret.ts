/**
 * The files of a mounted Secret, all of one version, and single files such as a mounted CA.
 *
 * Called by credentials.ts and ca-file.ts for every call to Kagent, so that a change takes effect at once. Nothing is
 * watched and nothing is kept: a few small files are read faster than a file watcher notices. Never throws.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What stands in a file, or the code of why it cannot be read. */
export type FileContent = { text: string } | { unreadable: string };

/** More often than this no Secret changes while it is read. */
const mostReads = 10;

/** Those of the files that exist. */
export function readSecret(folder: string, names: readonly string[]): Partial<Record<string, FileContent>> {
  for (let reads = 1; ; reads += 1) {
    const version = versionOf(folder);
    const place = version === undefined ? folder : resolve(folder, version);
    const found = Object.fromEntries(
      names.flatMap((name) => {
        const content = readContent(join(place, name));
        return content === undefined ? [] : [[name, content]];
      }),
    );
    // Half of an old and half of a new Secret would send the new key to the old address.
    if (versionOf(folder) === version || reads === mostReads) return found;
  }
}

/** Undefined where there is no such file. */
export function readContent(path: string): FileContent | undefined {
  try {
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return ['ENOENT', 'ENOTDIR'].includes(code) ? undefined : { unreadable: code };
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
