/** The image's /app: what is in it, that it is the same wherever it is built, and that it runs by itself. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { openDataConverter } from '../../codec/data-converter.ts';
import { findFreePort } from '../../deploy/local/servers/find-free-port.ts';
import { AgentCheck } from '../../workflows/contract/agent-check.ts';
import { checkAgentsType, taskQueue } from '../../workflows/contract/names.ts';
import { startFakeKagent } from '../fake-kagent/server.ts';
import { waitFor } from '../wait-for.ts';
import { assemble, binaryKind, type LayoutEntry, listLayout, makeCheckout, root } from './image-checkout.ts';
import { type ImageProcess, provideNode, startInImage } from './image-process.ts';

/** Twice what is needed would mean that a platform's binary, or a development package, has come along. */
const mostMiB = 140;

let folder: string;
let layout: string;
let printed: string;
let entries: LayoutEntry[];
let others: LayoutEntry[];
let node: string;
const running: ImageProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-'));
  await chmod(folder, 0o755); // the image's user must get there
  node = await provideNode(folder);
  const [first, second] = [join(folder, 'one'), join(folder, 'another-checkout-with-a-longer-name')];
  await makeCheckout(first);
  await makeCheckout(second, first);
  printed = await assemble(first, join(folder, 'app-0'));
  await assemble(second, join(folder, 'app-1'));
  for (const checkout of [first, second]) await rm(checkout, { recursive: true }); // nothing can be taken from there
  layout = join(folder, 'app-0');
  [entries, others] = [await listLayout(layout), await listLayout(join(folder, 'app-1'))];
}, 300_000);

afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const start = (main: string, environment?: Record<string, string>) => {
  const started = startInImage({ node, layout }, main, environment);
  running.push(started);
  return started;
};
const files = () => entries.filter(({ kind }) => kind === 'file').map(({ path }) => path);
const packagesIn = (list: string[]) =>
  new Set(list.map((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter((path) => path));
const Named = z.object({ name: z.string(), version: z.string() });

describe('what is in it', () => {
  it('is equal byte for byte, with modes and times, when the same sources are built in two places', () => {
    expect(entries.length).toBeGreaterThan(1_000);
    const told = (list: LayoutEntry[]) => list.map((entry) => Object.values(entry).join(' '));
    const second = new Set(told(others));
    expect(told(entries).filter((entry) => !second.has(entry))).toEqual([]);
    expect(others).toHaveLength(entries.length);
    expect(new Set(entries.map(({ mtimeMs }) => mtimeMs))).toEqual(new Set([1_700_000_000_000]));
  });

  it('can be read by everybody and holds nothing but files and folders', () => {
    const modes = new Set(entries.map(({ kind, mode }) => `${kind} ${mode}`));
    expect(modes).toEqual(new Set(['file 644', 'folder 755']));
  });

  it('is our compiled code and nothing that an earlier build left behind', () => {
    const ours = files().filter((path) => !path.startsWith('node_modules/'));
    expect(ours.filter((path) => !path.includes('/')).toSorted()).toEqual(
      ['LICENSE', 'package.json', 'sbom.json', 'workflow-bundle-encrypting.js', 'workflow-bundle.js'].toSorted(),
    );
    expect(ours).toEqual(expect.arrayContaining(['workers/main.js', 'watcher/main.js']));
    expect(ours.filter((path) => path.includes('renamed-since') || path.includes('bundle-workflows'))).toEqual([]);
  });

  it('has exactly the packages that npm counts to production, without the Nodes for older machines', async () => {
    const listed = await promisify(execFile)('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: root });
    const wanted = listed.stdout
      .split('\n')
      .filter((path) => path.startsWith(join(root, 'node_modules/')))
      .map((path) => path.slice(root.length + 1))
      .filter((path) => !path.startsWith('node_modules/node-linux-'));
    expect(packagesIn(files())).toEqual(new Set(wanted));
  });

  it('has no sources, types, source maps or tests', () => {
    expect(files().filter((path) => /\.[cm]?ts$|\.map$|\.(test|spec)\.[cm]?js$/.test(path))).toEqual([]);
    expect(files().filter((path) => /(^|\/)node_modules\/(@[^/]+\/)?[^/]+\/(tests?|__tests__)\//.test(path))).toEqual(
      [],
    );
  });

  it('has compiled binaries for this machine only, and Temporal’s core among them', async () => {
    const read = async (path: string) => [path, binaryKind(await readFile(join(layout, path)))] as const;
    const binaries = (await Promise.all(files().map(read))).filter(([, kind]) => kind !== undefined);
    const mine = process.arch === 'arm64' ? 'ELF machine 183' : 'ELF machine 62';
    expect(new Set(binaries.map(([, kind]) => kind))).toEqual(new Set([mine]));
    expect(binaries.filter(([path]) => path.includes('core-bridge'))).toHaveLength(1);
  });

  it('names no folder of the machine that built it', async () => {
    const texts = await Promise.all(
      files()
        .filter((path) => !path.startsWith('node_modules/'))
        .map(async (path) => [path, await readFile(join(layout, path), 'utf8')] as const),
    );
    const maps = texts.map(([path, text]) => [path, text + inlineMap(text)] as const);
    expect(maps.filter(([, text]) => text.includes(root) || text.includes(folder)).map(([path]) => path)).toEqual([]);
    const bundle = inlineMap(await readFile(join(layout, 'workflow-bundle.js'), 'utf8'));
    const { sources } = z.object({ sources: z.array(z.string()) }).parse(JSON.parse(bundle));
    expect(sources).toContain('workflows/handle-incident.ts');
    expect(sources.filter((source) => source.startsWith('/'))).toEqual([]);
  });

  it('has a bill of materials that lists what is installed there, each package once', async () => {
    const text = await readFile(join(layout, 'sbom.json'), 'utf8');
    const bill = z.object({ bomFormat: z.literal('CycloneDX'), components: z.array(Named) }).parse(JSON.parse(text));
    const installed = await Promise.all(
      [...packagesIn(files())].map(async (path) => {
        const { name, version } = Named.parse(
          JSON.parse(await readFile(join(layout, path ?? '', 'package.json'), 'utf8')),
        );
        return `${name}@${version}`;
      }),
    );
    const listed = bill.components.map(({ name, version }) => `${name}@${version}`);
    expect(listed.toSorted()).toEqual([...new Set(installed)].toSorted());
    expect(listed.filter((name) => name.startsWith('@temporalio/worker@'))).toHaveLength(1);
    expect(text).not.toMatch(/"(serialNumber|timestamp)"/);
  });

  it(`is smaller than ${mostMiB} MiB, and the command says how large it is`, () => {
    const mebibytes = entries.reduce((sum, { bytes }) => sum + bytes, 0) / 1024 / 1024;
    expect(mebibytes).toBeLessThan(mostMiB);
    expect(printed).toContain(`${files().length} files, ${mebibytes.toFixed(1)} MiB, for linux on ${process.arch}`);
  });
});

describe('assemble', () => {
  it('touches no folder that has something in it', async () => {
    const full = await mkdtemp(join(folder, 'full-'));
    await writeFile(join(full, 'mine'), '');
    const run = promisify(execFile)(process.execPath, ['deploy/image/assemble.ts', full], { cwd: root });
    await expect(run).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(`${full} is not empty`) });
    expect(await readdir(full)).toEqual(['mine']);
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
  ])('%s ends with 78 and says why when it is not configured', async (main, message) => {
    const { ended, said } = start(main);
    expect(await ended).toBe(78);
    expect(said()).toMatch(new RegExp(`^${message.replaceAll(/[()]/g, '\\$&')}\n  INSTALLATION is not set; `));
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
  });
});

/** The source map inside a bundle; nothing for other files. */
function inlineMap(text: string): string {
  const [, encoded] = /sourceMappingURL=data:[^,]*,([\w+/=]+)/.exec(text) ?? [];
  return Buffer.from(encoded ?? '', 'base64').toString();
}
