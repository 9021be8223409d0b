/** Which compiled files go into the image, and that a build older than its sources does not. */
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listCompiledCode } from '../../../deploy/image/compiled-code.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'compiled-'));
  await write('tsconfig.build.json', JSON.stringify({ include: ['workers', 'watcher'] }), 0);
});
afterEach(() => rm(root, { recursive: true }));

async function write(path: string, text: string, writtenAt: number): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
  await utimes(join(root, path), writtenAt, writtenAt);
}

async function build(...paths: string[]): Promise<void> {
  for (const path of ['workers/main', 'watcher/kube/lease', ...paths]) {
    await write(`${path}.ts`, '', 100);
    await write(`dist/${path}.js`, `run('${path}');\n//# sourceMappingURL=x.js.map\n`, 200);
  }
}

it('each source gives its compiled file, without a pointer to a map; what has no source any more stays out', async () => {
  await build('workers/bundle-workflows');
  await write('dist/watcher/renamed.js', '', 200);
  await write('dist/workers/main.js.map', '', 200);
  expect(await listCompiledCode(root)).toEqual([
    { path: 'workers/main.js', text: "run('workers/main');\n" },
    { path: 'watcher/kube/lease.js', text: "run('watcher/kube/lease');\n" },
  ]);
});

it.each([
  ['missing', () => rm(join(root, 'dist/workers/main.js'))],
  ['older than its source', () => write('workers/main.ts', '', 300)],
])('a compiled file that is %s is refused by name', async (_, spoil) => {
  await build();
  await spoil();
  await expect(listCompiledCode(root)).rejects.toThrow(
    'dist/workers/main.js is missing or older than its source. Run npm run build.',
  );
});
