/**
 * A run: one data folder and one reaper for all servers that a process starts. Opening one also removes what
 * crashed runs left.
 */
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Reaper, type ReaperOptions, startReaper } from '../register-with-reaper.ts';
import type { LocalSettings } from '../settings.ts';
import { ownerIsGone, writeRunMark } from './run-mark.ts';

export interface Run {
  /** Data folder, readable by the user only; gone after the run. */
  folder: string;
  reaper: Reaper;
  /** What servers see of the environment: none of the user's settings for Temporal, Kubernetes or proxies. */
  environment: Readonly<Record<string, string>>;
  /** Ends all servers of the run, removes the folder, and waits for both. The same happens when this process dies. */
  close(): Promise<void>;
}

/** Every server carries this variable; its value is the data folder of its run. */
const runVariable = 'KAGENT_HOOKS_RUN';

export async function openRun(settings: LocalSettings, options: ReaperOptions = {}): Promise<Run> {
  const runsFolder = join(settings.cacheFolder, 'runs');
  await mkdir(runsFolder, { recursive: true, mode: 0o700 });
  await removeCrashedRuns(runsFolder);
  const folder = await mkdtemp(join(runsFolder, 'run-'));
  await writeRunMark(folder);
  const reaper = await startReaper(folder, options);
  const environment = { HOME: folder, PATH: settings.environment['PATH'] ?? '', [runVariable]: folder };
  return { folder, reaper, environment, close: () => reaper.close() };
}

/** Folders of runs whose owner is gone, although the reaper should have removed them: it was killed too. */
async function removeCrashedRuns(runsFolder: string): Promise<void> {
  for (const name of await readdir(runsFolder)) {
    const folder = join(runsFolder, name);
    if (!(await ownerIsGone(folder))) continue;
    await endProcessesOfRun(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/**
 * Ends servers that outlived both their parent and its reaper; where there is no /proc it finds none. Kills them without asking:
 * nobody will read what they might still write.
 */
async function endProcessesOfRun(folder: string): Promise<void> {
  const names = await readdir('/proc').catch(() => []);
  const expected = `${runVariable}=${folder}`;
  for (const pid of names.filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.split('\0').includes(expected)) kill(Number(pid));
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}
