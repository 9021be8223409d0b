/**
 * Last step of the search: `go build` from the pinned modules, through the Go module proxy.
 *
 * Takes minutes and reports how long; two processes never build the same engine at once.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { variableOf } from '../settings.ts';
import { goMinimum } from '../versions.ts';
import { cachedPath, entryFolder, fillCache } from './engine-cache.ts';
import { holdLock } from './hold-lock.ts';
import { findFitting, isExecutableFile } from './run-program.ts';
import type { Search } from './search.ts';

const reportEveryMs = 30_000;

/** Path of the engine in the cache; rejects with a sentence when Go is missing or too old, or the build fails. */
export async function buildEngine(search: Search): Promise<string> {
  const { facts, settings, progress } = search;
  const go = await findGo(search);
  const lockFile = join(entryFolder(facts, settings), 'build.lock');
  const onWait = () => progress.step(`Waiting for another process that builds ${facts.name} ${facts.version}`);
  return holdLock(lockFile, () => buildUnlessThere(go, search), { onWait });
}

async function buildUnlessThere(go: string, search: Search): Promise<string> {
  const { facts, settings, progress } = search;
  const cached = cachedPath(facts, settings);
  if (await isExecutableFile(cached)) return cached;
  progress.step(`Building ${facts.name} ${facts.version} with Go: about ${roughly(facts.buildSeconds)}, once`);
  const startedAt = Date.now();
  const sinceStart = () => inWords(Math.round((Date.now() - startedAt) / 1_000));
  const report = setInterval(() => progress.detail(`${sinceStart()} so far`), reportEveryMs);
  try {
    const path = await fillCache(facts, settings, (folder) => compile(go, folder, search));
    progress.done(`${facts.name} ${facts.version} built in ${sinceStart()}`);
    return path;
  } finally {
    clearInterval(report);
  }
}

/** The first Go on PATH that is new enough. */
async function findGo({ facts, settings }: Search): Promise<string> {
  const go = { name: 'go', versionArgs: ['version'], version: goMinimum, fits: 'same-minor-or-newer' } as const;
  const found = await findFitting(go, settings);
  if ('path' in found) return found.path;
  const remedy = `install Go ${goMinimum} or newer (https://go.dev/dl), or set ${variableOf(facts.name)} to the path of ${facts.name} ${facts.version}`;
  throw new Error(`${facts.name} cannot be built here. ${found.objection} To go on, ${remedy}.`);
}

async function compile(go: string, folder: string, search: Search): Promise<string> {
  const { facts, settings } = search;
  const program = join(folder, facts.name);
  const child = spawn(go, ['build', '-trimpath', '-ldflags', facts.ldflags, '-o', program, facts.goPackage], {
    cwd: join(search.modulesFolder, facts.project),
    // A workspace or a cross-compiling setting of the user is meant for the user's code.
    env: { ...settings.environment, GOWORK: 'off', GOOS: '', GOARCH: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: search.reaper !== undefined,
  });
  if (child.pid !== undefined) search.reaper?.adoptGroup(child.pid);
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-2_000);
  });
  try {
    await once(child, 'close');
  } finally {
    if (child.pid !== undefined) search.reaper?.releaseGroup(child.pid);
  }
  if (child.exitCode === 0) return program;
  throw new Error(`"go build" ended with ${child.signalCode ?? `code ${child.exitCode}`}: ${complaints.trim()}`);
}

/** `40 s`, `4 min`: machines differ too much for more. */
function roughly(seconds: number): string {
  return seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** `40 s`, `1 min 40 s`. */
function inWords(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
