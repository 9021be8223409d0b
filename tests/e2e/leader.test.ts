import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitFor } from '../wait-for.ts';
import { oomKilled, running } from './cluster-actions.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.cluster.createHook(world.namespace, 'memory', [
    { eventType: 'oom-kill', agentRef: { name: 'memory-analyzer' }, prompt: '{{.ResourceName}}' },
  ]);
});
afterAll(() => world?.stop());

async function killByMemory(name: string): Promise<void> {
  await world.cluster.createPod(world.namespace, name);
  await world.cluster.setStatus(world.namespace, name, running());
  await world.cluster.setStatus(world.namespace, name, oomKilled({ killed: 'c0', now: 'c1', restartCount: 1 }));
}

const doing = async ({ url }: { url: string }) => (await fetch(`${url}/readyz`)).text();

it('of two watchers one works; killed or stopped, the other takes over, and each incident is asked about once', async () => {
  const elected = { LEADER_ELECTION: 'true' };
  await world.start('worker');
  const first = await world.start('watcher', elected);
  const second = await world.start('watcher', elected);
  expect(await doing(second)).toMatch(/standing by: .*_[0-9a-f]{8} leads/);
  await killByMemory('before');
  await waitFor('the first ask', async () => world.asksAbout('before').length === 1);
  await first.kill();
  await killByMemory('meanwhile');
  await waitFor('the second to take over', async () => world.asksAbout('meanwhile').length === 1, 60_000);
  await first.restart(); // stands by now
  expect(await doing(first)).toContain('standing by');
  await second.stop();
  await killByMemory('after');
  await waitFor('the first to take over again', async () => world.asksAbout('after').length === 1);
  expect(world.kagent.runs).toHaveLength(3);
});
