/** The image's /app, as the steps of the Dockerfile make it: what is in it, and that each process runs by itself. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { openDataConverter } from '../../codec/data-converter.ts';
import { findFreePort } from '../../deploy/local/servers/find-free-port.ts';
import { AgentCheck } from '../../workflows/contract/agent-check.ts';
import { checkAgentsType, taskQueue } from '../../workflows/contract/plain/names.ts';
import { startFakeKagent } from '../fake-kagent/server.ts';
import { waitFor } from '../wait-for.ts';
import { assemble, binaryKind, listFiles, root } from './image-checkout.ts';
import { type ImageProcess, provideNode, startInImage } from './image-process.ts';

/** Twice what is needed would mean that a platform's binary, or a development package, has come along. */
const mostMiB = 180;
/** Of the watcher with nothing to watch; the client of Kubernetes as a whole would take it past this. */
const mostWatcherMiB = 125;

let folder: string;
let layout: string;
let files: string[];
let node: string;
const running: ImageProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-'));
  await chmod(folder, 0o755); // the image's user must get there
  node = await provideNode(folder);
  layout = join(folder, 'app');
  await assemble(join(folder, 'build'), layout);
  await rm(join(folder, 'build'), { recursive: true }); // nothing can be taken from there
  files = await listFiles(layout);
}, 300_000);

afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const start = (words: string, environment?: Record<string, string>) => {
  const started = startInImage({ node, layout }, words.split(' '), environment);
  running.push(started);
  return started;
};
const packagesIn = (paths: string[]) =>
  new Set(paths.flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []));

