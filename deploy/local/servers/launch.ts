/**
 * Starts one process of a server: own group, output to a log file, registered with the reaper.
 *
 * Knows nothing of readiness.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { Run } from '../runs/open-run.ts';

export interface LaunchSpec {
  /** Name for messages, for example `kube-apiserver`. */
  name: string;
  /** Path of the program. */
  path: string;
  args: readonly string[];
  /** File to which output is appended. */
  logFile: string;
  run: Run;
}

export interface Process {
  pid: number;
  /** How it ended, as words; undefined while it runs. */
  ending(): string | undefined;
  /** Resolves when it has ended. */
  ended: Promise<void>;
}

/** Rejects when the program cannot be started at all. */
export async function launch({ name, path, args, logFile, run }: LaunchSpec): Promise<Process> {
  const log = await open(logFile, 'a', 0o600);
  try {
    const child = spawn(path, args, {
      detached: true, // leads a group of its own
      stdio: ['ignore', log.fd, log.fd],
      env: { ...run.environment },
    });
    const { pid } = child;
    if (pid === undefined) {
      const cause = await new Promise<unknown>((resolve) => child.once('error', resolve));
      throw new Error(`${name} could not be started from ${path}.`, { cause });
    }
    // Nothing is awaited before these lines: neither a kill of this process nor a short life of the child may be missed.
    run.reaper.adoptGroup(pid);
    const ended = once(child, 'exit').then(() => run.reaper.releaseGroup(pid));
    return { pid, ended, ending: () => describeEnding(child) };
  } finally {
    await log.close();
  }
}

function describeEnding({ exitCode, signalCode }: ChildProcess): string | undefined {
  if (signalCode !== null) return `signal ${signalCode}`;
  return exitCode === null ? undefined : `code ${exitCode}`;
}
