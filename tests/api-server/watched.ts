/** A reflector on the fake API server, with everything that it showed. Used by the tests of the reflector. */
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { connectApiServer } from '../../watcher/kube/api-server.ts';
import { type Reflector, type ReflectorOptions, reflect } from '../../watcher/kube/reflector.ts';
import { uidOf } from '../../watcher/kube/uid-of.ts';
import type { Backoff } from '../../watcher/loops/backoff.ts';
import { waitFor } from '../wait-for.ts';
import { type FakeApiServer, type FakeApiServerOptions, startFakeApiServer, thingsPath } from './server.ts';

const Thing = z.object({
  metadata: z.object({ uid: z.string(), name: z.string(), resourceVersion: z.string() }),
  note: z.string(),
});

export interface ThingView {
  uid: string;
  name: string;
  resourceVersion: string;
  note: string;
}

export function viewThing(object: unknown): ThingView | undefined {
  const parsed = Thing.safeParse(object);
  return parsed.success ? { ...parsed.data.metadata, note: parsed.data.note } : undefined;
}

export interface Watched {
  server: FakeApiServer;
  reflector: Reflector<ThingView>;
  /** Every difference as `name: before → now`, with `-` for nothing. */
  changes: string[];
  warnings: string[];
  /** What the reflector asked its back-off for: the least wait that the server wished. */
  waits: (number | undefined)[];
  abort: () => void;
  /** Waits until the picture, and what was shown of it, are what the server has. */
  same: () => Promise<void>;
  count: (kind: 'list' | 'watch') => number;
}

export interface WatchedOptions {
  server?: FakeApiServerOptions;
  before?: (server: FakeApiServer) => void;
  over?: Partial<ReflectorOptions<ThingView>>;
  /** How long a server may be silent where JSON is expected. */
  silenceLimitMs?: number;
}

export async function watchThings(options: WatchedOptions = {}): Promise<Watched> {
  const server = await startFakeApiServer(options.server);
  options.before?.(server);
  const api = connectApiServer(server.kubeConfig, 'test', { silenceLimitMs: options.silenceLimitMs ?? 5000 });
  const ending = new AbortController();
  const shown = new Map<string, ThingView>();
  const changes: string[] = [];
  const warnings: string[] = [];
  const waits: Watched['waits'] = [];
  const { onChange, ...over } = options.over ?? {};
  const reflector = reflect<ThingView>({
    api,
    path: thingsPath,
    view: viewThing,
    uidOf,
    log: { info: () => undefined, warn: (details, message) => warnings.push(`${message} ${JSON.stringify(details)}`) },
    signal: ending.signal,
    backoff: quick(waits),
    ...over,
    onChange: async (before, now) => {
      changes.push(`${(now ?? before)?.name}: ${before?.note ?? '-'} → ${now?.note ?? '-'}`);
      if (before !== undefined) shown.delete(before.uid);
      if (now !== undefined) shown.set(now.uid, now);
      await onChange?.(before, now);
    },
  });
  onTestFinished(async () => {
    ending.abort();
    await reflector.done;
    api.close();
    await server.stop();
  });
  const same = () =>
    waitFor('the picture of the server', async () => {
      const expected = keys(server.objects().map(({ metadata }) => metadata));
      return expected === keys(reflector.items()) && expected === keys([...shown.values()]);
    }).then(() => undefined);
  const count = (kind: 'list' | 'watch') => server.requests.filter((request) => request.kind === kind).length;
  return { server, reflector, changes, warnings, waits, abort: () => ending.abort(), same, count };
}

/** Waits a moment, whatever the server wished, and notes the wish. */
function quick(waits: Watched['waits']): Backoff {
  return {
    nextMs: (atLeastMs) => {
      waits.push(atLeastMs);
      return 5;
    },
    reset: () => undefined,
  };
}

/** Long enough for a wrong reflector to do the wrong thing, where the right one does nothing. */
export const aWhile = () => delay(150);

function keys(objects: { uid: string; resourceVersion: string }[]): string {
  return JSON.stringify(objects.map(({ uid, resourceVersion }) => `${uid}@${resourceVersion}`).sort());
}
