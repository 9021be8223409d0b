/** The live set of Hooks, as the stream of the API server makes it. */
import { expect, it } from 'vitest';
import type { LiveHook } from '../../watcher/hooks/live-hook.ts';
import { ownNamespace } from '../../watcher/hooks/reach.ts';
import { type LiveHooksOptions, watchHooks } from '../../watcher/hooks/watch-hooks.ts';
import { aHookObject, noon, oomConfiguration } from '../make.ts';

function aStream() {
  const calls: string[] = [];
  let stream: Parameters<LiveHooksOptions['open']>[0] | undefined;
  const items = new Map<string, LiveHook>();
  const hooks = watchHooks({
    open: (options) => {
      stream = options;
      return {
        synced: Promise.resolve(),
        done: Promise.resolve(),
        items: () => [...items.values()],
        get: (uid) => items.get(uid),
        aliveMs: () => noon,
        version: () => '1',
      };
    },
    edgesFromMs: noon,
    reach: ownNamespace,
    onChange: async ({ hook }) => void calls.push(`changed ${hook.generation}`),
    onGone: (uid) => void calls.push(`gone ${uid}, ${hooks.listeners.get(uid) === undefined ? 'silent' : 'listening'}`),
    onHooks: () => undefined,
    onTypes: () => undefined,
  });
  const send = async (object: unknown) => {
    const now = stream?.view(object);
    const before = now && items.get(now.uid);
    if (now !== undefined) items.set(now.uid, now);
    await stream?.onChange(before, now);
    return now;
  };
  const remove = async (uid: string) => {
    const before = items.get(uid);
    items.delete(uid);
    await stream?.onChange(before, undefined);
  };
  return { hooks, calls, send, remove };
}

const spec = { eventConfigurations: [oomConfiguration] };

it('a Hook whose status we have written is the same to those who listen, with what stands in it now', async () => {
  const { hooks, calls, send } = aStream();
  const first = await send(aHookObject(spec));
  await send({ ...aHookObject(spec, { resourceVersion: '8' }), status: { active: 1 } });
  const hook = hooks.listeners.get('hook-uid')?.hook;
  expect(hook?.configurations).toBe(first?.configurations);
  expect(hook).toMatchObject({ resourceVersion: '8', status: { active: 1 } });
  expect(calls).toEqual(['changed 1']);
});

it('a Hook that is deleted listens no more when those who wait for it are called, and once', async () => {
  const { calls, send, remove } = aStream();
  await send(aHookObject(spec));
  await remove('hook-uid');
  await remove('hook-uid');
  expect(calls).toEqual(['changed 1', 'gone hook-uid, silent']);
});
