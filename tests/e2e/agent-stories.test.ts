/**
 * From an incident of every type to the answer of its agent, on a double of each generation and runtime of Kagent.
 *
 * One watcher for all; the worker is started anew beside each Kagent, and finds its protocol out by itself.
 */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { IncidentType } from '../../workflows/contract/hook.ts';
import { IncidentMemo } from '../../workflows/contract/outcome.ts';
import { type Release, type Runtime, startKagentDouble } from '../kagent-double/start-kagent-double.ts';
import { waitFor } from '../wait-for.ts';
import { configurationsFor, makeEveryKind, removeNode } from './every-kind.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await watchNodesFromTheStart();
  await world.start('watcher', { QUIET_WINDOW: '10m' });
});
afterAll(() => world?.stop());

/** Nodes are watched only while a Hook asks for them, and one that was never seen ready is new, and given ten minutes. */
async function watchNodesFromTheStart(): Promise<void> {
  const nobody = { agentRef: { name: 'nobody' }, prompt: 'x', match: { names: ['no-such-node'] } };
  await world.cluster.createHook(world.namespace, 'nodes', [{ eventType: 'node-not-ready', ...nobody }]);
}

/** The memo of every execution of this Hook, by incident type. */
async function memosOf(hook: string): Promise<Map<string, IncidentMemo>> {
  const memos = new Map<string, IncidentMemo>();
  const query = `Installation='${world.installation}' AND Hook='${hook}'`;
  for await (const { memo, searchAttributes } of world.client.workflow.list({ query })) {
    memos.set(String(searchAttributes['IncidentType']?.[0]), IncidentMemo.parse(memo?.['incident']));
  }
  return memos;
}

const stacks: [Release, Runtime, string][] = [
  ['0.10', 'go', 'kagent-0'],
  ['0.10', 'python', 'kagent-0'],
  ['0.9.12', 'go', 'kagent-0'],
  ['0.9.12', 'python', 'kagent-0'],
  ['0.8.6', 'go', 'kagent-0'],
  ['0.8.6', 'python', 'kagent-0'],
  ['1.0', 'go', 'kagent-1'],
];

describe('beside Kagent', () => {
  it.each(stacks)(
    '%s with a %s agent every type of incident is asked about once and answered',
    async (release, runtime) => {
      const agent = { namespace: 'kagent', name: 'helper', runtime };
      const double = await startKagentDouble({
        release,
        agents: [agent],
        runMs: 300,
        answer: (p) => `Seen: ${p.slice(0, 40)}`,
      });
      onTestFinished(() => double.stop());
      const worker = await world.start('worker', { KAGENT_BASE_URL: double.url, KAGENT_API_KEY: '' });
      onTestFinished(() => worker.stop()); // or it would take the runs of the next
      const round = `${release}-${runtime}`.replaceAll('.', '-');
      const making = { world, round };
      const over = {
        agentRef: { name: agent.name, namespace: agent.namespace },
        prompt: '{{.EventType}}: {{.EventMessage}}',
      };
      await world.cluster.createHook(world.namespace, round, configurationsFor(making, over));
      onTestFinished(() => removeNode(making));
      await makeEveryKind(making);
      const memos = await waitFor(
        'every answer',
        async () => {
          const found = await memosOf(round);
          const answered = [...found.values()].filter(({ outcome }) => outcome !== undefined);
          return answered.length >= IncidentType.options.length ? found : undefined;
        },
        90_000,
      );
      expect([...memos.keys()].toSorted()).toEqual(IncidentType.options.toSorted());
      for (const [type, { outcome, answer, transitions }] of memos) {
        expect([type, outcome, answer]).toEqual([type, 'AgentRunCompleted', expect.stringContaining(`Seen: ${type}`)]);
        expect(transitions.map(({ state }) => state).slice(0, 4)).toEqual([
          'delivering',
          'asked',
          'running',
          'answered',
        ]);
      }
      const prompts = double.runs.map(({ prompt }) => prompt.split(':', 1).join(''));
      expect(prompts.toSorted()).toEqual(IncidentType.options.toSorted());
      const shown = await waitFor('the answers on the Hook', async () => {
        const { activeEvents = [] } = await world.hookStatus(round);
        return activeEvents.filter((event) => event.answer !== undefined).length === memos.size
          ? activeEvents
          : undefined;
      });
      expect(shown.every(({ outcome }) => outcome === 'AgentRunCompleted')).toBe(true);
      await world.kubectl('delete', 'hook', round, '-n', world.namespace);
    },
    180_000,
  );
});
