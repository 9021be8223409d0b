/**
 * The live set of Hooks: which of them listen, and from which moment on.
 *
 * Never drops a wrong Hook silently: its problems stay on it.
 */
import type { Reflector } from '../kube/reflector.ts';
import { createListeners, type Listener } from './listeners.ts';
import { type LiveHook, readHook } from './live-hook.ts';
import type { Reach } from './reach.ts';

const hooksPath = '/apis/kagent.dev/v1alpha2/hooks';

export type LiveHooks = ReturnType<typeof watchHooks>;

export interface LiveHooksOptions {
  /** Opens the stream of Hooks. */
  open: (options: StreamOfHooks) => Reflector<LiveHook>;
  /** Edges before this moment were handed over by an earlier watcher, or happened before the installation. */
  edgesFromMs: number;
  reach: Reach;
  /** Called for a Hook that is new or whose spec has changed, so that what is true already is looked at again. */
  onChange: (listener: Listener) => Promise<void>;
  /** Called when a Hook was deleted, after it has ceased to listen. */
  onGone: (uid: string) => void;
  /** Called when a Hook was added, edited or deleted. */
  onHooks: () => void;
  /** Called when the types that are asked for may be others. */
  onTypes: () => void;
}

interface StreamOfHooks {
  path: string;
  view: (object: unknown) => LiveHook | undefined;
  onChange: (before: LiveHook | undefined, now: LiveHook | undefined) => Promise<void>;
}

export function watchHooks(options: LiveHooksOptions) {
  const { reach } = options;
  const listeners = createListeners(reach.seesNodes);

  async function changed(before: LiveHook | undefined, now: LiveHook | undefined): Promise<void> {
    if (now === undefined) {
      if (before !== undefined) {
        listeners.delete(before.uid);
        options.onGone(before.uid);
      }
      options.onTypes();
      options.onHooks();
      return;
    }
    const known = listeners.get(now.uid);
    if (known !== undefined && before?.generation === now.generation) {
      listeners.set({ ...known, hook: now });
      return;
    }
    // An edited Hook receives edges from now on; a new one those since it was created.
    const edgesFromMs = known === undefined ? Math.max(options.edgesFromMs, now.createdMs) : Date.now();
    const listener = { hook: now, edgesFromMs };
    listeners.set(listener);
    options.onTypes();
    options.onHooks();
    await options.onChange(listener);
  }

  const view = (object: unknown) => readHook(object, reach, (uid) => listeners.get(uid)?.hook);
  const stream = options.open({ path: hooksPath, view, onChange: changed });
  return { synced: stream.synced, all: stream.items, listeners };
}
