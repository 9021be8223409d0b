/**
 * The stream of one kind of object, in the cluster or in each watched namespace: reflectors, and what health, metrics and
 * the checkpoint read of them.
 *
 * Keeps the list of open streams; knows nothing of incidents.
 */
import type { Logger } from 'pino';
import type { ApiServer } from '../kube/api-server.ts';
import { joinReflectors } from '../kube/join-reflectors.ts';
import { pathOf } from '../kube/path-of.ts';
import { type Reflector, type ReflectorOptions, reflect } from '../kube/reflector.ts';
import type { Versioned } from '../kube/store.ts';
import { uidOf } from '../kube/uid-of.ts';
import type { Gap } from './gaps.ts';

/** One open stream, for health, metrics and the checkpoint. */
export interface Stream {
  /** Its own: `pods`, or `pods (shop)` where namespaces are watched one by one. */
  name: string;
  /** The same for all namespaces: `pods`. */
  kind: string;
  path: string;
  /** When the server last sent something, or proved that there was nothing, in milliseconds. */
  seenMs: () => number;
  /** When the server last proved that nothing is missing. */
  aliveMs: () => number;
  done: Promise<void>;
  stop: () => void;
}

export interface Opening {
  api: ApiServer;
  log: Logger;
  signal: AbortSignal;
  /** Called when the stream had to list anew, because its watch could not go on where it had ended. */
  onGap: (gap: Gap) => void;
  /** The namespaces that are watched; undefined: all. */
  namespaces: readonly string[] | undefined;
  streams: Map<string, Stream>;
}

/** `path` is that of the whole cluster. */
type StreamOptions<V extends Versioned> = Pick<
  ReflectorOptions<V>,
  'path' | 'view' | 'onChange' | 'accept' | 'isKept'
> & {
  name?: string;
};

export function openStream<V extends Versioned>(opening: Opening, options: StreamOptions<V>): Reflector<V> {
  const { name: kind = nameOf(options.path), path } = options;
  const collections = collectionsOf({ name: kind, path }, opening.namespaces);
  return joinReflectors(collections.map((collection) => openOne(opening, options, { ...collection, kind })));
}

function openOne<V extends Versioned>(
  opening: Opening,
  options: StreamOptions<V>,
  { name, path, kind }: Pick<Stream, 'name' | 'path' | 'kind'>,
): Reflector<V> {
  const { api, log, signal } = opening;
  const stopped = new AbortController();
  let changedMs = 0; // under load, changes come without the pause in which a watch is known to be complete
  const reflector = reflect<V>({
    ...options,
    path,
    api,
    log,
    uidOf,
    signal: AbortSignal.any([signal, stopped.signal]),
    onChange: (before, now) => {
      changedMs = Date.now();
      return options.onChange(before, now);
    },
    onGap: (gap) => opening.onGap({ ...gap, why: `the stream of ${name} was interrupted` }),
  });
  opening.streams.set(name, {
    name,
    kind,
    path,
    seenMs: () => Math.max(reflector.aliveMs(), changedMs),
    aliveMs: reflector.aliveMs,
    done: reflector.done,
    stop: () => {
      stopped.abort();
      opening.streams.delete(name);
    },
  });
  return reflector;
}

/** What is listed and watched: `path` is that of the whole cluster; `namespaces` undefined: there. */
export function collectionsOf(
  { name, path }: Pick<Stream, 'name' | 'path'>,
  namespaces: readonly string[] | undefined,
): Pick<Stream, 'name' | 'path'>[] {
  if (namespaces === undefined) return [{ name, path }];
  return namespaces.map((namespace) => ({ name: `${name} (${namespace})`, path: pathIn(namespace, path) }));
}

/** `/api/v1/namespaces/shop/pods` of `/api/v1/pods`. */
export function pathIn(namespace: string, path: string): string {
  const slash = path.lastIndexOf('/');
  return `${path.slice(0, slash)}${pathOf('namespaces', namespace)}${path.slice(slash)}`;
}

/** The last part of the path: `pods`. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
