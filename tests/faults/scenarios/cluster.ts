/** Clusters that do odd things: clocks, Hooks and Pods that come, go and change, storms. */
import { setTimeout as delay } from 'node:timers/promises';
import { nowSeconds } from '../../e2e/cluster-actions.ts';
import { apiKey } from '../../e2e/world.ts';
import { startFakeKagent } from '../../fake-kagent/server.ts';
import { waitFor } from '../../wait-for.ts';
import type { Scenario } from '../scenario.ts';
import { memoryHook, type Stage } from '../stage.ts';

const minutes = 60_000;

const readGeneration = ({ world }: Stage, generation: number) =>
  waitFor('the Hook to be read', async () => (await world.hookStatus('memory')).observedGeneration === generation);

async function patchHook({ world }: Stage, spec: unknown): Promise<void> {
  const path = `/apis/kagent.dev/v1alpha2/namespaces/${world.namespace}/hooks/memory`;
  await world.cluster.api.json({
    method: 'PATCH',
    path,
    contentType: 'application/merge-patch+json',
    body: { spec },
  });
}

export const clusterScenarios: readonly Scenario[] = [
  {
    name: 'clocks of nodes 20 minutes fast and slow',
    run: async (stage) => {
      const { watcher } = await stage.startBoth();
      for (let n = 0; n < stage.between(2, 6); n += 1) {
        await stage.kill(`fast-${n}`, nowSeconds(20 * minutes));
        await stage.kill(`slow-${n}`, nowSeconds(-20 * minutes));
      }
      await stage.untilAsked('fast-0');
      await watcher.kill();
      await watcher.restart();
      return [watcher];
    },
  },
  {
    name: 'two installations on one Temporal namespace',
    run: async (stage) => {
      const { world } = stage;
      const { watcher } = await stage.startBoth();
      const other = await startFakeKagent({ apiKey });
      try {
        const over = { INSTALLATION: `${world.installation}-2`, KAGENT_BASE_URL: other.url };
        const [, second] = await Promise.all([stage.start('worker', over), stage.start('watcher', over)]);
        const count = stage.between(5, 15);
        await stage.killMany('pod', count);
        await waitFor('the other agent', async () => other.runs.length >= count, 60_000);
        await waitFor('ours', async () => world.kagent.runs.length >= count, 60_000);
        if (other.runs.length !== count) throw new Error(`The other agent was asked ${other.runs.length} times.`);
        await second.stop();
      } finally {
        await other.stop();
      }
      return [watcher];
    },
  },
  {
    name: 'Hook deleted and made again',
    run: async (stage) => {
      const { world } = stage;
      const { watcher } = await stage.startBoth();
      await stage.killMany('before', stage.between(1, 4));
      await stage.untilAsked('before-0');
      await waitFor('all to be asked about', async () => world.kagent.runs.length >= stage.expected.size);
      await world.cluster.deleteHooks(world.namespace);
      await delay(1100); // what happens in the second in which a Hook is made is news to it
      await stage.kill('between');
      stage.expected.delete('between');
      await delay(1100);
      await world.cluster.createHook(world.namespace, 'memory', memoryHook);
      await readGeneration(stage, 1);
      await stage.killMany('after', stage.between(1, 4));
      return [watcher];
    },
  },
  {
    name: 'Hook edited again and again under load',
    run: async (stage) => {
      const { watcher } = await stage.startBoth();
      let isOver = false;
      const editing = (async () => {
        for (let n = 0; !isOver; n += 1) {
          const prompt = `{{.ResourceName}}: version ${n}`;
          await patchHook(stage, { eventConfigurations: [{ ...memoryHook[0], prompt }] });
          await delay(stage.outageMs(300, 1000));
        }
      })();
      for (let round = 0; round < 6; round += 1) {
        await stage.killMany(`round-${round}`, stage.between(1, 6));
        await delay(stage.between(0, 500));
      }
      isOver = true;
      await editing;
      return [watcher];
    },
  },
  {
    name: 'Pod made again with the same name',
    run: async (stage) => {
      const { world } = stage;
      const { watcher } = await stage.startBoth();
      const times = stage.between(2, 4);
      for (let n = 1; n <= times; n += 1) {
        await stage.kill('phoenix');
        await waitFor('its ask', async () => world.kagent.runs.length >= n);
        await world.cluster.deletePod(world.namespace, 'phoenix');
      }
      return [watcher];
    },
  },
  {
    name: 'storm of 5,000 Events on one Pod',
    run: async (stage) => {
      const { world } = stage;
      const { watcher } = await stage.startBoth();
      await stage.kill('leaky');
      await storm(stage, 'leaky', 5000);
      await stage.kill('after');
      await waitFor('both', async () => world.kagent.runs.length >= 2);
      return [watcher];
    },
  },
];

/** Warnings about one Pod, as a kubelet writes them when it does not combine them. */
async function storm({ world }: Stage, name: string, count: number): Promise<void> {
  const write = async (n: number) => {
    await world.cluster.api.json({
      method: 'POST',
      path: `/api/v1/namespaces/${world.namespace}/events`,
      body: {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `${name}.${n}`, namespace: world.namespace },
        involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: world.namespace, name },
        type: 'Warning',
        reason: 'Unhealthy',
        message: `Readiness probe failed: HTTP probe failed with statuscode: ${n}`,
        firstTimestamp: nowSeconds(),
        lastTimestamp: nowSeconds(),
        count: 1,
      },
    });
  };
  for (let n = 0; n < count; n += 50) await Promise.all(Array.from({ length: 50 }, (_, k) => write(n + k)));
}
