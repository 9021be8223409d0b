/**
 * Keeps a local picture of one kind of object: list, then watch, forever; hands over every difference it finds.
 *
 * Used by the watcher for Pods and Hooks. Objects are known by uid, so a recreated name is a deletion and an addition.
 * The stream is paused while a change is being handled. Never dies: an ended watch, a 410, a dead server mean list again.
 */
import { type Backoff, createBackoff, pause } from '../backoff.ts';
import type { ApiServer } from './api-server.ts';
import { KubeError } from './api-server.ts';
import { listPages } from './list-pages.ts';
import { watchEvents } from './watch-events.ts';

/** What the reflector needs to know of an object; everything else is the view's own. */
export interface View {
  uid: string;
  resourceVersion: string;
}

export interface ReflectorOptions<T extends View> {
  api: ApiServer;
  /** Path of the collection, such as `/api/v1/pods`. */
  path: string;
  /** Makes the view of an object as received; undefined for one that cannot be read, which is logged and left out. */
  view: (object: unknown, before: T | undefined) => T | undefined;
  uidOf: (object: unknown) => string | undefined;
  /** One difference; resolves when it was handed over. `now` is undefined after a deletion. */
  onChange: (before: T | undefined, now: T | undefined) => Promise<void>;
  log: { info: (details: object, message: string) => void; warn: (details: object, message: string) => void };
  signal: AbortSignal;
}

export interface Reflector<T extends View> {
  /** Resolves after the first complete list was handed over. */
  synced: Promise<void>;
  items: () => T[];
  get: (uid: string) => T | undefined;
  /** When the server last proved that the picture is complete, in milliseconds of this clock; 0 before the first list. */
  aliveMs: () => number;
  /** Resolves when the signal was aborted and the last change was handed over. */
  done: Promise<void>;
}

export function reflect<T extends View>(options: ReflectorOptions<T>): Reflector<T> {
  const items = new Map<string, T>();
  const synced = Promise.withResolvers<void>();
  const state: Picture<T> = { options, items, aliveMs: 0, version: undefined, backoff: createBackoff() };
  return {
    synced: synced.promise,
    items: () => [...items.values()],
    get: (uid) => items.get(uid),
    aliveMs: () => state.aliveMs,
    done: run(state, synced.resolve),
  };
}

interface Picture<T extends View> {
  options: ReflectorOptions<T>;
  items: Map<string, T>;
  aliveMs: number;
  /** Where the next watch begins; undefined: list first. */
  version: string | undefined;
  backoff: Backoff;
}

async function run<T extends View>(picture: Picture<T>, onSynced: () => void): Promise<void> {
  const { signal, path, log } = picture.options;
  while (!signal.aborted) {
    try {
      if (picture.version === undefined) {
        picture.version = await list(picture);
        onSynced();
      }
      await watch(picture, picture.version);
    } catch (error) {
      if (signal.aborted) return;
      // An answer may mean that changes can no longer be had (410); a broken connection is taken up where it ended.
      if (error instanceof KubeError || picture.aliveMs === 0) picture.version = undefined;
      const gone = error instanceof KubeError && error.status === 410;
      const waitMs = gone ? 0 : picture.backoff.nextMs(error instanceof KubeError ? error.retryAfterMs : undefined);
      log.warn({ path, waitMs, error: String(error) }, 'the API server cannot be watched; trying again');
      await pause(waitMs, signal);
    }
  }
}

/** Lists everything in pages and hands over the differences to the picture; returns the version to watch from. */
async function list<T extends View>(picture: Picture<T>): Promise<string> {
  const { api, path, signal } = picture.options;
  const startedMs = Date.now();
  const seen = new Set<string>();
  let version = '';
  for await (const page of listPages({ api, path, signal })) {
    version = page.resourceVersion;
    for (const object of page.items) {
      const uid = await apply(picture, object);
      if (uid !== undefined) seen.add(uid);
    }
  }
  for (const [uid, before] of picture.items) {
    if (!seen.has(uid)) await remove(picture, uid, before);
  }
  picture.backoff.reset();
  picture.aliveMs = startedMs;
  return version;
}

/** Returns when the server ends the watch, as it does every few minutes; nothing was missed by then. */
async function watch<T extends View>(picture: Picture<T>, from: string): Promise<void> {
  const { api, path, signal } = picture.options;
  for await (const event of watchEvents({ api, path, from, signal })) {
    const receivedMs = Date.now();
    if (event.type === 'DELETED') await applyDeletion(picture, event.object);
    else if (event.type !== 'BOOKMARK') await apply(picture, event.object);
    picture.version = event.object.metadata?.resourceVersion ?? picture.version;
    picture.aliveMs = receivedMs;
    picture.backoff.reset();
  }
}

/** The last words of a deleted object may hold what no update showed, so they are handed over first. */
async function applyDeletion<T extends View>(picture: Picture<T>, object: unknown): Promise<void> {
  const uid = picture.options.uidOf(object);
  if (uid === undefined || !picture.items.has(uid)) return;
  await apply(picture, object);
  const last = picture.items.get(uid);
  if (last !== undefined) await remove(picture, uid, last);
}

async function apply<T extends View>(picture: Picture<T>, object: unknown): Promise<string | undefined> {
  const { uidOf, view, log, path } = picture.options;
  const uid = uidOf(object);
  const before = uid === undefined ? undefined : picture.items.get(uid);
  const now = view(object, before);
  if (uid === undefined || now === undefined) {
    log.warn({ path, uid }, 'an object could not be read and is left out');
    return uid;
  }
  if (before?.resourceVersion === now.resourceVersion) return uid;
  picture.items.set(uid, now);
  await handOver(picture, before, now);
  return uid;
}

async function remove<T extends View>(picture: Picture<T>, uid: string, before: T): Promise<void> {
  picture.items.delete(uid);
  await handOver(picture, before, undefined);
}

/** A handler that throws must not end the watch: the change is logged, the stream goes on. */
async function handOver<T extends View>(picture: Picture<T>, before: T | undefined, now: T | undefined): Promise<void> {
  try {
    await picture.options.onChange(before, now);
  } catch (error) {
    picture.options.log.warn(
      { path: picture.options.path, uid: now?.uid ?? before?.uid, error: String(error) },
      'a change could not be handled',
    );
  }
}
