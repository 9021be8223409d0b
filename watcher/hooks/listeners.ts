/**
 * Which Hooks ask for an incident type in a namespace: an index, so that all others cost nothing.
 *
 * Knows nothing of findings.
 */
import type { IncidentType } from '../../workflows/contract/hook.ts';
import type { LiveHook } from './live-hook.ts';
import type { Reach } from './reach.ts';

/** A Hook and the moment, in milliseconds, from which edges concern it. */
export interface Listener {
  hook: LiveHook;
  edgesFromMs: number;
}

export type Listeners = ReturnType<typeof createListeners>;

export function createListeners(seesNodes: Reach['seesNodes']) {
  const byUid = new Map<string, Listener>();
  const byTarget = new Map<string, Map<string, Listener>>();

  function remove(hookUid: string): void {
    const known = byUid.get(hookUid);
    byUid.delete(hookUid);
    for (const target of known === undefined ? [] : targetsOf(known.hook, seesNodes)) {
      const here = byTarget.get(target);
      here?.delete(hookUid);
      if (here?.size === 0) byTarget.delete(target);
    }
  }

  return {
    set: (listener: Listener) => {
      remove(listener.hook.uid);
      byUid.set(listener.hook.uid, listener);
      for (const target of targetsOf(listener.hook, seesNodes)) {
        const here = byTarget.get(target) ?? new Map<string, Listener>();
        byTarget.set(target, here.set(listener.hook.uid, listener));
      }
    },
    delete: remove,
    get: (hookUid: string) => byUid.get(hookUid),
    all: () => byUid.values(),
    /** Listeners with a configuration of the type; `namespace` is empty for objects that have none. */
    of: (type: IncidentType, namespace: string): Iterable<Listener> => {
      const [here, wide] = [byTarget.get(`${type}/${namespace}`), byTarget.get(`${type}/*`)];
      if (wide === undefined || namespace === '') return here?.values() ?? [];
      return new Map([...(here ?? []), ...wide]).values();
    },
    /** Incident types that anybody asks for. */
    types: () => new Set([...byUid.values()].flatMap(({ hook }) => hook.configurations.map(({ type }) => type))),
  };
}

/** `type/namespace`; `*` for configurations that name namespaces of their own, nothing behind the slash for Nodes. */
function targetsOf(hook: LiveHook, seesNodes: Reach['seesNodes']): Set<string> {
  return new Set(
    hook.configurations.flatMap(({ type, criteria }) => [
      criteria.namespaces === undefined ? `${type}/${hook.namespace}` : `${type}/*`,
      ...(seesNodes(hook.namespace) ? [`${type}/`] : []),
    ]),
  );
}
