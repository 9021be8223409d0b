/** What a cell of the bench gives back, and where and with what it was measured. Measures nothing. */
import { execFile } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { engineVersions } from '../../deploy/local/versions.ts';

/** `small` only shows that the harness works: its figures say nothing. */
export type Size = 'full' | 'small';

export interface Report {
  /** For people: what was measured, and how much it was. */
  figures: Readonly<Record<string, string>>;
  /** The same for programs, with everything behind it. */
  data: unknown;
}

export interface Circumstances {
  at: string;
  commit: string;
  /** Whether the commit is all that was measured. */
  isClean: boolean;
  machine: { cores: number; model: string; memoryGiB: number };
  versions: Readonly<Record<string, string>>;
}

export async function readCircumstances(): Promise<Circumstances> {
  const git = async (...args: string[]) => (await promisify(execFile)('git', args)).stdout.trim();
  const [first] = cpus();
  return {
    at: new Date().toISOString(),
    commit: await git('rev-parse', 'HEAD'),
    isClean: (await git('status', '--porcelain', '--untracked-files=no')) === '',
    machine: {
      cores: cpus().length,
      model: first?.model ?? 'unknown',
      memoryGiB: Math.round(totalmem() / 1024 ** 3),
    },
    versions: { node: process.versions.node, ...engineVersions },
  };
}
