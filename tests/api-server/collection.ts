/**
 * The objects of one collection with their history, as etcd behind an API server keeps them.
 *
 * Used by the fake API server. Every change gets the next version; compaction forgets what was before.
 */
interface StoredObject {
  kind: 'Thing';
  metadata: { uid: string; name: string; resourceVersion: string };
  note: string;
}

export interface StoredEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  version: number;
  object: StoredObject;
}

interface Page {
  metadata: { resourceVersion: string; continue?: string };
  items: StoredObject[];
}

export interface Collection {
  version: () => number;
  objects: () => StoredObject[];
  /** Creates or modifies; another uid for a known name replaces the object, as deletion and creation do. */
  put: (name: string, over?: { note?: string; uid?: string }) => void;
  remove: (name: string) => void;
  /** Forgets all events so far: who has not read them gets 410. */
  compact: () => void;
  /** Undefined for a version that was compacted away. */
  eventsAfter: (version: number) => StoredEvent[] | undefined;
  page: (size: number, token: string | null) => Page;
}

export function createCollection(onEvent: (event: StoredEvent) => void): Collection {
  const objects = new Map<string, StoredObject>();
  const snapshots = new Map<number, StoredObject[]>();
  let history: StoredEvent[] = [];
  let version = 100;
  let compacted = 0;

  function append(type: StoredEvent['type'], { metadata, ...rest }: StoredObject): StoredObject {
    version += 1;
    const object = { ...rest, metadata: { ...metadata, resourceVersion: String(version) } };
    const event = { type, version, object };
    history.push(event);
    if (type === 'DELETED') objects.delete(metadata.name);
    else objects.set(metadata.name, object);
    onEvent(event);
    return object;
  }

  function remove(name: string): void {
    const known = objects.get(name);
    if (known !== undefined) append('DELETED', known);
  }

  return {
    version: () => version,
    objects: () => [...objects.values()],
    put: (name, { note = '', uid = `uid-${name}` } = {}) => {
      if (objects.has(name) && objects.get(name)?.metadata.uid !== uid) remove(name);
      const type = objects.has(name) ? 'MODIFIED' : 'ADDED';
      append(type, { kind: 'Thing', metadata: { uid, name, resourceVersion: '' }, note });
    },
    remove,
    compact: () => {
      version += 1;
      compacted = version;
      history = [];
    },
    eventsAfter: (from) => (from < compacted ? undefined : history.filter((event) => event.version > from)),
    page: (size, token) => {
      const [at = 0, start = 0] = (token ?? `${version}:0`).split(':').map(Number);
      const all = snapshots.get(at) ?? [...objects.values()];
      snapshots.set(at, all);
      const end = start + size;
      const more = end < all.length ? { continue: `${at}:${end}` } : {};
      return { metadata: { resourceVersion: String(at), ...more }, items: all.slice(start, end) };
    },
  };
}
