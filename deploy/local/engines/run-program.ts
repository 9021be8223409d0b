/**
 * Finds programs of a fitting version, and runs a short one to its end for what it prints. Not for servers or builds.
 */
import { execFile } from 'node:child_process';
import { access, constants, realpath, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import type { LocalSettings } from '../settings.ts';
import { objectToVersion } from './check-version.ts';
import type { EngineFacts } from './engine-facts.ts';
import type { StepResult } from './search.ts';

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

type Sought = Pick<EngineFacts, 'versionArgs' | 'version' | 'fits'> & { name: string };

/** The first program of that name on PATH whose version fits. */
export async function findFitting(sought: Sought, settings: LocalSettings): Promise<StepResult> {
  const { name, versionArgs, version, fits } = sought;
  const objections: string[] = [];
  for (const path of await findOnPath(name, settings)) {
    const printed = await runProgram(path, versionArgs, settings).catch(() => '');
    const objection = objectToVersion(printed, version, fits);
    if (objection === undefined) return { path };
    objections.push(`${path} was passed over: ${objection}.`);
  }
  return { objection: objections.join(' ') || `${name} is not on PATH.` };
}

/** Every executable file of that name, in the order of PATH; one that is reached by several ways is named once. */
async function findOnPath(name: string, { environment }: LocalSettings): Promise<string[]> {
  const found = new Map<string, string>();
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  for (const folder of folders) {
    const path = join(folder, name);
    if (!(await isExecutableFile(path))) continue;
    const target = await realpath(path);
    if (!found.has(target)) found.set(target, path);
  }
  return [...found.values()];
}
