/** Watchers and workers that die, sleep, or are too many. */
import { z } from 'zod';
import { waitFor } from '../../wait-for.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';

const Lease = z.object({ metadata: z.object({ annotations: z.record(z.string(), z.string()) }) });

async function checkpointMs({ world }: Stage): Promise<number> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${world.namespace}/leases/kagent-hooks-${world.installation}`;
  const { annotations } = Lease.parse(await world.cluster.api.json({ path })).metadata;
  return Date.parse(annotations['kagent.dev/checkpoint'] ?? '');
}

export const processScenarios: readonly Scenario[] = [
  {
    name: 'watcher killed after seeing, before starting',
    run: async (stage) => {
      const { watcher } = await stage.startBoth();
      await stage.kill('before');
      await stage.untilAsked('before');
      stage.temporalDoor.shut();
      await stage.killMany('seen', stage.between(1, 6));
      await stage.untilLogged(watcher, /did not take/);
      await watcher.kill();
      stage.temporalDoor.open();
      await watcher.restart();
      await stage.kill('after');
      return [watcher];
    },
  },
  {
    name: 'watcher killed after starting, before the checkpoint',
    run: async (stage) => {
      const { watcher } = await stage.startBoth();
      for (let round = 0; round < 3; round += 1) {
        const count = stage.between(1, 5);
        await stage.killMany(`round-${round}`, count);
        const name = `round-${round}-${stage.between(0, count - 1)}`;
        await stage.untilLogged(watcher, new RegExp(`${name}/.*were handed over`));
        await watcher.kill();
        await watcher.restart();
      }
      return [watcher];
    },
  },
  {
    name: 'watcher killed after the checkpoint, trouble meanwhile',
    run: async (stage) => {
      const { watcher } = await stage.startBoth();
      await stage.killMany('before', stage.between(2, 6));
      const seenMs = Date.now();
      await waitFor('a checkpoint after that', async () => (await checkpointMs(stage)) > seenMs, 90_000);
      await watcher.kill();
      await stage.killMany('meanwhile', stage.between(2, 6));
      await watcher.restart();
      return [watcher];
    },
  },
  {
    name: 'worker killed after the agent accepted, before that was recorded',
    run: async (stage) => {
      const { worker, watcher } = await stage.startBoth();
      for (let round = 0; round < 2; round += 1) {
        stage.world.kagent.script([{ fault: { kind: 'hang-in-body' }, times: 20 }]);
        await stage.killMany(`round-${round}`, stage.between(1, 5));
        await stage.untilAsked(`round-${round}-0`);
        await worker.kill();
        stage.world.kagent.script([]);
        await worker.restart();
      }
      return [watcher];
    },
  },
  {
    name: 'both watchers active',
    run: async (stage) => {
      const { watcher } = await stage.startBoth();
      const second = await stage.start('watcher');
      await stage.killMany('pod', stage.between(10, 30));
      return [watcher, second];
    },
  },
  {
    name: 'watcher stopped past its lease, another at work, then continued',
    run: async (stage) => {
      const { watcher } = await stage.startBoth();
      await stage.kill('before');
      await stage.untilAsked('before');
      watcher.signal('SIGSTOP');
      await stage.killMany('asleep', stage.between(2, 6));
      const second = await stage.start('watcher');
      await stage.untilAsked('asleep-0');
      await new Promise((resolve) => setTimeout(resolve, stage.outageMs(3000, 40_000)));
      watcher.signal('SIGCONT');
      await stage.killMany('both', stage.between(2, 6));
      return [watcher, second];
    },
  },
  {
    name: 'watcher stopped between looking and starting, another starts it',
    run: async (stage) => {
      const { watcher } = await stage.startBoth();
      await stage.kill('before');
      await stage.untilAsked('before');
      stage.temporalDoor.shut();
      await stage.killMany('looked', stage.between(1, 6));
      await stage.untilLogged(watcher, /did not take/);
      watcher.signal('SIGSTOP');
      stage.temporalDoor.open();
      const second = await stage.start('watcher');
      await stage.untilAsked('looked-0');
      watcher.signal('SIGCONT');
      return [watcher, second];
    },
  },
];
