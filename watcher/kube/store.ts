/**
 * The store of one collection, as that of an informer: views by uid. Each difference is passed to the handler.
 *
 * Neither an object that cannot be read nor a handler that throws ends anything: both are logged.
 */

/** What the store needs to know of a view. */
export interface Versioned {
  uid: string;
  resourceVersion: string;
}

/** How objects become views, and what handles a difference. */
export interface Handling<T extends Versioned> {
  /** Path of the collection, such as `/api/v1/pods`. */
  path: string;
  /** Makes the view of an object as received; undefined for one that cannot be read, which is logged and left out. */
  view: (object: unknown, before: T | undefined) => T | undefined;
  uidOf: (object: unknown) => string | undefined;
  /** Handles one difference. `now` is undefined after a deletion. */
  onChange: (before: T | undefined, now: T | undefined) => Promise<void>;
  log: { info: (details: object, message: string) => void; warn: (details: object, message: string) => void };
  /** Whether an object is remembered; one that is not has no `before`, and its deletion is no difference. */
  isKept?: (now: T) => boolean;
}

export interface Store<T extends Versioned> {
  options: Handling<T>;
  items: Map<string, T>;
}

/** The last state of a deleted object may hold what no update showed, so it is a difference of its own. */
export async function applyDeletion<T extends Versioned>(store: Store<T>, object: unknown): Promise<void> {
  const uid = store.options.uidOf(object);
  if (uid === undefined || !store.items.has(uid)) return;
  await apply(store, object);
  const last = store.items.get(uid);
  if (last !== undefined) await remove(store, uid, last);
}

export async function apply<T extends Versioned>(store: Store<T>, object: unknown): Promise<string | undefined> {
  const uid = store.options.uidOf(object);
  const before = uid === undefined ? undefined : store.items.get(uid);
  const now = read(store, object, before);
  if (uid === undefined || now === undefined) return uid;
  if (before?.resourceVersion === now.resourceVersion) return uid;
  if (store.options.isKept?.(now) ?? true) store.items.set(uid, now);
  await notify(store, before, now);
  return uid;
}

/** One object that nobody can read must not stop the others: the same line would come again and again. */
function read<T extends Versioned>(store: Store<T>, object: unknown, before: T | undefined): T | undefined {
  const { uidOf, view, log, path } = store.options;
  const left = 'an object could not be read and is left out';
  try {
    const now = view(object, before);
    if (now === undefined || uidOf(object) === undefined) log.warn({ path, uid: uidOf(object) }, left);
    return now;
  } catch (error) {
    log.warn({ path, uid: uidOf(object), error: String(error) }, left);
    return undefined;
  }
}

export async function remove<T extends Versioned>(store: Store<T>, uid: string, before: T): Promise<void> {
  store.items.delete(uid);
  await notify(store, before, undefined);
}

/** A handler that throws must not end the watch: the change is logged, the stream goes on. */
async function notify<T extends Versioned>(store: Store<T>, before: T | undefined, now: T | undefined): Promise<void> {
  try {
    await store.options.onChange(before, now);
  } catch (error) {
    store.options.log.warn(
      { path: store.options.path, uid: now?.uid ?? before?.uid, error: String(error) },
      'a change could not be handled',
    );
  }
}
