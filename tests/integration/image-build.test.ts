/** The image itself, where Docker is at hand and gets the base: built by the documented command, and run as the chart does. */
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDocumentation } from '../documentation.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dockerfile = readFileSync(`${root}/deploy/image/Dockerfile`, 'utf8');
const base = /^ARG NODE_IMAGE=(\S+)$/m.exec(dockerfile)?.[1] ?? '';
const tag = 'kagent-hooks:of-the-tests';
const canBuild = ['info', `pull ${base}`].every((words) => spawnSync('docker', words.split(' ')).status === 0);

const docker = (...args: string[]) => promisify(execFile)('docker', args, { cwd: root, maxBuffer: 64 * 1024 * 1024 });
const locked = ['run', '--rm', '--read-only', '--cap-drop=ALL', '--user=65532:65532', '--tmpfs=/tmp', tag];

describe.runIf(canBuild)('the image', () => {
  beforeAll(async () => {
    const documentation = readDocumentation();
    const [, words = ''] = /^docker (build .*)$/m.exec(documentation) ?? [];
    await docker(...words.replace(/REGISTRY\/\S+/, tag).split(' '));
  }, 900_000);
  afterAll(() => docker('rmi', '--force', tag));

  it.each(['workers/main.js', 'watcher/main.js'])('runs %s, locked down, and says what is not set', async (main) => {
    const failed = docker(...locked, 'node', main);
    await expect(failed).rejects.toMatchObject({
      code: 78,
      stderr: expect.stringContaining('INSTALLATION') as unknown,
    });
  });

  it('has curl and certificates, and neither npm nor another user', async () => {
    expect((await docker(...locked, 'curl', '--version')).stdout).toContain('https');
    expect((await docker(...locked, 'ls', '/etc/ssl/certs/ca-certificates.crt')).stdout).toContain('ca-certificates');
    await expect(docker(...locked, 'npm', '--version')).rejects.toThrow();
    expect(
      (await docker(...locked.slice(0, -1).filter((word) => !word.startsWith('--user')), tag, 'id', '-u')).stdout,
    ).toBe('65532\n');
  });
});
