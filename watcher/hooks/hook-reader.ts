/**
 * Reads each Hook once per generation: configurations are checked and prompts compiled again only when its spec has changed.
 *
 * Our own writes of the status come back as the same generation, and cost nothing but the status.
 */
import { Hook } from '../../workflows/contract/hook.ts';
import { type LiveHook, readHook } from './live-hook.ts';
import type { Reach } from './reach.ts';

interface HookReader {
  view: (object: unknown) => LiveHook | undefined;
  /** The Hook is gone; the uid comes never again. */
  forget: (uid: string) => void;
}

export function createHookReader(reach: Partial<Reach> = {}, read: typeof readHook = readHook): HookReader {
  const known = new Map<string, LiveHook>();

  function view(object: unknown): LiveHook | undefined {
    const parsed = Hook.safeParse(object);
    if (!parsed.success) return undefined;
    const { metadata, status } = parsed.data;
    const before = known.get(metadata.uid);
    const isRead = before?.generation === metadata.generation;
    const hook = isRead ? { ...before, resourceVersion: metadata.resourceVersion, status } : read(object, reach);
    if (hook !== undefined) known.set(hook.uid, hook);
    return hook;
  }

  return { view, forget: (uid) => void known.delete(uid) };
}
