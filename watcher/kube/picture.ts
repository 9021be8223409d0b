/**
 * The picture of one collection: takes objects in, finds what differs, and hands each difference over.
 *
 * Neither an object that cannot be read nor a handler that throws ends anything: both are logged.
 */

/** What the reflector needs to know of an object; everything else is the view's own. */
export interface View {
  uid: string;
  resourceVersion: string;
}

/** How objects become views, and what happens with a difference. */
export interface Handling<T extends View> {
  /** Path of the collection, such as `/api/v1/pods`. */
  path: string;
  /** Makes the view of an object as received; undefined for one that cannot be read, which is logged and left out. */
  view: (object: unknown, before: T | undefined) => T | undefined;
  uidOf: (object: unknown) => string | undefined;
  /** One difference; resolves when it was handed over. `now` is undefined after a deletion. */
  onChange: (before: T | undefined, now: T | undefined) => Promise<void>;
  log: { info: (details: object, message: string) => void; warn: (details: object, message: string) => void };
  /** Whether an object is remembered; one that is not has no `before`, and nobody hears of its deletion. */
  isKept?: (now: T) => boolean;
}

export interface Picture<T extends View> {
  options: Handling<T>;
  items: Map<string, T>;
}

/** The last words of a deleted object may hold what no update showed, so they are handed over first. */
export async function applyDeletion<T extends View>(picture: Picture<T>, object: unknown): Promise<void> {
  const uid = picture.options.uidOf(object);
  if (uid === undefined || !picture.items.has(uid)) return;
  await apply(picture, object);
  const last = picture.items.get(uid);
  if (last !== undefined) await remove(picture, uid, last);
}

export async function apply<T extends View>(picture: Picture<T>, object: unknown): Promise<string | undefined> {
  const uid = picture.options.uidOf(object);
  const before = uid === undefined ? undefined : picture.items.get(uid);
  const now = read(picture, object, before);
  if (uid === undefined || now === undefined) return uid;
  if (before?.resourceVersion === now.resourceVersion) return uid;
  if (picture.options.isKept?.(now) ?? true) picture.items.set(uid, now);
  await handOver(picture, before, now);
  return uid;
}

/** One object that nobody can read must not stop the others: the same line would come again and again. */
function read<T extends View>(picture: Picture<T>, object: unknown, before: T | undefined): T | undefined {
  const { uidOf, view, log, path } = picture.options;
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

export async function remove<T extends View>(picture: Picture<T>, uid: string, before: T): Promise<void> {
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
