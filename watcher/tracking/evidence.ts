/**
 * The last Events about each object, for detectors that need a cause which stands nowhere else.
 *
 * Fed by the stream of Events, read by the tracker. Bounded: a few Events an object, some thousand objects, one hour. A storm
 * of Events about one object changes one entry.
 */
import type { EventView } from '../views/event-view.ts';
import type { Metadata } from '../views/metadata.ts';

export interface Evidence {
  /** Whether the Event says anything that a detector could use. */
  add: (event: EventView) => boolean;
  remove: (event: EventView) => void;
  /** Oldest first. */
  about: (object: Pick<Metadata, 'uid' | 'namespace' | 'name'> & { kind: string }) => readonly EventView[];
}

const eventsPerObject = 10;
const mostObjects = 5000;
/** As long as the API server keeps Events. */
const keptMs = 3_600_000;

/** Normal Events that tell of trouble or of its cause; all others of that type are the course of things. */
const tellingNormal = new Set(['Killing', 'TriggeredScaleUp', 'TaintManagerEviction', 'Preempted', 'NodeNotReady']);

export function createEvidence(): Evidence {
  /** In the order of the last addition, so that the first is the one to forget. */
  const byObject = new Map<string, Map<string, EventView>>();

  function add(event: EventView): boolean {
    if (event.type !== 'Warning' && !tellingNormal.has(event.reason)) return false;
    const key = keyOf(event.about);
    const known = byObject.get(key) ?? new Map<string, EventView>();
    known.delete(event.uid);
    known.set(event.uid, event);
    byObject.delete(key);
    byObject.set(key, known);
    forgetOldest(known, event.lastMs - keptMs);
    forgetObjects(byObject);
    return true;
  }

  return {
    add,
    remove: (event) => {
      const known = byObject.get(keyOf(event.about));
      known?.delete(event.uid);
      if (known?.size === 0) byObject.delete(keyOf(event.about));
    },
    about: (object) => {
      const named = byObject.get(nameKey(object));
      const events = [...(byObject.get(object.uid)?.values() ?? []), ...(named?.values() ?? [])];
      return events.length > 1 ? events.toSorted((a, b) => a.lastMs - b.lastMs) : events;
    },
  };
}

/** Some reporters give no uid, and the kubelet gives the name of its node for one. */
function keyOf(about: EventView['about']): string {
  return about.uid === '' || about.uid === about.name ? nameKey(about) : about.uid;
}

function nameKey({ kind, namespace, name }: { kind: string; namespace: string; name: string }): string {
  return kind === 'Node' ? `Node/${name}` : `${kind}/${namespace}/${name}`;
}

function forgetOldest(known: Map<string, EventView>, fromMs: number): void {
  for (const [uid, event] of known) {
    if (known.size > eventsPerObject || event.lastMs < fromMs) known.delete(uid);
  }
}

function forgetObjects(byObject: Map<string, unknown>): void {
  for (const key of byObject.keys()) {
    if (byObject.size <= mostObjects) return;
    byObject.delete(key);
  }
}
