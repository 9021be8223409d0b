/**
 * Which Pod of the API server an Event of a kubelet is about, where that Pod stands for a static one: such Events name the uid
 * that the static Pod has for its kubelet.
 *
 * Keeps the static Pods alone, a few for each node. Whether the
 * Event is really about that Pod is for `isAbout` to say.
 */
import type { EventView } from '../views/event-view.ts';
import type { PodView } from '../views/pod-view.ts';
import type { Views } from '../views/view.ts';

export interface StaticPods {
  changed: (before: Views[keyof Views] | undefined, now: Views[keyof Views] | undefined) => void;
  /** The uid on the API server of the Pod that the Event names. */
  uidOf: (event: EventView) => string;
}

export function createStaticPods(): StaticPods {
  const uids = new Map<string, string>();
  return {
    changed: (before, now) => {
      const former = keyOf(before);
      if (former !== undefined && uids.get(former) === before?.uid) uids.delete(former);
      const key = keyOf(now);
      if (key !== undefined && now !== undefined) uids.set(key, now.uid);
    },
    uidOf: ({ namespace, about: { name, uid } }) => uids.get(key({ namespace, name, uid })) ?? uid,
  };
}

/** With namespace and name: nobody can have an annotation that leads to the Pods of others. */
function key({ namespace, name, uid }: Pick<EventView['about'], 'namespace' | 'name' | 'uid'>): string {
  return `${namespace}/${name}/${uid}`;
}

function keyOf(object: Views[keyof Views] | undefined): string | undefined {
  if (object?.kind !== 'Pod') return undefined;
  const { staticUid, namespace, name }: PodView = object;
  return staticUid === undefined ? undefined : key({ namespace, name, uid: staticUid });
}