describe('what is in it', () => {
  it('is our bundles, the packages of production and their licences, and nothing of development', async () => {
    const ours = new Set(files.map((path) => path.split('/')[0]));
    const folders = ['chunks', 'codec', 'node_modules', 'watcher', 'workers'];
    const single = ['LICENSE', 'package.json', 'workflow-bundle-encrypting.js', 'workflow-bundle.js'];
    expect(ours).toEqual(new Set([...folders, ...single]));
    const { stdout } = await promisify(execFile)('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: root });
    const production = new Set(stdout.split('\n').map((path) => path.slice(root.length + 1)));
    expect([...packagesIn(files)].filter((path) => !production.has(path))).toEqual([]);
    expect(files.filter((path) => path.includes('node_modules/node-linux-'))).toEqual([]);
    expect(files).toContain('node_modules/zod/LICENSE');
    expect(files.filter((path) => /\.d\.[cm]?ts$|\.map$|\.bare$/.test(path))).toEqual([]);
  });

  it('has compiled binaries for this machine only, and Temporal’s core among them', async () => {
    const read = async (path: string) => [path, await binaryKind(join(layout, path))] as const;
    const binaries = (await Promise.all(files.map(read))).filter(([, kind]) => kind !== undefined);
    const mine = process.arch === 'arm64' ? 'ELF machine 183' : 'ELF machine 62';
    expect(new Set(binaries.map(([, kind]) => kind))).toEqual(new Set([mine]));
    expect(binaries.filter(([path]) => path.includes('core-bridge'))).toHaveLength(1);
  });

  it(`is smaller than ${mostMiB} MiB`, async () => {
    const sizes = await Promise.all(files.map(async (path) => (await stat(join(layout, path))).size));
    expect(sizes.reduce((sum, size) => sum + size, 0) / 1024 / 1024).toBeLessThan(mostMiB);
  });
});

describe('its processes', () => {
  it('find no packages but their own', () => {
    for (let place = dirname(layout); place !== dirname(place); place = dirname(place))
      expect(existsSync(join(place, 'node_modules'))).toBe(false);
  });

  it.each([
    ['workers/main.js', 'The configuration of the worker has 1 problem(s):'],
    ['watcher/main.js', 'The configuration of the watcher has 1 problem(s):'],
    ['codec/server/main.js', 'The configuration of the codec server has 1 problem(s):'],
  ])('%s ends with 78 and says why when it is not configured', async (main, message) => {
    const { ended, said } = start(main);
    expect(await ended).toBe(78);
    expect(said()).toMatch(new RegExp(`^${message.replaceAll(/[()]/g, '\\$&')}\n  \\w+ is not set; `));
  });

  it.each([
    ['workers/replay/main.js --help', 'Usage: npm run --silent replay', 0],
    ['workers/replay/main.js', 'Nothing to replay is named', 64],
    ['watcher/ledger/main.js', 'INSTALLATION is not set', 78],
    ['watcher/dry-run/main.js', 'Usage: npm run --silent detect', 64],
    ['workers/register-attributes/main.js', 'has all 10 search attributes', 0],
  ])('the command %s answers', async (words, answer, code) => {
    const { ended, said } = start(words, { TEMPORAL_ADDRESS: inject('temporalAddress') });
    expect([await ended, said()]).toEqual([code, expect.stringContaining(answer)]);
  });

  it('the command that replays has its bundle of workflows', async () => {
    const history = join(folder, 'history.json');
    await copyFile(join(root, 'tests/histories/resolved-edge.json'), history);
    const { ended, said } = start(`workers/replay/main.js ${history}`);
    expect([await ended, said()]).toEqual([0, expect.stringContaining('replays: 34 events')]);
  });

  it('the codec server serves and stops', async () => {
    const [keys, port] = [await mkdtemp(join(folder, 'codec-keys-')), await findFreePort()];
    await chmod(keys, 0o755);
    await writeFile(join(keys, '2026-09'), randomBytes(32).toString('base64'));
    const server = start('codec/server/main.js', { CODEC_KEY_DIR: keys, CODEC_PORT: String(port) });
    await waitFor('the codec server', async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok);
    server.child.kill('SIGTERM');
    expect(await server.ended, server.said()).toBe(0);
  });

  it.each([
    ['its bundle', []],
    ['keys and the bundle that encrypts', ['2026-09']],
  ])('the worker becomes ready with %s, runs a workflow to its end, and stops on SIGTERM', async (_, keyIds) => {
    const keyFolder = await mkdtemp(join(folder, 'keys-'));
    await chmod(keyFolder, 0o755);
    for (const id of keyIds) await writeFile(join(keyFolder, id), randomBytes(32).toString('base64'));
    const CODEC_KEY_DIR = keyIds.length === 0 ? undefined : keyFolder;
    const dataConverter = openDataConverter(CODEC_KEY_DIR, { info: () => undefined, warn: () => undefined });
    const client = (by: Connection) =>
      new Client({ connection: by, ...(dataConverter !== undefined && { dataConverter }) });
    const kagent = await startFakeKagent({ apiKey: 'key' });
    const address = inject('temporalAddress');
    const connection = await Connection.connect({ address });
    try {
      const installation = `i${randomBytes(4).toString('hex')}`;
      const port = await findFreePort();
      const worker = start('workers/main.js', {
        INSTALLATION: installation,
        TEMPORAL_ADDRESS: address,
        KAGENT_API_KEY: 'key',
        KAGENT_BASE_URL: kagent.url,
        HEALTH_PORT: String(port),
        ...(CODEC_KEY_DIR !== undefined && { CODEC_KEY_DIR }),
      });
      await waitFor(`the worker: ${worker.said()}`, async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok);
      const checked: unknown = await client(connection).workflow.execute(checkAgentsType, {
        taskQueue: taskQueue(installation),
        workflowId: `${installation}/image`,
        args: [{ agents: [] }],
      });
      expect(AgentCheck.parse(checked).reachable.status).toBe('True');
      worker.child.kill('SIGTERM');
      expect(await worker.ended, worker.said()).toBe(0);
    } finally {
      await connection.close();
      await kagent.stop();
    }
  });

  it('the watcher lives and says what it waits for while there is no API server', async () => {
    const port = await findFreePort();
    const kubeconfig = join(folder, 'kubeconfig');
    const server = `https://127.0.0.1:${await findFreePort()}`;
    const config = {
      clusters: [{ name: 'c', cluster: { server } }],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    };
    await writeFile(kubeconfig, JSON.stringify(config));
    const watcher = start('watcher/main.js', {
      INSTALLATION: 'image',
      KUBECONFIG: kubeconfig,
      KUBECONFIG_CONTEXT: 'x',
      HEALTH_PORT: String(port),
    });
    await waitFor('the watcher', async () => {
      const answer = await (await fetch(`http://127.0.0.1:${port}/readyz`)).text();
      return answer.includes('waiting for the API server');
    });
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status, watcher.said()).toBe(200);
    const status = await readFile(`/proc/${watcher.child.pid}/status`, 'utf8');
    expect(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024).toBeLessThan(mostWatcherMiB);
  });
});
