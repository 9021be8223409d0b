/**
 * The live set of Hooks: which of them listen, and from which moment on.
 *
 * Started by watch with a reflector; read by observe and report. Never drops a wrong Hook silently: its problems stay on it.
 */
import type { ApiServer } from '../kube/api-server.ts';
import { type Reflector, reflect } from '../kube/reflector.ts';
import { uidOf } from '../kube/uid-of.ts';
import { createListeners, type Listener, type Listeners } from './listeners.ts';
import { type LiveHook, type Reach, readHook } from './live-hook.ts';

export const hooksPath = '/apis/kagent.dev/v1alpha2/hooks';

export interface LiveHooks {
  synced: Promise<void>;
  done: Promise<void>;
  aliveMs: () => number;
  all: () => LiveHook[];
  listeners: Listeners;
}

export interface LiveHooksOptions {
  api: ApiServer;
  /** Edges before this moment were handed over by an earlier watcher, or happened before the installation. */
  edgesFromMs: number;
  reach: Reach & { seesNodes: (namespace: string) => boolean };
  /** Called for a Hook that is new or whose spec has changed, so that what is true already is looked at again. */
  onChange: (listener: Listener) => Promise<void>;
  /** Called when a Hook was added, edited or deleted. */
  onHooks: () => void;
  /** Called when the types that are asked for may be others. */
  onTypes: () => void;
  log: Parameters<typeof reflect>[0]['log'];
  signal: AbortSignal;
}

export function watchHooks(options: LiveHooksOptions): LiveHooks {
  const { reach } = options;
  const listeners = createListeners(reach.seesNodes);

  async function changed(before: LiveHook | undefined, now: LiveHook | undefined): Promise<void> {
    if (now === undefined) {
      if (before !== undefined) listeners.delete(before.uid);
      options.onTypes();
      options.onHooks();
      return;
    }
    const known = listeners.get(now.uid);
    if (known !== undefined && before?.generation === now.generation) {
      listeners.set({ ...known, hook: now });
      return;
    }
    // An edited Hook is told of edges from now on; a new one of those since it was created.
    const edgesFromMs = known === undefined ? Math.max(options.edgesFromMs, now.createdMs) : Date.now();
    const listener = { hook: now, edgesFromMs };
    listeners.set(listener);
    options.onTypes();
    options.onHooks();
    await options.onChange(listener);
  }

  const reflector: Reflector<LiveHook> = reflect<LiveHook>({
    api: options.api,
    path: hooksPath,
    view: (object) => readHook(object, reach),
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
    listeners,
  };
}
