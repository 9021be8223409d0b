/**
 * Keeps the store of one kind of object up to date: list, then watch, forever; every difference goes to the handler.
 *
 * Objects are known by uid, so a recreated name is a deletion and an addition. The stream is paused while a change is being
 * handled. Never dies: an ended watch, a 410, a dead server mean list again.
 */
import { type Backoff, createBackoff, pause } from '../loops/backoff.ts';
import type { ApiServer } from './api-server.ts';
import { listPages } from './list-pages.ts';
import { createRecovery, type Recovery } from './recovery.ts';
import { apply, applyDeletion, type Handling, remove, type Store, type Versioned } from './store.ts';
import { type WatchEvent, watchEvents } from './watch-events.ts';

export interface ReflectorOptions<T extends Versioned> extends Handling<T> {
  api: ApiServer;
  signal: AbortSignal;
  /** How long to wait between tries; by default that of client-go. */
  backoff?: Backoff;
  /** Media types that are expected, for metadata instead of whole objects. */
  accept?: { list: string; one: string };
  /** Called for a list after the first: between these moments objects may have come and gone unseen. */
  onGap?: (gap: { fromMs: number; toMs: number }) => void;
  /** A watch that is silent for longer is taken for dead; by default a little longer than a whole watch. */
  silenceLimitMs?: number;
}

export interface Reflector<T extends Versioned> {
  /** Resolves after the first complete list was handled. */
  synced: Promise<void>;
  items: () => T[];
  get: (uid: string) => T | undefined;
  /** When the server last proved that the store is complete, in milliseconds of this clock; 0 before the first list. */
  aliveMs: () => number;
  /** Up to which version of the collection everything was handled. */
  version: () => string | undefined;
  /** Resolves when the signal was aborted and the last change was handled. */
  done: Promise<void>;
}

export function reflect<T extends Versioned>(options: ReflectorOptions<T>): Reflector<T> {
  const items = new Map<string, T>();
  const synced = Promise.withResolvers<void>();
  const recovery = createRecovery(options.backoff ?? createBackoff());
  const state: Watching<T> = { options, items, aliveMs: 0, version: undefined, recovery };
  return {
    synced: synced.promise,
    items: () => [...items.values()],
    get: (uid) => items.get(uid),
    aliveMs: () => state.aliveMs,
    version: () => state.version,
    done: run(state, synced.resolve),
  };
}

interface Watching<T extends Versioned> extends Store<T> {
  options: ReflectorOptions<T>;
  aliveMs: number;
  /** Where the next watch begins; undefined: list first. */
  version: string | undefined;
  recovery: Recovery;
}

/** A watch that ends sooner and without an event is a fault of something between us and the server. */
const shortWatchMs = 1000;

/**
 * How long the server keeps a watch open. Short, because every watch that ends in time proves that nothing is missing, and
 * because a connection of which the other end is gone must be found within a minute. The next one goes on where it ended.
 */
const leastWatchSeconds = 40;
const spreadSeconds = 10;

/** Having had nothing for us for so long, the server has sent all there was. */
const idleMs = 50;

async function run<T extends Versioned>(store: Watching<T>, onSynced: () => void): Promise<void> {
  const { signal } = store.options;
  while (!signal.aborted) {
    try {
      if (store.version === undefined) {
        store.version = await list(store);
        onSynced();
      }
      await watch(store, store.version);
    } catch (error) {
      if (!signal.aborted) await recover(store, error);
    }
  }
}

async function recover<T extends Versioned>(store: Watching<T>, error: unknown): Promise<void> {
  const { signal, path, log } = store.options;
  const { mustList, waitMs } = store.recovery.after(error);
  if (mustList) store.version = undefined;
  log.warn({ path, waitMs, error: String(error) }, 'the API server cannot be watched; trying again');
  await pause(waitMs, signal);
}

/** Lists everything in pages into the store; returns the version to watch from. */
async function list<T extends Versioned>(store: Watching<T>): Promise<string> {
  const { api, path, signal, accept } = store.options;
  const startedMs = Date.now();
  const seen = new Set<string>();
  let version = '';
  for await (const page of listPages({ api, path, signal, accept: accept?.list })) {
    version = page.resourceVersion;
    for (const object of page.items) {
      const uid = await apply(store, object);
      if (uid !== undefined) seen.add(uid);
    }
  }
  for (const [uid, before] of store.items) {
    if (!seen.has(uid)) await remove(store, uid, before);
  }
  if (store.aliveMs > 0) store.options.onGap?.({ fromMs: store.aliveMs, toMs: startedMs });
  store.aliveMs = startedMs;
  return version;
}

/** Returns when the server ends the watch, as it does every few minutes; nothing was missed by then. */
async function watch<T extends Versioned>(store: Watching<T>, from: string): Promise<void> {
  const { api, path, signal, silenceLimitMs, accept } = store.options;
  const beganMs = Date.now();
  const seconds = leastWatchSeconds + Math.random() * spreadSeconds; // so that watches of many clients do not end together
  let isEmpty = true;
  try {
    const timeoutSeconds = Math.floor(seconds);
    for await (const event of watchEvents({
      api,
      path,
      from,
      signal,
      silenceLimitMs,
      timeoutSeconds,
      accept: accept?.one,
    })) {
      isEmpty = false;
      await takeEvent(store, event);
    }
    // The server itself has ended it, at the time that we asked for, and has sent everything up to then.
    if (Date.now() - beganMs >= timeoutSeconds * 1000) store.aliveMs = beganMs + timeoutSeconds * 1000;
  } finally {
    if (Date.now() - beganMs >= shortWatchMs) store.recovery.calm();
  }
  if (isEmpty && Date.now() - beganMs < shortWatchMs) throw new Error('The watch was ended as soon as it had begun.');
}

async function takeEvent<T extends Versioned>(
  store: Watching<T>,
  { type, object, waitedMs }: WatchEvent,
): Promise<void> {
  const receivedMs = Date.now();
  if (type === 'DELETED') await applyDeletion(store, object);
  else if (type !== 'BOOKMARK') await apply(store, object);
  store.version = object.metadata?.resourceVersion ?? store.version;
  // What comes without a wait may be from long ago: sent while we were busy, or missed while there was no connection.
  if (waitedMs >= idleMs) store.aliveMs = receivedMs;
  store.recovery.calm();
}
