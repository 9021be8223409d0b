/** Kagents that speak A2A and their agents: cut off, restarted, killed in the middle of a run. */
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../wait-for.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';

const send = { rpc: 'message/send' };

/** Every agent run that was started has ended at the agent, or never will. */
const untilRunning = ({ expected, kagent }: Stage) =>
  waitFor('every run', async () => (kagent()?.runs.length ?? 0) >= expected.size, 60_000);

export const agentScenarios: readonly Scenario[] = [
  {
    name: 'A2A: worker killed after the agent accepted, before that was recorded',
    run: async (stage) => {
      const kagent = await stage.useKagent();
      const { worker, watcher } = await stage.startBoth();
      for (let round = 0; round < 2; round += 1) {
        kagent.script([{ on: send, fault: { kind: 'hang', isHandled: true }, times: 20 }]);
        await stage.killMany(`round-${round}`, stage.between(1, 5));
        await stage.untilAsked(`round-${round}-0`);
        await worker.kill();
        kagent.script([]);
        await worker.restart();
      }
      return [watcher];
    },
  },
  {
    name: 'A2A: agent accepts, the reply is cut, masked or another',
    run: async (stage) => {
      const kagent = await stage.useKagent();
      const { watcher } = await stage.startBoth();
      const kinds = ['cut-after', 'cut-mid-reply', 'masked', 'wrong-id'] as const;
      kagent.script(kinds.map((kind) => ({ on: send, fault: { kind }, times: stage.between(1, 3) })));
      await stage.killMany('pod', stage.between(6, 10));
      return [watcher];
    },
  },
  {
    name: 'A2A 1.0: agent accepts, the reply is cut or another; or it is not taken',
    run: async (stage) => {
      const kagent = await stage.useKagent({ release: '1.0' });
      const { watcher } = await stage.startBoth();
      const kinds = ['cut-after', 'cut-mid-reply', 'wrong-id', 'not-accepted'] as const;
      kagent.script(kinds.map((kind) => ({ on: { rpc: 'SendMessage' }, fault: { kind }, times: stage.between(1, 3) })));
      await stage.killMany('pod', stage.between(6, 10));
      return [watcher];
    },
  },
  {
    name: 'A2A: Kagent away while 200 incidents arrive',
    run: async (stage) => {
      const kagent = await stage.useKagent();
      const { watcher } = await stage.startBoth();
      await kagent.controller.stop();
      const startMs = Date.now();
      await stage.killMany('pod', 200);
      await delay(Math.max(0, startMs + stage.outageMs(10_000, 60_000) - Date.now()));
      await kagent.controller.start(2_000);
      return [watcher];
    },
  },
  {
    name: 'A2A: something in front of Kagent wants to be left alone (429), then has trouble (502)',
    run: async (stage) => {
      const kagent = await stage.useKagent();
      const { watcher } = await stage.startBoth();
      const headers = { 'Retry-After': String(Math.round(stage.outageMs(4000, 60_000) / 1000)) };
      kagent.script([
        { fault: { kind: 'answer', status: 429, headers }, times: stage.between(2, 3) },
        { fault: { kind: 'html', status: 502 }, times: stage.between(2, 4) },
      ]);
      await stage.killMany('pod', stage.between(5, 20));
      return [watcher];
    },
  },
  {
    name: 'A2A: agent hangs',
    run: async (stage) => {
      const kagent = await stage.useKagent();
      const { watcher } = await stage.startBoth({ KAGENT_TIMEOUT: '2s' });
      kagent.script([
        { on: send, fault: { kind: 'hang' }, times: stage.between(2, 4) },
        { on: send, fault: { kind: 'hang', isHandled: true }, times: stage.between(2, 4) },
      ]);
      await stage.killMany('pod', stage.between(3, 8));
      return [watcher];
    },
  },
  {
    name: 'A2A: worker killed during a run',
    run: async (stage) => {
      await stage.useKagent({ runMs: 12_000 });
      const { worker, watcher } = await stage.startBoth();
      await stage.killMany('pod', stage.between(3, 8));
      await untilRunning(stage);
      await worker.kill();
      await worker.restart();
      return [watcher];
    },
  },
  {
    name: 'A2A: Kagent restarted during a run, and its database away',
    run: async (stage) => {
      const kagent = await stage.useKagent({ runMs: 12_000 });
      const { watcher } = await stage.startBoth();
      await stage.killMany('pod', stage.between(3, 8));
      await untilRunning(stage);
      await kagent.controller.stop();
      await delay(stage.between(500, 3_000));
      await kagent.controller.start(1_000);
      kagent.database.down();
      await delay(stage.between(500, 3_000));
      kagent.database.up();
      return [watcher];
    },
  },
  {
    name: 'A2A: agent killed during a run, which is recorded as lost and not asked again',
    run: async (stage) => {
      stage.expectedOutcome = 'AgentLostRun';
      const kagent = await stage.useKagent({ runMs: 3_600_000 });
      const { watcher } = await stage.startBoth();
      await stage.killMany('pod', stage.between(3, 8));
      await untilRunning(stage);
      const agent = kagent.agent(stage.world.namespace, 'memory-analyzer');
      agent.kill();
      await delay(stage.between(500, 3_000));
      agent.start();
      return [watcher];
    },
  },
];
