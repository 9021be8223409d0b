/**
 * Fourth step of the search: the publisher's release, checked against the publisher's checksum list.
 *
 * What fails the check is deleted.
 */
import { basename, dirname, join } from 'node:path';
import { fillCache } from './engine-cache.ts';
import { checksumFor, type Release, releaseOf } from './releases.ts';
import { runProgram } from './run-program.ts';
import type { Search } from './search.ts';

/** Bytes between two lines of progress: a 100 MB server makes ten of them. */
const reportEveryBytes = 10_000_000;

/** Path of the engine in the cache; rejects with a sentence when it cannot be had or its checksum is wrong. */
export async function downloadEngine(search: Search): Promise<string> {
  const { facts, progress, network, settings } = search;
  const release = releaseOf(facts, search.releases, process);
  if (release === undefined) {
    throw new Error(
      `There is no release of ${facts.name} for ${process.platform}-${process.arch} that can be unpacked here.`,
    );
  }
  const expected = checksumFor(basename(release.url), await network.text(release.checksumUrl));
  if (expected === undefined) throw new Error(`${release.checksumUrl} has no SHA-256 for ${basename(release.url)}.`);
  progress.step(`Downloading ${facts.name} ${facts.version}, once`);
  const path = await fillCache(facts, settings, (folder) => fetchChecked(release, { expected, folder, search }));
  progress.done(`${facts.name} ${facts.version} downloaded, checksum verified`);
  return path;
}

interface Fetching {
  /** SHA-256 in hex, from the publisher. */
  expected: string;
  folder: string;
  search: Search;
}

async function fetchChecked(release: Release, { expected, folder, search }: Fetching): Promise<string> {
  const file = join(folder, basename(release.url));
  let nextReport = reportEveryBytes;
  const found = await search.network.file(release.url, file, (bytes) => {
    if (bytes < nextReport) return;
    nextReport += reportEveryBytes;
    search.progress.detail(`${Math.round(bytes / 1_000_000)} MB`);
  });
  if (found !== expected) {
    throw new Error(`${release.url} was refused: its SHA-256 is ${found}; the publisher's list says ${expected}.`);
  }
  if (release.member === undefined) return file;
  await unpack(file, release.member, search);
  return join(folder, release.member);
}

async function unpack(archive: string, member: string, { settings: { environment } }: Search): Promise<void> {
  const args = ['-xzf', archive, '-C', dirname(archive), member];
  await runProgram('tar', args, { environment, timeoutMs: 120_000 }).catch((error: unknown) => {
    throw new Error(`${basename(archive)} could not be unpacked with "tar ${args.join(' ')}".`, { cause: error });
  });
}
