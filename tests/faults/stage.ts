/**
 * Where a fault happens: a world of its own, doors to its servers, and a list of what the agent must be asked about. What a
 * scenario does at random follows from the seed alone.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { ProductServer } from '../../deploy/local/start-product.ts';
import type { RunOutcome } from '../../workflows/contract/agent-run.ts';
import { oomKilled, running } from '../e2e/cluster-actions.ts';
import { startWorld, type World } from '../e2e/world.ts';
import { kubeconfigPath } from '../engines/of-worker.ts';
import {
  type KagentDouble,
  type KagentDoubleOptions,
  startKagentDouble,
} from '../kagent-double/start-kagent-double.ts';
import { waitFor } from '../wait-for.ts';
import { createDoor, type Door } from './door.ts';
import { createNeighbour, type Neighbour } from './neighbour.ts';
import { openTroubled, type Troubled } from './troubled.ts';

export interface Stage {
  world: World;
  /** A whole number from `from` to `to`, the same for the same seed. */
  between: (from: number, to: number) => number;
  /** Milliseconds for which something is away; longer with FAULTS_FULL. */
  outageMs: (shortMs: number, fullMs: number) => number;
  temporalDoor: Door;
  apiDoor: Door;
  /** Starts a process that reaches its servers through the doors. */
  start: World['start'];
  /** Both processes. */
  startBoth: (over?: Record<string, string>) => Promise<{ worker: ProductServer; watcher: ProductServer }>;
  /** A Pod whose container is OOM-killed now; the agent must be asked about it once. */
  kill: (name: string, at?: string) => Promise<void>;
  killMany: (prefix: string, count: number) => Promise<void>;
  /** A Kagent that speaks A2A in place of the REST API, for the workers that are started from now on. */
  useKagent: (options?: KagentDoubleOptions) => Promise<KagentDouble>;
  kagent: () => KagentDouble | undefined;
  /** How every agent run must end, where runs can be followed. */
  expectedOutcome: RunOutcome;
  /** How often the agent must be asked about each resource. */
  expected: Map<string, number>;
  /** Resources that may be asked about any number of times: those of the namespace that makes trouble. */
  uncounted: Set<string>;
  /** A namespace that is to make trouble, and what that costs this one. */
  troubled: () => Promise<Troubled>;
  neighbour: Neighbour;
  /** What has to be closed with the stage. */
  closing: (() => Promise<void>)[];
  untilAsked: (name: string) => Promise<void>;
  untilLogged: (server: ProductServer, pattern: RegExp) => Promise<void>;
  close: () => Promise<void>;
}

export const memoryHook = [
  { eventType: 'oom-kill', agentRef: { name: 'memory-analyzer' }, prompt: '{{.ResourceName}}: {{.EventMessage}}' },
];

export async function openStage(seed: number): Promise<Stage> {
  const world = await startWorld({ agents: ['*'] });
  const kubeconfig = await readFile(kubeconfigPath(), 'utf8');
  const [, apiPort = ''] = /server: https:\/\/127\.0\.0\.1:(\d+)/.exec(kubeconfig) ?? [];
  const [host = '', temporalPort = ''] = inject('temporalAddress').split(':');
  const apiDoor = await createDoor({ host: '127.0.0.1', port: Number(apiPort) });
  const temporalDoor = await createDoor({ host, port: Number(temporalPort) });
  const path = join(world.run.folder, 'kubeconfig');
  await writeFile(path, kubeconfig.replace(`127.0.0.1:${apiPort}`, `127.0.0.1:${apiDoor.port}`));
  const through = { KUBECONFIG: path, TEMPORAL_ADDRESS: `127.0.0.1:${temporalDoor.port}` };
  const quick = { REDELIVERY_FIRST: '1s', REDELIVERY_MAX: '2s' };
  const expected = new Map<string, number>();
  const random = createRandom(seed);
  const closing: Stage['closing'] = [];

  let kagent: KagentDouble | undefined;
  const agents = () => (kagent === undefined ? {} : { KAGENT_BASE_URL: kagent.url, KAGENT_API_KEY: '' });
  const start: Stage['start'] = async (name, over = {}) =>
    world.start(name, { ...through, ...(name === 'watcher' ? quick : agents()), ...over });
  const kill: Stage['kill'] = async (name, at) => {
    expected.set(name, (expected.get(name) ?? 0) + 1);
    await world.cluster.createPod(world.namespace, name);
    await world.cluster.setStatus(world.namespace, name, running());
    const run = { killed: 'c0', now: 'c1', restartCount: 1, ...(at !== undefined && { at }) };
    await world.cluster.setStatus(world.namespace, name, oomKilled(run));
  };
  await world.cluster.createHook(world.namespace, 'memory', memoryHook);
  return {
    world,
    between: (from, to) => from + Math.floor(random() * (to - from + 1)),
    outageMs: (shortMs, fullMs) => (process.env['FAULTS_FULL'] === undefined ? shortMs : fullMs),
    temporalDoor,
    apiDoor,
    start,
    startBoth: async (over = {}) => {
      const [worker, watcher] = await Promise.all([start('worker', over), start('watcher', over)]);
      return { worker, watcher };
    },
    kill,
    killMany: async (prefix, count) => {
      const names = Array.from({ length: count }, (_, n) => `${prefix}-${n}`);
      for (let n = 0; n < count; n += 10) await Promise.all(names.slice(n, n + 10).map((name) => kill(name)));
    },
    expected,
    uncounted: new Set(),
    troubled: async () => {
      const opened = await openTroubled(world);
      closing.push(opened.close);
      return opened;
    },
    neighbour: createNeighbour(world, expected),
    closing,
    expectedOutcome: 'AgentRunCompleted',
    useKagent: async (options = {}) => {
      const agent = { namespace: world.namespace, name: 'memory-analyzer' };
      kagent = await startKagentDouble({ agents: [agent], runMs: 500, ...options });
      return kagent;
    },
    kagent: () => kagent,
    untilAsked: (name) => {
      const isAsked = () =>
        kagent === undefined
          ? world.asksAbout(name).length > 0
          : kagent.runs.some(({ prompt }) => prompt.startsWith(`${name}:`));
      return waitFor(`the ask about ${name}`, async () => isAsked(), 60_000).then(() => undefined);
    },
    untilLogged: (server, pattern) =>
      waitFor(`${pattern}`, async () => pattern.test(await readFile(server.logFile, 'utf8')), 60_000).then(
        () => undefined,
      ),
    close: async () => {
      for (const closeOne of closing) await closeOne();
      await world.stop();
      await kagent?.stop();
      await Promise.all([apiDoor.close(), temporalDoor.close()]);
    },
  };
}

/** Mulberry32: small, and the same everywhere. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
