/** A watcher that looks at some namespaces only: what is in the others is neither seen nor touched. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitFor } from '../wait-for.ts';
import { oomKilled, running } from './cluster-actions.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let other: string;
let outside: string;

const asksAnalyzer = (eventType: string) => ({
  eventType,
  agentRef: { name: 'memory-analyzer', namespace: 'kagent' },
  prompt: '{{.ResourceName}}',
});

beforeAll(async () => {
  world = await startWorld();
  other = `${world.namespace}-b`;
  outside = `${world.namespace}-c`;
  for (const namespace of [other, outside]) await world.cluster.createNamespace(namespace);
  for (const namespace of [world.namespace, other, outside]) {
    const types = ['oom-kill', 'probe-failed', 'node-not-ready'];
    await world.cluster.createHook(namespace, 'watchful', types.map(asksAnalyzer));
  }
});
afterAll(async () => {
  for (const namespace of [other, outside]) await world?.cluster.deleteHooks(namespace);
  await world?.stop();
});

async function killByMemory(namespace: string, name: string): Promise<void> {
  await world.cluster.createPod(namespace, name);
  await world.cluster.setStatus(namespace, name, running());
  await world.cluster.setStatus(namespace, name, oomKilled({ killed: 'c0', now: 'c1', restartCount: 1 }));
}

async function failProbe(namespace: string, name: string): Promise<void> {
  await world.cluster.createPod(namespace, name, { readinessProbe: { httpGet: { path: '/', port: 80 } } });
  await world.cluster.setStatus(namespace, name, running({ ready: false }));
}

const asksAbout = (resource: string) => world.asksAbout(resource);

async function statusOf(resource: string): Promise<string | undefined> {
  const query = `Installation='${world.installation}' AND ResourceName='${resource}'`;
  for await (const { status } of world.client.workflow.list({ query })) return status.name;
  return undefined;
}

it('is asked about incidents there alone, resolves what ended there, and leaves executions of other namespaces alone', async () => {
  await world.start('worker');
  const everywhere = await world.start('watcher');
  await failProbe(other, 'slow-other');
  await failProbe(outside, 'slow-outside');
  await waitFor('both asks', async () => ['slow-other', 'slow-outside'].every((pod) => asksAbout(pod).length === 1));
  await waitFor('both executions', async () => (await statusOf('slow-other')) && (await statusOf('slow-outside')));
  await everywhere.stop();

  // Nobody watches: both Pods go, and the Hook outside with them.
  await world.cluster.deletePod(other, 'slow-other');
  await world.cluster.deletePod(outside, 'slow-outside');
  await world.cluster.deleteHooks(outside);
  await world.cluster.createHook(outside, 'another', [asksAnalyzer('oom-kill')]);
  const some = await world.start('watcher', { WATCH_NAMESPACES: `${world.namespace},${other}` });

  await killByMemory(outside, 'leaky-outside');
  await killByMemory(other, 'leaky-other');
  await killByMemory(world.namespace, 'leaky');
  await waitFor('the asks', async () => asksAbout('leaky').length === 1 && asksAbout('leaky-other').length);
  await waitFor('what ended to be resolved', async () => (await statusOf('slow-other')) === 'COMPLETED');
  expect(await statusOf('slow-outside')).toBe('RUNNING');
  expect(asksAbout('leaky-outside')).toEqual([]);

  const metrics = await (await fetch(`${some.url}/metrics`)).text();
  const watches = [...metrics.matchAll(/watch_last_seen_age_seconds\{watch="(.*?)"\}/g)].map(([, name]) => `${name}`);
  const kinds = ['events', 'hooks', 'owners-jobs', 'owners-replicasets', 'pods'];
  expect(watches.toSorted()).toEqual(
    kinds.flatMap((kind) => [world.namespace, other].map((namespace) => `${kind} (${namespace})`)),
  );
});

it('a Hook that asks for Nodes says that they are not watched, and its other configurations work on', async () => {
  const { conditions } = await waitFor('its status', async () => {
    const status = await world.hookStatus('watchful');
    return status.conditions?.some(({ type, reason }) => type === 'Ready' && reason === 'NodesNotWatched') && status;
  });
  const ready = conditions?.find(({ type }) => type === 'Ready');
  expect(ready?.message).toMatch(/eventConfigurations\[2\]: eventType node-not-ready: .*WATCH_NAMESPACES/);
});
