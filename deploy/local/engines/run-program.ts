/**
 * Finds programs, and runs a short one to its end for what it prints. Not for servers or builds.
 */
import { execFile } from 'node:child_process';
import { access, constants, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LocalSettings } from '../settings.ts';

const run = promisify(execFile);

interface ProgramOptions {
  environment: LocalSettings['environment'];
  /** 10 s by default: a version answer takes well under one, and a program that hangs must not hang the search. */
  timeoutMs?: number;
}

/** Both streams of the program, joined; rejects when it ends badly, cannot be started or takes too long. */
export async function runProgram(
  path: string,
  args: readonly string[],
  { environment, timeoutMs = 10_000 }: ProgramOptions,
): Promise<string> {
  const { stdout, stderr } = await run(path, [...args], { timeout: timeoutMs, env: { ...environment } });
  return `${stdout}${stderr}`;
}

export async function isExecutableFile(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** Every executable file of that name, in the order of PATH; one that is reached by several ways is named once. */
export async function findOnPath(name: string, settings: LocalSettings): Promise<string[]> {
  const found = new Map<string, string>();
  for (const folder of settings.searchPath) {
    const path = join(folder, name);
    if (!(await isExecutableFile(path))) continue;
    const target = await realpath(path);
    if (!found.has(target)) found.set(target, path);
  }
  return [...found.values()];
}
