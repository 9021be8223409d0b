/**
 * Lets one process at a time do a piece of work, by a lock file that its holder keeps touching.
 *
 * It only saves work: should two holders ever meet, both produce the same file and the last rename
 * wins. A lock whose holder died is recognised by its age, so that no process id or host has to be trusted.
 */
import { mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

interface LockTiming {
  /** How often the holder touches the file, and those who wait look at it. */
  beatMs?: number;
  /** Age from which a lock counts as abandoned; several beats, since a busy machine may skip one. */
  staleMs?: number;
}

/** Waits for the lock, does the work, gives the lock back. `onWait` is called once, if there is any waiting. */
export async function holdLock<T>(
  lockFile: string,
  work: () => Promise<T>,
  { beatMs = 1_000, staleMs = 20_000, onWait = () => {} }: LockTiming & { onWait?: () => void } = {},
): Promise<T> {
  await mkdir(dirname(lockFile), { recursive: true });
  if (!(await take(lockFile))) {
    onWait();
    do {
      await sleep(beatMs);
      await removeIfStale(lockFile, staleMs);
    } while (!(await take(lockFile)));
  }
  // A failed beat means that somebody removed the file: nothing to save any more.
  const beat = setInterval(() => void utimes(lockFile, new Date(), new Date()).catch(() => {}), beatMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(lockFile, { force: true });
  }
}

async function take(lockFile: string): Promise<boolean> {
  try {
    await writeFile(lockFile, '', { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function removeIfStale(lockFile: string, staleMs: number): Promise<void> {
  const found = await stat(lockFile).catch(() => undefined);
  if (found !== undefined && Date.now() - found.mtimeMs > staleMs) await rm(lockFile, { force: true });
}
