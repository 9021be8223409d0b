/**
 * Keeps a local picture of one kind of object: list, then watch, forever; hands over every difference it finds.
 *
 * Objects are known by uid, so a recreated name is a deletion and an addition. The stream is paused while a change is being
 * handled. Never dies: an ended watch, a 410, a dead server mean list again.
 */
import { type Backoff, createBackoff, pause } from '../loops/backoff.ts';
import type { ApiServer } from './api-server.ts';
import { listPages } from './list-pages.ts';
import { apply, applyDeletion, type Handling, type Picture, remove, type View } from './picture.ts';
import { createRecovery, type Recovery } from './recovery.ts';
import { type WatchEvent, watchEvents } from './watch-events.ts';

export interface ReflectorOptions<T extends View> extends Handling<T> {
  api: ApiServer;
  signal: AbortSignal;
  /** How long to wait between tries; by default that of client-go. */
  backoff?: Backoff;
  /** Media types that are expected, for metadata instead of whole objects. */
  accept?: { list: string; one: string };
  /** Told of a list after the first: between these moments objects may have come and gone unseen. */
  onGap?: (gap: { fromMs: number; toMs: number }) => void;
  /** A watch that is silent for longer is taken for dead; by default a little longer than a whole watch. */
  silenceLimitMs?: number;
}

export interface Reflector<T extends View> {
  /** Resolves after the first complete list was handed over. */
  synced: Promise<void>;
  items: () => T[];
  get: (uid: string) => T | undefined;
  /** When the server last proved that the picture is complete, in milliseconds of this clock; 0 before the first list. */
  aliveMs: () => number;
  /** Up to which version of the collection everything was handed over. */
  version: () => string | undefined;
  /** Resolves when the signal was aborted and the last change was handed over. */
  done: Promise<void>;
}

export function reflect<T extends View>(options: ReflectorOptions<T>): Reflector<T> {
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

interface Watching<T extends View> extends Picture<T> {
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

async function run<T extends View>(picture: Watching<T>, onSynced: () => void): Promise<void> {
  const { signal } = picture.options;
  while (!signal.aborted) {
    try {
      if (picture.version === undefined) {
        picture.version = await list(picture);
        onSynced();
      }
      await watch(picture, picture.version);
    } catch (error) {
      if (!signal.aborted) await recover(picture, error);
    }
  }
}

async function recover<T extends View>(picture: Watching<T>, error: unknown): Promise<void> {
  const { signal, path, log } = picture.options;
  const { mustList, waitMs } = picture.recovery.after(error);
  if (mustList) picture.version = undefined;
  log.warn({ path, waitMs, error: String(error) }, 'the API server cannot be watched; trying again');
  await pause(waitMs, signal);
}

/** Lists everything in pages and hands over the differences to the picture; returns the version to watch from. */
async function list<T extends View>(picture: Watching<T>): Promise<string> {
  const { api, path, signal, accept } = picture.options;
  const startedMs = Date.now();
  const seen = new Set<string>();
  let version = '';
  for await (const page of listPages({ api, path, signal, accept: accept?.list })) {
    version = page.resourceVersion;
    for (const object of page.items) {
      const uid = await apply(picture, object);
      if (uid !== undefined) seen.add(uid);
    }
  }
  for (const [uid, before] of picture.items) {
    if (!seen.has(uid)) await remove(picture, uid, before);
  }
  if (picture.aliveMs > 0) picture.options.onGap?.({ fromMs: picture.aliveMs, toMs: startedMs });
  picture.aliveMs = startedMs;
  return version;
}

/** Returns when the server ends the watch, as it does every few minutes; nothing was missed by then. */
async function watch<T extends View>(picture: Watching<T>, from: string): Promise<void> {
  const { api, path, signal, silenceLimitMs, accept } = picture.options;
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
      await take(picture, event);
    }
    // The server itself has ended it, at the time that we asked for, and has sent everything up to then.
    if (Date.now() - beganMs >= timeoutSeconds * 1000) picture.aliveMs = beganMs + timeoutSeconds * 1000;
  } finally {
    if (Date.now() - beganMs >= shortWatchMs) picture.recovery.calm();
  }
  if (isEmpty && Date.now() - beganMs < shortWatchMs) throw new Error('The watch was ended as soon as it had begun.');
}

async function take<T extends View>(picture: Watching<T>, { type, object, waitedMs }: WatchEvent): Promise<void> {
  const receivedMs = Date.now();
  if (type === 'DELETED') await applyDeletion(picture, object);
  else if (type !== 'BOOKMARK') await apply(picture, object);
  picture.version = object.metadata?.resourceVersion ?? picture.version;
  // What comes without a wait may be from long ago: sent while we were busy, or missed while there was no connection.
  if (waitedMs >= idleMs) picture.aliveMs = receivedMs;
  picture.recovery.calm();
}
