/**
 * Which Pod of the API server an Event of a kubelet is about, where that Pod stands for a static one: such Events name the uid
 * that the static Pod has for its kubelet.
 *
 * Keeps the static Pods alone, a few for each node. Whether the Event is really about that Pod is for `isAbout` to say.
 */
import type { EventView } from '../views/event-view.ts';
import type { Views } from '../views/view.ts';

export type StaticPods = ReturnType<typeof createStaticPods>;

type Seen = Views[keyof Views] | undefined;

export function createStaticPods() {
  const uids = new Map<string, string>();
  return {
    changed: (before: Seen, now: Seen): void => {
      const former = keyOf(before);
      if (former !== undefined && uids.get(former) === before?.uid) uids.delete(former);
      const key = keyOf(now);
      if (key !== undefined && now !== undefined) uids.set(key, now.uid);
    },
    /** The uid on the API server of the Pod that the Event names. */
    uidOf: ({ namespace, about: { name, uid } }: EventView): string => uids.get(`${namespace}/${name}/${uid}`) ?? uid,
  };
}

/** With namespace and name: nobody can have an annotation that leads to the Pods of others. */
function keyOf(object: Seen): string | undefined {
  if (object?.kind !== 'Pod' || object.staticUid === undefined) return undefined;
  return `${object.namespace}/${object.name}/${object.staticUid}`;
}
