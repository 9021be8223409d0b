/** Whatever happens between us and the API server, the occurrences are the same as if nothing had. */
import pino from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { createListeners } from '../../watcher/hooks/listeners.ts';
import { connectApiServer } from '../../watcher/kube/api-server.ts';
import { reflect } from '../../watcher/kube/reflector.ts';
import { uidOf } from '../../watcher/kube/uid-of.ts';
import { createObserver } from '../../watcher/observing/observe.ts';
import type { PodView } from '../../watcher/views/pod-view.ts';
import { type FakeApiServer, startFakeApiServer, thingsPath } from '../api-server/server.ts';
import { viewThing } from '../api-server/watched.ts';
import { aContainer, aHook, anIncident, aPod, at, noon } from '../make.ts';
import { waitFor } from '../wait-for.ts';

/** The note of a thing is how often its container was OOM-killed. */
function viewAsPod(object: unknown): PodView | undefined {
  const thing = viewThing(object);
  if (thing === undefined) return undefined;
  const { uid, name, resourceVersion } = thing;
  const kills = Number(thing.note);
  const containerID = `${name}-${kills - 1}`;
  const lastTerminated = { exitCode: 137, reason: 'OOMKilled', message: '', finishedAt: at(kills), containerID };
  const container = aContainer({ restartCount: kills, ...(kills > 0 && { lastTerminated }) });
  return aPod({ uid, name, resourceVersion, containers: [container] });
}

interface Story {
  pods: number;
  server?: Parameters<typeof startFakeApiServer>[0];
  /** Called between the kills, ten times. */
  misfortune: (server: FakeApiServer) => void | Promise<void>;
  silenceLimitMs?: number;
  handlingMs?: number;
}

/** Kills every Pod once while the misfortune happens, and returns which kills were handed over, and how often. */
async function play({ pods, server: options, misfortune, silenceLimitMs, handlingMs = 0 }: Story) {
  const server = await startFakeApiServer(options);
  const api = connectApiServer(server.kubeConfig, 'test', { silenceLimitMs: 500 });
  const ending = new AbortController();
  const announced: string[] = [];
  const listeners = createListeners(() => false);
  listeners.set({ hook: aHook(['oom-kill']), edgesFromMs: noon });
  const { installation: name, timing } = anIncident();
  const observer = createObserver({
    installation: { name, cluster: { uid: 'c' }, timing },
    listeners,
    owners: { of: () => [], knows: () => true, learn: async () => undefined },
    podOf: () => undefined,
    holds: {},
    handover: {
      occurred: async (_, { occurrence }) => {
        announced.push(occurrence.id);
        if (handlingMs > 0) await new Promise((resolve) => setTimeout(resolve, handlingMs));
      },
      resolved: async () => undefined,
      oldestWaitingMs: () => undefined,
      settled: async () => undefined,
    },
    log: pino({ level: 'silent' }),
    nowMs: Date.now,
  });
  for (let n = 0; n < pods; n += 1) server.put(`pod-${n}`, { note: '0' });
  const reflector = reflect<PodView>({
    api,
    path: thingsPath,
    view: viewAsPod,
    uidOf,
    onChange: observer.changed('Pod'),
    log: { info: () => undefined, warn: () => undefined },
    signal: ending.signal,
    backoff: { nextMs: () => 5, reset: () => undefined },
    ...(silenceLimitMs !== undefined && { silenceLimitMs }),
  });
  onTestFinished(async () => {
    ending.abort();
    await reflector.done;
    api.close();
    await server.stop();
  });
  for (let n = 0; n < pods; n += 1) {
    server.put(`pod-${n}`, { note: '1' });
    if (n % Math.ceil(pods / 10) === 0) await misfortune(server);
  }
  await waitFor('every kill to be announced', async () => new Set(announced).size >= pods, 60_000);
  return { announced, server };
}

const small = { pods: 60, server: { pageSize: 7 } };
const idsOf = (pods: number) => Array.from({ length: pods }, (_, n) => `uid-pod-${n}/app/pod-${n}-0`).toSorted();
const until = (condition: () => boolean) => waitFor('the server', async () => condition());

it.each<[string, Omit<Story, 'pods'>]>([
  ['nothing', { misfortune: () => undefined }],
  [
    'watches that end',
    {
      misfortune: async (server) => {
        await until(() => server.openWatches() > 0);
        server.endWatches();
      },
    },
  ],
  [
    'a 410 for an answer, and lists anew',
    {
      misfortune: async (server) => {
        await until(() => server.openWatches() > 0);
        server.endWatches();
        server.compact();
      },
    },
  ],
  [
    'a 410 within the stream',
    {
      misfortune: async (server) => {
        server.goneAs.form = 'event';
        await until(() => server.openWatches() > 0);
        server.endWatches();
        server.compact();
      },
    },
  ],
  [
    'a 410 for the next page of a list',
    {
      misfortune: (server) => {
        server.compact();
        server.endWatches();
        server.faults.push({ on: 'list', does: { status: 410 } });
      },
    },
  ],
  [
    'a connection that is cut in the middle of a line',
    { misfortune: (server) => server.sendRaw('{"type":"MODI', 'cut') },
  ],
  [
    'a watch that says nothing more and does not end',
    {
      silenceLimitMs: 150,
      misfortune: (server) => {
        server.faults.push({ on: 'watch', does: 'hang' });
        server.endWatches();
      },
    },
  ],
  [
    '429 with Retry-After',
    {
      misfortune: (server) => {
        server.faults.push({ on: 'watch', does: { status: 429, headers: { 'retry-after': '1' } } });
        server.endWatches();
      },
    },
  ],
  [
    'errors of the server, one after the other',
    {
      misfortune: (server) => {
        for (const status of [500, 503, 504]) server.faults.push({ on: 'watch', does: { status } });
        server.faults.push({ on: 'list', does: { status: 500 } });
        server.endWatches();
      },
    },
  ],
  [
    'credentials that have expired',
    {
      misfortune: (server) => {
        server.faults.push({ on: 'watch', does: { status: 401 } }, { on: 'list', does: { status: 401 } });
        server.endWatches();
      },
    },
  ],
  ['a handler that is slow', { misfortune: () => undefined, handlingMs: 20 }],
  [
    'all of it at once',
    {
      misfortune: (server) => {
        server.faults.push({ on: 'watch', does: 'cut' }, { on: 'list', does: 'cut' }, { on: 'list', does: 'stall' });
        server.compact();
        void server.sendRaw('nonsense\n');
      },
    },
  ],
])('%s: every kill is announced once', async (_, story) => {
  const { announced } = await play({ ...small, ...story });
  expect(announced.toSorted()).toEqual(idsOf(small.pods));
});

it('twenty thousand Pods that change while they are listed page by page: every kill is announced once', async () => {
  const pods = 20_000;
  const { announced, server } = await play({
    pods,
    server: { pageSize: 500 },
    misfortune: () => new Promise(setImmediate),
  });
  expect(announced).toHaveLength(pods);
  expect(new Set(announced)).toEqual(new Set(idsOf(pods)));
  expect(server.requests.filter(({ kind }) => kind === 'list').length).toBeGreaterThanOrEqual(40);
});
