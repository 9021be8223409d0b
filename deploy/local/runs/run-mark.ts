/**
 * The mark of a run in its data folder: who owns it, so that folders of crashed runs can be removed and no others.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const markName = '.kagent-hooks-run.json';

const RunMark = z.object({
  pid: z.number().int().positive(),
  host: z.string(),
  /** Kernel's start time of the owner, where it can be had: process ids come back. */
  birth: z.string(),
});

export async function writeRunMark(folder: string): Promise<void> {
  const mark: z.infer<typeof RunMark> = { pid: process.pid, host: hostname(), birth: await birthOf(process.pid) };
  await writeFile(join(folder, markName), JSON.stringify(mark), { mode: 0o600 });
}

export async function hasRunMark(folder: string): Promise<boolean> {
  return (await readMark(folder)) !== undefined;
}

/** True when the folder carries a mark whose owner, on this host, is no more. Nothing is known of an owner on another host. */
export async function ownerIsGone(folder: string): Promise<boolean> {
  const mark = await readMark(folder);
  if (mark === undefined || mark.host !== hostname()) return false;
  return !isAlive(mark.pid) || (await birthOf(mark.pid)) !== mark.birth;
}

async function readMark(folder: string): Promise<z.infer<typeof RunMark> | undefined> {
  try {
    return RunMark.parse(JSON.parse(await readFile(join(folder, markName), 'utf8')));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM means: alive, but somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Start time in clock ticks since boot, from Linux's /proc; empty elsewhere. */
async function birthOf(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The program's name, in brackets, may contain spaces; the start time is the 20th field after it.
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
