/** Both programs, started with settings that are wrong. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

describe('a process with a wrong configuration', () => {
  const kagent = { KAGENT_API_KEY: 'k', KAGENT_BASE_URL: 'https://kagent.example' };
  const keyless = { INSTALLATION: 'p', CODEC_KEY_DIR: '/nowhere', ...kagent };
  it.each([
    ['watcher/main.ts', 'no installation', {}, /INSTALLATION is not set/],
    ['workers/main.ts', 'no installation', {}, /INSTALLATION is not set/],
    ['watcher/main.ts', 'no keys in their folder', keyless, /key folder \/nowhere cannot be read/],
    ['workers/main.ts', 'no keys in their folder', keyless, /key folder \/nowhere cannot be read/],
  ])('%s with %s says so and exits with 78', async (main, _, env, complaint) => {
    const program = fileURLToPath(new URL(`../../${main}`, import.meta.url));
    const { promise, resolve } = Promise.withResolvers<{ code: unknown; stderr: string }>();
    execFile(process.execPath, [program], { env }, (error, __, stderr) => resolve({ code: error?.code, stderr }));
    const { code, stderr } = await promise;
    expect(code).toBe(78);
    expect(stderr).toMatch(complaint);
    expect(stderr).not.toContain('at readConfig');
  });
});
