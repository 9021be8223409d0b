/**
 * Who wants to hear of an incident type in a namespace: an index, so that Hooks that do not care cost nothing.
 *
 * Knows nothing of findings.
 */
import type { IncidentType } from '../../workflows/contract/hook.ts';
import type { LiveHook } from './live-hook.ts';

/** A Hook and the moment, in milliseconds, from which edges concern it. */
export interface Listener {
  hook: LiveHook;
  edgesFromMs: number;
}

export interface Listeners {
  set: (listener: Listener) => void;
  delete: (hookUid: string) => void;
  get: (hookUid: string) => Listener | undefined;
  all: () => Iterable<Listener>;
  /** Listeners with a configuration of the type; `namespace` is empty for objects that have none. */
  of: (type: IncidentType, namespace: string) => Iterable<Listener>;
  /** Incident types that anybody asks for. */
  types: () => Set<IncidentType>;
}

/** Hooks of these namespaces hear of objects without a namespace, such as Nodes. */
export type SeesNodes = (hookNamespace: string) => boolean;

export function createListeners(seesNodes: SeesNodes): Listeners {
  const byUid = new Map<string, Listener>();
  const places = new Map<string, Map<string, Listener>>();

  function remove(hookUid: string): void {
    const known = byUid.get(hookUid);
    byUid.delete(hookUid);
    for (const place of known === undefined ? [] : placesOf(known.hook, seesNodes)) {
      const here = places.get(place);
      here?.delete(hookUid);
      if (here?.size === 0) places.delete(place);
    }
  }

  return {
    set: (listener) => {
      remove(listener.hook.uid);
      byUid.set(listener.hook.uid, listener);
      for (const place of placesOf(listener.hook, seesNodes)) {
        const here = places.get(place) ?? new Map<string, Listener>();
        places.set(place, here.set(listener.hook.uid, listener));
      }
    },
    delete: remove,
    get: (hookUid) => byUid.get(hookUid),
    all: () => byUid.values(),
    of: (type, namespace) => {
      const [here, wide] = [places.get(`${type}/${namespace}`), places.get(`${type}/*`)];
      if (wide === undefined || namespace === '') return here?.values() ?? [];
      return new Map([...(here ?? []), ...wide]).values();
    },
    types: () => new Set([...byUid.values()].flatMap(({ hook }) => hook.configurations.map(({ type }) => type))),
  };
}

/** `type/namespace`; `*` for configurations that name namespaces of their own, nothing behind the slash for Nodes. */
function placesOf(hook: LiveHook, seesNodes: SeesNodes): Set<string> {
  return new Set(
    hook.configurations.flatMap(({ type, criteria }) => [
      criteria.namespaces === undefined ? `${type}/${hook.namespace}` : `${type}/*`,
      ...(seesNodes(hook.namespace) ? [`${type}/`] : []),
    ]),
  );
}
