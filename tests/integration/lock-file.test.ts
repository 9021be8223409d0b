/** The lock file as npm ci takes it, by which the image is built; also on machines other than the one that wrote it. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { root } from './image-checkout.ts';

/** The packages that npm ci would install; it fails where the lock file lacks one that package.json leads to. */
async function plannedBy(...platform: string[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'lock-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const file of ['package.json', 'package-lock.json']) await cp(join(root, file), join(folder, file));
  const args = ['ci', '--ignore-scripts', '--dry-run', '--offline', '--loglevel=notice', '--libc=glibc', ...platform];
  const { stdout } = await promisify(execFile)('npm', args, { cwd: folder });
  return stdout.split('\n').flatMap((line) => /^add (\S+) /.exec(line)?.[1] ?? []);
}

it.each([
  ['linux', 'x64', 'linux-x64-gnu'],
  ['linux', 'arm64', 'linux-arm64-gnu'],
  ['darwin', 'arm64', 'darwin-arm64'],
])(
  'has the binaries that building and checking need on %s %s, and asks no registry about it',
  async (os, cpu, name) => {
    const planned = await plannedBy(`--os=${os}`, `--cpu=${cpu}`);
    expect(planned).toEqual(
      expect.arrayContaining([`@swc/core-${name}`, `@oxlint/binding-${name}`, `@biomejs/cli-${os}-${cpu}`]),
    );
    expect(planned.filter((each) => each.startsWith('@swc/core-'))).toEqual([`@swc/core-${name}`]);
  },
);
