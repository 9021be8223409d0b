import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { closingLine, countTests } from '../closing-line.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const test = "import { afterAll, beforeAll, describe, it } from 'vitest';\n";
const good = `${test}it('a', () => {});`;

/** Runs vitest on files of its own, in two projects that end with our reporter, as in the repository. */
async function closeRun(files: Record<string, string>, ...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'closing-line-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  cpSync(join(root, 'tests/closing-line.ts'), join(folder, 'closing-line.ts'));
  const project = (name: string, more = '') => `{ test: { name: '${name}', include: ['${name}/*.test.ts']${more} } }`;
  const setup = 'setup.ts' in files ? ", globalSetup: ['./setup.ts']" : '';
  const all = {
    'package.json': '{ "type": "module" }',
    'vitest.config.ts': `export default { test: { reporters: ['default', './closing-line.ts'], projects: [${project('one')}, ${project('two', setup)}] } };`,
    ...files,
  };
  for (const name of ['one', 'two']) mkdirSync(join(folder, name));
  for (const [path, text] of Object.entries(all)) writeFileSync(join(folder, path), text);
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const { promise, resolve } = Promise.withResolvers<{ code: unknown; last: string | undefined }>();
  execFile(process.execPath, [vitest, 'run', ...args], { cwd: folder, env: { HOME: folder } }, (error, stdout) =>
    resolve({ code: error?.code ?? 0, last: stdout.trimEnd().split('\n').at(-1) }),
  );
  return promise;
}

describe('the last line of a run', () => {
  it('counts the tests of all projects once, and is silent about skipped ones when there are none', async () => {
    expect(await closeRun({ 'one/a.test.ts': good, 'two/b.test.ts': `${good} it('b', () => {});` })).toEqual({
      code: 0,
      last: '3 passed, 0 failed',
    });
  });

  it('counts as failed whatever did not run: a file, a group before or after its tests, a stray rejection', async () => {
    const files = {
      'one/fails.test.ts': `${test}it('a', () => { throw new Error('no'); });`,
      'one/before.test.ts': `${test}describe('g', () => { beforeAll(() => { throw new Error('no'); }); it('a', () => {}); });`,
      'one/after.test.ts': `${test}describe('g', () => { afterAll(() => { throw new Error('no'); }); it('a', () => {}); });`,
      'two/import.test.ts': `${good}\nimport './nowhere.ts';`,
      'two/stray.test.ts': `${test}it('a', () => { void Promise.reject(new Error('stray')); });`,
      'two/skips.test.ts': `${good} it.skip('b', () => {}); it.todo('c');`,
    };
    expect(await closeRun(files)).toEqual({ code: 1, last: '3 passed, 5 failed, 3 skipped' });
  });

  it('never says 0 failed when the servers of a project did not start or no test was found', async () => {
    const setup = "export default () => { throw new Error('no engine'); };";
    const noServers = await closeRun({ 'two/a.test.ts': good, 'setup.ts': setup });
    expect(noServers).toEqual({ code: 1, last: '0 passed, 1 failed' });
    expect(await closeRun({ 'one/a.test.ts': good }, 'no-such-file')).toEqual({ code: 1, last: '0 passed, 1 failed' });
  });
});

it('a test that was still running when the run ended has failed', () => {
  const running = {
    errors: () => [],
    children: { allTests: () => [{ result: () => ({ state: 'pending' }) }], allSuites: () => [] },
  };
  expect(countTests([running], 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

it('an error code adds a failure only where none was counted', () => {
  expect(closingLine({ passed: 2, failed: 3, skipped: 0 }, 1)).toBe('2 passed, 3 failed');
  expect(closingLine({ passed: 2, failed: 0, skipped: 1 }, 1)).toBe('2 passed, 1 failed, 1 skipped');
});
