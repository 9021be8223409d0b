/**
 * The live set of Hooks: which of them listen in a namespace, and from which moment on.
 *
 * Fed by main with a reflector; read by observe and report. Never drops a wrong Hook silently: its problems stay on it.
 */
import type { ApiServer } from './kube/api-server.ts';
import { type Reflector, reflect } from './kube/reflector.ts';
import { type LiveHook, readHook } from './live-hook.ts';
import type { Listener } from './match.ts';
import { uidOf } from './uid-of.ts';

const hooksPath = '/apis/kagent.dev/v1alpha2/hooks';

export interface LiveHooks {
  synced: Promise<void>;
  done: Promise<void>;
  aliveMs: () => number;
  all: () => LiveHook[];
  get: (uid: string) => LiveHook | undefined;
  listenersIn: (namespace: string) => Listener[];
}

export interface LiveHooksOptions {
  api: ApiServer;
  /** Edges before this moment were handed over by an earlier watcher, or happened before the installation. */
  edgesFromMs: number;
  /** Called for a Hook that is new or whose spec has changed, so that what is true already is looked at again. */
  onChange: (listener: Listener) => Promise<void>;
  log: Parameters<typeof reflect>[0]['log'];
  signal: AbortSignal;
}

export function watchHooks(options: LiveHooksOptions): LiveHooks {
  const listeners = new Map<string, Listener>();

  async function changed(before: LiveHook | undefined, now: LiveHook | undefined): Promise<void> {
    if (now === undefined) {
      if (before !== undefined) listeners.delete(before.uid);
      return;
    }
    const known = listeners.get(now.uid);
    if (known !== undefined && before?.generation === now.generation) {
      listeners.set(now.uid, { ...known, hook: now });
      return;
    }
    // An edited Hook is told of edges from now on; a new one of those since it was created.
    const edgesFromMs = known === undefined ? Math.max(options.edgesFromMs, now.createdMs) : Date.now();
    const listener = { hook: now, edgesFromMs };
    listeners.set(now.uid, listener);
    await options.onChange(listener);
  }

  const reflector: Reflector<LiveHook> = reflect<LiveHook>({
    api: options.api,
    path: hooksPath,
    view: readHook,
    uidOf,
    onChange: changed,
    log: options.log,
    signal: options.signal,
  });
  return {
    synced: reflector.synced,
    done: reflector.done,
    aliveMs: reflector.aliveMs,
    all: () => reflector.items(),
    get: (uid) => reflector.get(uid),
    listenersIn: (namespace) => [...listeners.values()].filter(({ hook }) => hook.namespace === namespace),
  };
}
