/**
 * The last Events about each object, for detectors that need a cause which stands nowhere else.
 *
 * An Event counts only for an object of its own namespace: whoever may write Events in one namespace says nothing about
 * another. Bounded: a few Events an object, some thousand objects, one hour; the namespace with the most objects forgets first.
 */
import type { EventView } from '../views/event-view.ts';
import type { Metadata } from '../views/metadata.ts';

export type Evidence = ReturnType<typeof createEvidence>;

type Subject = Pick<Metadata, 'uid' | 'namespace' | 'name'> & { kind: string; staticUid?: string };
/** By namespace, by object, by uid of the Event; objects in the order of the last addition, so that the first is the one to forget. */
type Kept = Map<string, Map<string, Map<string, EventView>>>;

const eventsPerObject = 10;
const mostObjects = 5000;
/** As long as the API server keeps Events. */
const keptMs = 3_600_000;
/** Where Events about objects without a namespace are written. */
const ofTheCluster = 'default';

/** Normal Events that report trouble or its cause; all others of that type are the course of things. */
const normalReasons = new Set([
  'Killing',
  'SandboxChanged',
  'TriggeredScaleUp',
  'Nominated',
  'TaintManagerEviction',
  'Preempted',
  'NodeNotReady',
]);

export function createEvidence() {
  const kept: Kept = new Map();
  let objects = 0;

  /** Whether the Event says anything that a detector could use. */
  function add(event: EventView): boolean {
    if (event.type !== 'Warning' && !normalReasons.has(event.reason)) return false;
    if (!isOfItsNamespace(event)) return false;
    const { namespace } = event;
    const key = `${event.about.kind}/${event.about.name}`;
    const own = kept.get(namespace) ?? new Map<string, Map<string, EventView>>();
    kept.set(namespace, own);
    const known = own.get(key) ?? new Map<string, EventView>();
    known.delete(event.uid);
    known.set(event.uid, event);
    forgetOldest(known, event.lastMs - keptMs);
    if (!own.delete(key)) objects += 1;
    own.set(key, known);
    for (; objects > mostObjects; objects -= 1) forgetObject(kept);
    return true;
  }

  return {
    add,
    remove: ({ uid, namespace, about }: EventView): void => {
      const own = kept.get(namespace);
      const known = own?.get(`${about.kind}/${about.name}`);
      known?.delete(uid);
      if (known?.size === 0 && own?.delete(`${about.kind}/${about.name}`) === true) objects -= 1;
      if (own?.size === 0) kept.delete(namespace);
    },
    /** Oldest first. */
    about: (object: Subject): EventView[] => {
      const named = kept.get(object.namespace || ofTheCluster)?.get(`${object.kind}/${object.name}`);
      const events = [...(named?.values() ?? [])].filter((event) => isAbout(event, object));
      return events.length > 1 ? events.toSorted((a, b) => a.lastMs - b.lastMs) : events;
    },
  };
}

/**
 * Namespace, name and uid agree. Some reporters give no uid, and the kubelet gives the name of its node for one, and of a
 * static Pod the uid that it has for the kubelet.
 */
export function isAbout(event: EventView, { kind, namespace, name, uid, staticUid }: Subject): boolean {
  const { about } = event;
  if (!isOfItsNamespace(event) || event.namespace !== (namespace || ofTheCluster)) return false;
  if (about.kind !== kind || about.name !== name) return false;
  if (about.uid === uid || about.uid === '') return true;
  return kind === 'Node' ? about.uid === name : about.uid === staticUid;
}

function isOfItsNamespace({ namespace, about }: EventView): boolean {
  return about.namespace === '' || about.namespace === namespace;
}

function forgetOldest(known: Map<string, EventView>, fromMs: number): void {
  for (const [uid, event] of known) {
    if (known.size > eventsPerObject || event.lastMs < fromMs) known.delete(uid);
  }
}

function forgetObject(kept: Kept): void {
  const [first] = kept;
  if (first === undefined) return;
  let [namespace, objects] = first;
  for (const [name, own] of kept) if (own.size > objects.size) [namespace, objects] = [name, own];
  const [oldest] = objects.keys();
  if (oldest !== undefined) objects.delete(oldest);
  if (objects.size === 0) kept.delete(namespace);
}
