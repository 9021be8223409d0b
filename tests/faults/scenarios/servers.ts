/** Agents, Temporal and API servers that are away, slow, or strange. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';

export const serverScenarios: readonly Scenario[] = [
  {
    name: 'agent accepts, the reply is cut',
    run: async (stage) => {
      const { watcher } = await stage.startBoth();
      stage.world.kagent.script([{ fault: { kind: 'cut-after-accepting' }, times: stage.between(3, 9) }]);
      await stage.killMany('pod', stage.between(4, 8));
      return [watcher];
    },
  },
  {
    name: 'agent away while 200 incidents arrive',
    run: async (stage) => {
      const { watcher } = await stage.startBoth();
      stage.world.kagent.script([
        { fault: { kind: 'cut' }, times: stage.between(1, 50) },
        { fault: { kind: 'answer', status: 503 }, times: 'always' },
      ]);
      const startMs = Date.now();
      await stage.killMany('pod', 200);
      await delay(Math.max(0, startMs + stage.outageMs(10_000, 60_000) - Date.now()));
      stage.world.kagent.script([]);
      return [watcher];
    },
  },
  {
    name: 'agent wants to be left alone (429)',
    run: async (stage) => {
      const { watcher } = await stage.startBoth();
      const retryAfter = Math.round(stage.outageMs(4000, 60_000) / 1000);
      stage.world.kagent.script([{ fault: { kind: 'rate-limit', retryAfter }, times: stage.between(2, 3) }]);
      await stage.killMany('pod', stage.between(5, 20));
      return [watcher];
    },
  },
  {
    name: 'agent hangs',
    run: async (stage) => {
      const { watcher } = await stage.startBoth({ KAGENT_TIMEOUT: '2s' });
      stage.world.kagent.script([
        { fault: { kind: 'hang' }, times: stage.between(2, 6) },
        { fault: { kind: 'hang-in-body' }, times: stage.between(2, 6) },
      ]);
      await stage.killMany('pod', stage.between(3, 8));
      return [watcher];
    },
  },
  {
    name: 'Temporal away',
    run: async (stage) => {
      const { watcher } = await stage.startBoth();
      await stage.killMany('before', stage.between(1, 5));
      stage.temporalDoor.shut();
      await stage.killMany('meanwhile', stage.between(5, 15));
      await delay(stage.outageMs(6000, 60_000));
      stage.temporalDoor.open();
      await stage.killMany('after', stage.between(1, 5));
      return [watcher];
    },
  },
  {
    name: 'API server away',
    run: async (stage) => {
      const { watcher } = await stage.startBoth();
      await stage.killMany('before', stage.between(1, 5));
      stage.apiDoor.shut();
      await stage.killMany('meanwhile', stage.between(5, 15));
      await delay(stage.outageMs(5000, 30_000));
      stage.apiDoor.open();
      await stage.killMany('after', stage.between(1, 5));
      return [watcher];
    },
  },
];
