import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitFor } from '../wait-for.ts';
import { oomKilled, running } from './cluster-actions.ts';
import { apiKey, startWorld, type World } from './world.ts';

let world: World;
const agentRef = { name: 'incident-responder' };

beforeAll(async () => {
  world = await startWorld();
  await Promise.all([world.start('watcher'), world.start('worker')]);
});

afterAll(() => world?.stop());

it('a Hook that observes does everything but the call, and shows the request that was not sent', async () => {
  const { cluster, namespace, client } = world;
  await cluster.createHook(namespace, 'trial', [
    { eventType: 'oom-kill', agentRef, prompt: '{{.ResourceName}} died', mode: 'observe' },
  ]);
  await cluster.createPod(namespace, 'leaky');
  await cluster.setStatus(namespace, 'leaky', running());
  await cluster.setStatus(namespace, 'leaky', oomKilled({ killed: 'c0', now: 'c1', restartCount: 1 }));
  const status = await waitFor('the status', async () => {
    const [event] = (await world.hookStatus('trial')).activeEvents ?? [];
    return event?.state === 'observed' ? event : undefined;
  });
  expect(status).toMatchObject({ eventType: 'oom-kill', resourceName: 'leaky', status: 'firing' });
  const handle = client.workflow.getHandle(status.executionId ?? '');
  expect(await handle.result()).toEqual({
    state: 'resolved',
    request: {
      method: 'POST',
      path: '/v1/agents/incident-responder/execute',
      body: {
        prompt: 'leaky died',
        context: expect.objectContaining({ eventName: 'oom-kill', resourceName: 'leaky', namespace }),
        metadata: { source: 'kagent-hook-controller', hookName: 'trial', kubernetesCluster: 'prod-cluster-1' },
      },
    },
    occurrences: 1,
    firstSeen: expect.any(String),
    lastSeen: expect.any(String),
  });
  expect(JSON.stringify(await handle.fetchHistory())).not.toContain(apiKey);
  expect(world.asksAbout('leaky')).toEqual([]);
});
