import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig as readWatcherConfig } from '../../watcher/config.ts';
import { readConfig as readWorkerConfig } from '../../workers/config.ts';
import { readCredentials } from '../../workers/credentials.ts';

describe('the watcher', () => {
  it('needs only its installation, and has defaults for production', () => {
    expect(readWatcherConfig({ INSTALLATION: 'prod' })).toMatchObject({
      INSTALLATION: 'prod',
      POD_PENDING_AFTER: 300_000,
      PROBE_FAILED_AFTER: 30_000,
      QUIET_WINDOW: 600_000,
      REDELIVERY_LIMIT: 86_400_000,
      SIGNAL_EVERY: 10_000,
    });
  });

  it.each([
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['250ms', 250],
    ['2m', 120_000],
  ])('reads the duration %s', (text, ms) => {
    expect(readWatcherConfig({ INSTALLATION: 'p', QUIET_WINDOW: text }).QUIET_WINDOW).toBe(ms);
  });

  it('takes an empty variable for one that is not set, and 0s where never is an answer', () => {
    expect(readWatcherConfig({ INSTALLATION: 'p', QUIET_WINDOW: '', REDELIVERY_LIMIT: '0s' })).toMatchObject({
      QUIET_WINDOW: 600_000,
      REDELIVERY_LIMIT: 0,
    });
  });

  it('lists every problem at once, each with what was found and what was wanted', () => {
    const wrong = {
      INSTALLATION: 'Not Good',
      QUIET_WINDOW: '10',
      POD_PENDING_AFTER: '0s',
      HEALTH_PORT: 'x',
      LOG_LEVEL: 'loud',
    };
    const complaint = () => readWatcherConfig(wrong);
    for (const text of [
      /5 problem/,
      /INSTALLATION is "Not Good"; wanted 1 to 32/,
      /QUIET_WINDOW is "10"; wanted a duration/,
      /POD_PENDING_AFTER is "0s"; wanted more than 0/,
      /HEALTH_PORT is "x"; wanted a port/,
      /LOG_LEVEL is "loud";/,
    ]) {
      expect(complaint).toThrow(text);
    }
  });
});

describe('the Kagent credentials', () => {
  const environment = { INSTALLATION: 'p', KAGENT_API_KEY: 'from-env', KAGENT_BASE_URL: 'https://env.example/api' };

  function aSecret(files: Record<string, string>): string {
    const folder = mkdtempSync(join(tmpdir(), 'secret-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, name), value);
    return folder;
  }

  it('come from the environment, with a timeout of 30 s and 3 tries', () => {
    expect(readCredentials(readWorkerConfig(environment))).toEqual({
      apiKey: 'from-env',
      baseUrl: 'https://env.example/api',
      timeoutMs: 30_000,
      maxAttempts: 3,
    });
  });

  it('come from the files of the Secret first, trimmed, and change when the Secret does', () => {
    const folder = aSecret({ 'api-key': 'from-file\n', timeout: '10s', 'max-retries': '1' });
    const config = readWorkerConfig({ ...environment, KAGENT_SECRET_DIR: folder });
    expect(readCredentials(config)).toMatchObject({ apiKey: 'from-file', timeoutMs: 10_000, maxAttempts: 1 });
    writeFileSync(join(folder, 'api-key'), 'rotated');
    expect(readCredentials(config)).toMatchObject({ apiKey: 'rotated', baseUrl: 'https://env.example/api' });
  });

  it('that are wrong are listed by file and variable, and never shown', () => {
    const folder = aSecret({ 'api-key': 'two\nlines', 'base-url': 'ftp://x', timeout: 'soon', 'max-retries': '0' });
    const complaint = () => readCredentials(readWorkerConfig({ INSTALLATION: 'p', KAGENT_SECRET_DIR: folder }));
    expect(complaint).toThrow(/4 problem/);
    expect(complaint).toThrow(/api-key \(file of the Secret, or KAGENT_API_KEY\)/);
    expect(complaint).toThrow(/max-retries .*wanted a whole number from 1/);
    expect(complaint).not.toThrow(/two/);
  });
});

describe('a process with a wrong configuration', () => {
  it.each([
    ['watcher/main.ts', /INSTALLATION is not set/],
    ['workers/main.ts', /INSTALLATION is not set/],
  ])('%s says so and exits with 78', async (main, complaint) => {
    const program = fileURLToPath(new URL(`../../${main}`, import.meta.url));
    const { promise, resolve } = Promise.withResolvers<{ code: unknown; stderr: string }>();
    execFile(process.execPath, [program], { env: {} }, (error, _, stderr) => resolve({ code: error?.code, stderr }));
    const { code, stderr } = await promise;
    expect(code).toBe(78);
    expect(stderr).toMatch(complaint);
    expect(stderr).not.toContain('at readConfig');
  });
});
