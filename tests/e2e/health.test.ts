/** Health: which process says what of itself, and when a restart is asked for, in each case that an operator may meet. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker as Thread } from 'node:worker_threads';
import { afterEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { openRun } from '../../deploy/local/runs/open-run.ts';
import { answersOk } from '../../deploy/local/servers/ask-server.ts';
import { findFreePort } from '../../deploy/local/servers/find-free-port.ts';
import { type Server, startServer } from '../../deploy/local/servers/start-server.ts';
import { readSettings } from '../../deploy/local/settings.ts';
import { startTemporal } from '../../deploy/local/start-temporal.ts';
import { type Facts, serveHealth } from '../../runtime/health.ts';
import { checkHandover } from '../../watcher/serving/expose.ts';
import { checkWatches, type WatchLimits } from '../../watcher/serving/watch-checks.ts';
import { watchTemporal } from '../../workers/serving/temporal-check.ts';
import { kubeconfigPath } from '../engines/of-worker.ts';
import { waitFor } from '../wait-for.ts';
import { apiKey, startWorld, type World } from './world.ts';

const Health = z.object({
  status: z.enum(['ok', 'failing']),
  wrong: z.array(z.string()),
  checks: z.array(z.unknown()),
});

/** Status and body of one of the three paths. */
async function ask(url: string, path: string, timeoutMs = 5000) {
  const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(timeoutMs) });
  return { code: response.status, ...Health.parse(await response.json()) };
}

/** The codes of all three at once, as `livez readyz healthz`. */
async function codes(url: string): Promise<string> {
  const answers = await Promise.all(['/livez', '/readyz', '/healthz'].map((path) => ask(url, path)));
  return answers.map(({ code }) => code).join(' ');
}

const wrongOf = async (url: string) => (await ask(url, '/healthz')).wrong.join('\n');

