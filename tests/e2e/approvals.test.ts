/** A run that waits for people, on a real cluster with all processes: what people see of it, and what may be restarted meanwhile. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { IncidentMemo } from '../../workflows/contract/outcome.ts';
import { type KagentDouble, startKagentDouble } from '../kagent-double/start-kagent-double.ts';
import { samplesOf } from '../samples-of.ts';
import { waitFor } from '../wait-for.ts';
import { oomKilled, running } from './cluster-actions.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let kagent: KagentDouble;
const agents = ['go', 'python'].map(
  (name) => ({ namespace: 'kagent', name, runtime: name === 'go' ? 'go' : 'python' }) as const,
);
const prompt = '[[tool=delete_thing:{"name":"db-1"}]][[tool=get_pods:{}]]';
const workerOver = () => ({ KAGENT_BASE_URL: kagent.url, KAGENT_API_KEY: '' });

beforeAll(async () => {
  world = await startWorld();
  kagent = await startKagentDouble({ agents, runMs: 100 });
});
afterAll(async () => {
  await world?.stop();
  await kagent?.stop();
});

async function killOnce(hook: string, agent: string, approval: object): Promise<void> {
  const agentRef = { namespace: 'kagent', name: agent };
  const match = { names: [`${hook}-pod`] };
  await world.cluster.createHook(world.namespace, hook, [{ eventType: 'oom-kill', agentRef, prompt, match, approval }]);
  await world.cluster.createPod(world.namespace, `${hook}-pod`);
  await world.cluster.setStatus(world.namespace, `${hook}-pod`, running());
  await world.cluster.setStatus(
    world.namespace,
    `${hook}-pod`,
    oomKilled({ killed: 'c0', now: 'c1', restartCount: 1 }),
  );
}

async function memoOf(hook: string): Promise<IncidentMemo | undefined> {
  const query = `Installation='${world.installation}' AND Hook='${hook}'`;
  for await (const { memo } of world.client.workflow.list({ query })) return IncidentMemo.parse(memo?.['incident']);
  return undefined;
}

const waitingOn = (hook: string) => waitFor(`${hook} to wait`, async () => (await memoOf(hook))?.waiting);
const shownOn = (hook: string) =>
  waitFor('what waits on the Hook', async () => (await world.hookStatus(hook)).activeEvents?.[0]?.waiting);

async function approve(...args: string[]): Promise<string> {
  const env = { TEMPORAL_ADDRESS: inject('temporalAddress'), INSTALLATION: world.installation, USER: 'alice' };
  return (await promisify(execFile)(process.execPath, ['watcher/approve/main.ts', ...args], { env })).stdout;
}

it.each(['go', 'python'])(
  'of a %s agent is seen on the Hook, as an Event and in the metrics, survives every restart, and is then decided',
  async (agent) => {
    const hook = `asking-${agent}`;
    let [watcher, worker] = await Promise.all([world.start('watcher'), world.start('worker', workerOver())]);
    await killOnce(hook, agent, { timeout: '72h' });
    const waiting = await waitingOn(hook);
    const shown = await shownOn(hook);
    expect(shown).toMatchObject({
      pause: waiting.pause,
      for: 'approval',
      until: waiting.until,
      tools: [{ name: 'delete_thing', arguments: '{"name":"db-1"}' }, { name: 'get_pods' }],
    });
    expect(Date.parse(waiting.until ?? '') - Date.parse(waiting.since)).toBe(72 * 3_600_000);
    const events = await waitFor('the Event', async () => {
      const text = await world.kubectl('events', '-n', world.namespace, '--for', `hook/${hook}`);
      return text.includes('ApprovalRequired') ? text : undefined;
    });
    expect(events).toContain(
      `agent kagent/${agent} waits for an approval, pause ${waiting.pause} until ${waiting.until}`,
    );
    const metrics = async () =>
      samplesOf(await (await fetch(`${watcher.url}/metrics`)).text(), 'kagent_hooks_waiting_runs');
    await waitFor('the metric', async () => (await metrics())['kind="approval"'] === 1);

    await Promise.all([watcher.stop(), worker.stop(), kagent.controller.stop()]);
    kagent.agent('kagent', agent).kill();
    kagent.agent('kagent', agent).start();
    await kagent.controller.start();
    [watcher, worker] = await Promise.all([world.start('watcher'), world.start('worker', workerOver())]);

    const [first, second] = waiting.tools.map(({ id }) => id);
    const said = await approve(
      waiting.pause,
      '--tool',
      `${first}=reject`,
      '--tool',
      `${second}=approve`,
      '--why',
      'no',
    );
    expect(said).toContain(`Pause ${waiting.pause} was 1 of 2 approved by alice`);
    const memo = await waitFor('the answer', async () => {
      const found = await memoOf(hook);
      return found?.outcome === undefined ? undefined : found;
    });
    expect(memo).toMatchObject({ outcome: 'AgentRunCompleted', decided: [{ by: 'alice', why: 'no' }] });
    expect(kagent.runs.filter((run) => run.agent === `kagent/${agent}`)).toMatchObject([
      { toolsRun: ['get_pods'], followUps: [{}] },
    ]);
    await waitFor('the Hook', async () => (await world.hookStatus(hook)).activeEvents?.[0]?.waiting === undefined);
    await waitFor('the metric', async () => (await metrics())['kind="approval"'] === 0);
    await Promise.all([watcher.stop(), worker.stop()]);
  },
  180_000,
);