describe('the health server', () => {
  async function aServer() {
    const port = await findFreePort();
    const health = serveHealth({ port, metrics: async () => 'a 1\n' });
    onTestFinished(() => health.close());
    return { health, url: `http://127.0.0.1:${port}` };
  }

  it('lives and is not ready while it waits, and says for what', async () => {
    const { health, url } = await aServer();
    health.set({ isReady: false, doing: 'waiting for Temporal' });
    expect(await codes(url)).toBe('200 503 503');
    expect(await ask(url, '/healthz')).toEqual({
      code: 503,
      status: 'failing',
      wrong: ['process: waiting for Temporal'],
      checks: [{ name: 'process', ok: false, message: 'waiting for Temporal' }],
    });
  });

  it('is ready only when the process does its work and every check holds; it lives all the same', async () => {
    const { health, url } = await aServer();
    let isGood = true;
    const ready: Facts['ready'] = () => [{ name: 'temporal', ok: isGood, message: 'asked' }];
    health.observe({ ready, alive: () => [] });
    expect(await codes(url)).toBe('200 503 503');
    health.set({ isReady: true, doing: 'taking work' });
    expect(await codes(url)).toBe('200 200 200');
    isGood = false;
    expect(await codes(url)).toBe('200 503 503');
    expect(await wrongOf(url)).toBe('temporal: asked');
  });

  it('asks for a restart only when a check of that kind fails', async () => {
    const { health, url } = await aServer();
    health.set({ isReady: true, doing: 'taking work' });
    health.observe({ ready: () => [], alive: () => [{ name: 'polling', ok: false, message: 'worker FAILED' }] });
    expect(await codes(url)).toBe('503 200 200');
    expect((await ask(url, '/livez')).wrong).toEqual(['polling: worker FAILED']);
  });

  it('knows no other paths, takes a query, and gives the metrics as text', async () => {
    const { url } = await aServer();
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/livez?verbose`)).status).toBe(200);
    const metrics = await fetch(`${url}/metrics`);
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await metrics.text()).toBe('a 1\n');
  });
});

it('an event loop that is stuck answers no probe', async () => {
  const port = await findFreePort();
  const file = new URL('../../runtime/health.ts', import.meta.url).href;
  const isStuck = new Int32Array(new SharedArrayBuffer(4));
  const program = `
    const { workerData, parentPort } = require('node:worker_threads');
    import(workerData.file).then(({ serveHealth }) => {
      serveHealth({ port: workerData.port, metrics: async () => '' });
      parentPort.once('message', () => Atomics.wait(workerData.isStuck, 0, 0));
    });`;
  const thread = new Thread(program, { eval: true, workerData: { file, port, isStuck } });
  onTestFinished(async () => void (await thread.terminate()));
  const url = `http://127.0.0.1:${port}`;
  await waitFor('the server', async () => (await ask(url, '/livez')).code === 200);
  thread.postMessage('get stuck');
  await waitFor('no answer', async () => (await ask(url, '/livez', 500).catch(() => 'silence')) === 'silence');
  Atomics.store(isStuck, 0, 1);
  Atomics.notify(isStuck, 0);
  await waitFor('an answer again', async () => (await ask(url, '/livez')).code === 200);
});

describe('a watch', () => {
  const limits: WatchLimits = { staleMs: 50, suspectMs: 50, provenMs: 100, everyMs: 10 };

  interface Watched {
    list: () => Promise<unknown>;
    isPaused: () => boolean;
    seenMs: () => number;
  }

  /** One watched collection that was seen long ago, at a server that answers; the test says what is different. */
  function aWatch({ list = async () => ({}), isPaused = () => false, seenMs = () => 1 }: Partial<Watched> = {}) {
    const ending = new AbortController();
    onTestFinished(() => ending.abort());
    let asked = 0;
    const counted = async () => {
      asked += 1;
      return list();
    };
    const streams = () => [{ name: 'pods', seenMs, list: counted }];
    const checks = checkWatches({ streams, isPaused, signal: ending.signal, limits });
    const isOk = (checks: { ok: boolean }[]) => checks.every(({ ok }) => ok);
    const afterLooks = (looks: number) => waitFor('looks', async () => asked >= looks);
    return { afterLooks, isFresh: () => isOk(checks.ready()), isAlive: () => isOk(checks.alive()), checks };
  }

  it('that is silent while the API server answers is dead, and named, after it was proven for a while', async () => {
    const { isFresh, isAlive, checks } = aWatch();
    expect([isFresh(), isAlive()]).toEqual([false, true]);
    await waitFor('the watch to be dead', async () => !isAlive());
    expect(checks.alive()).toMatchObject([{ name: 'watch of pods', ok: false }]);
  });

  it('is stale and not dead while the API server is away', async () => {
    const { isFresh, isAlive, afterLooks } = aWatch({ list: () => Promise.reject(new Error('ECONNREFUSED')) });
    await afterLooks(30); // three times what a dead one needs
    expect([isFresh(), isAlive()]).toEqual([false, true]);
  });

  it('is not dead when the API server has only just come back', async () => {
    let isAway = true;
    const { isAlive, afterLooks } = aWatch({ list: async () => (isAway ? Promise.reject(new Error('away')) : {}) });
    await afterLooks(30);
    isAway = false;
    await afterLooks(32);
    expect(isAlive()).toBe(true);
    await waitFor('the watch to be dead', async () => !isAlive());
  });

  it('is stale and not dead while it is held back because Temporal takes nothing', async () => {
    let isPaused = true;
    const { isFresh, isAlive } = aWatch({ isPaused: () => isPaused });
    const untilMs = Date.now() + 4 * limits.provenMs;
    await waitFor('longer than a dead one needs', async () => Date.now() > untilMs);
    expect([isFresh(), isAlive()]).toEqual([false, true]);
    isPaused = false;
    await waitFor('the watch to be dead', async () => !isAlive());
  });

  it('is fresh and alive again as soon as something comes on it', async () => {
    let seenMs = 1;
    const { isFresh, isAlive } = aWatch({ seenMs: () => seenMs });
    await waitFor('the watch to be dead', async () => !isAlive());
    seenMs = Date.now() + 60_000;
    expect([isFresh(), isAlive()]).toEqual([true, true]);
  });

  it('on which nothing ever came counts from the start on', () => {
    expect(aWatch({ seenMs: () => 0 }).isFresh()).toBe(true);
  });
});

it('a watcher whose queues are full is not ready, and says how much waits', () => {
  expect(checkHandover({ waiting: () => 7, isFull: () => false })).toMatchObject({ ok: true });
  const full = checkHandover({ waiting: () => 1001, isFull: () => true });
  expect(full).toMatchObject({ ok: false, message: expect.stringContaining('1001 occurrence(s) wait') });
});

it.each([
  ['RUNNING', 'POLLING', true, true],
  ['DRAINING', 'SHUTDOWN', false, true],
  ['RUNNING', 'FAILED', false, false],
  ['FAILED', 'POLLING', false, false],
] as const)('a worker that is %s with a poller that is %s: ready %s, alive %s', (runState, poller, ready, alive) => {
  const worker = { getStatus: () => ({ ...aStatus, runState, workflowPollerState: poller }) };
  const facts = watchTemporal({ worker, runsWorker: worker, ask: async () => undefined, signal: AbortSignal.abort() });
  expect(facts.ready()).toMatchObject([{ name: 'polling', ok: ready }, { name: 'following' }, { name: 'temporal' }]);
  expect(facts.alive()).toMatchObject([{ ok: alive }, { ok: alive }]);
});

const aStatus = {
  runState: 'RUNNING',
  workflowPollerState: 'POLLING',
  activityPollerState: 'POLLING',
  numHeartbeatingActivities: 0,
  hasOutstandingWorkflowPoll: true,
  hasOutstandingActivityPoll: true,
  numCachedWorkflows: 0,
  numInFlightWorkflowActivations: 0,
  numInFlightActivities: 0,
  numInFlightNonLocalActivities: 0,
  numInFlightLocalActivities: 0,
} as const;

describe('the processes', () => {
  let world: World | undefined;
  afterEach(async () => {
    await world?.stop();
    world = undefined;
  });

  it('are ready while all is well; without Temporal they live, are not ready, name it, and come back', async () => {
    const temporal = await startOwnTemporal();
    world = await startWorld({ temporalAddress: temporal.address });
    const watcher = await world.start('watcher');
    const worker = await world.start('worker', { WATCHER_HEALTH_URL: urlOf(watcher) });
    const urls = [urlOf(watcher), urlOf(worker)];
    expect(await Promise.all(urls.map(codes))).toEqual(['200 200 200', '200 200 200']);
    temporal.signal('SIGSTOP'); // hangs: no connection is refused, no call answered
    for (const url of urls) {
      await waitFor('not ready', async () => (await codes(url)) === '200 503 503');
      expect(await wrongOf(url)).toMatch(/^temporal: did not answer at /);
    }
    temporal.signal('SIGCONT');
    for (const url of urls) await waitFor('ready again', async () => (await codes(url)) === '200 200 200');
    await temporal.kill();
    for (const url of urls) await waitFor('not ready', async () => (await codes(url)) === '200 503 503');
    expect([watcher.pid, worker.pid]).not.toContain(undefined);
  });

  it('the worker reports its neighbour under /healthz only, and keeps working without it', async () => {
    world = await startWorld();
    const watcher = await world.start('watcher');
    const worker = await world.start('worker', { WATCHER_HEALTH_URL: urlOf(watcher) });
    expect(await codes(urlOf(worker))).toBe('200 200 200');
    await watcher.kill();
    expect(await codes(urlOf(worker))).toBe('200 200 503');
    expect(await wrongOf(urlOf(worker))).toBe('watcher: cannot be reached');
  });

  it('that start where Temporal or the API server is absent live, and say what they wait for', async () => {
    world = await startWorld();
    const nobody = `127.0.0.1:${await findFreePort()}`;
    const [worker, watcher] = await Promise.all([
      startUnready(world, 'worker', { TEMPORAL_ADDRESS: nobody }),
      startUnready(world, 'watcher', { TEMPORAL_ADDRESS: nobody }),
    ]);
    for (const url of [worker, watcher]) {
      await waitFor('its word', async () => (await wrongOf(url)) === 'process: waiting for Temporal');
      expect(await codes(url)).toBe('200 503 503');
    }
    const blind = await startUnready(world, 'watcher', { KUBECONFIG: await kubeconfigTo(`https://${nobody}`, world) });
    await waitFor('its word', async () => (await wrongOf(blind)) === 'process: waiting for the API server');
    expect(await codes(blind)).toBe('200 503 503');
  });
});

const urlOf = (server: Server) => z.object({ url: z.string() }).parse(server).url;

async function startOwnTemporal() {
  const run = await openRun(readSettings());
  onTestFinished(() => run.close());
  return startTemporal({ run, path: inject('enginePaths').temporal });
}

/** A process that need not get ready; gives the address of its health server. */
async function startUnready(world: World, name: 'worker' | 'watcher', over: Record<string, string>): Promise<string> {
  const { run, installation } = world;
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const environment = {
    ...run.environment,
    INSTALLATION: installation,
    HEALTH_PORT: String(port),
    KAGENT_API_KEY: apiKey,
    KAGENT_BASE_URL: world.kagent.url,
    KUBECONFIG: kubeconfigPath(),
    KUBECONFIG_CONTEXT: (await world.kubectl('config', 'current-context')).trim(),
    ...over,
  };
  await startServer({
    name,
    path: process.execPath,
    args: [fileURLToPath(new URL(`../../${name === 'worker' ? 'workers' : name}/main.ts`, import.meta.url))],
    logFile: join(run.folder, `unready-${port}.log`),
    run: { ...run, environment },
    isReady: () => answersOk(`${url}/livez`),
  });
  return url;
}

/** A kube config with one context, named like the real one, that leads to this address. */
async function kubeconfigTo(server: string, world: World): Promise<string> {
  const name = (await world.kubectl('config', 'current-context')).trim();
  const path = join(world.run.folder, 'kubeconfig-to-nobody');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server } }],
    users: [{ name, user: { token: 'none' } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}
