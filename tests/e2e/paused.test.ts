import { afterAll, beforeAll, expect, it } from 'vitest';
import { samplesOf } from '../samples-of.ts';
import { waitFor } from '../wait-for.ts';
import { oomKilled, running } from './cluster-actions.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let metricsUrl: string;
const agentRef = { name: 'incident-responder' };
const prompt = '{{.ResourceName}}: {{.EventMessage}}';

beforeAll(async () => {
  world = await startWorld();
  const [watcher] = await Promise.all([world.start('watcher'), world.start('worker')]);
  if (!('url' in watcher)) throw new Error('The watcher has no address.');
  metricsUrl = `${String(watcher.url)}/metrics`;
});

afterAll(() => world?.stop());

async function setPaused(paused: boolean): Promise<void> {
  const path = `/apis/kagent.dev/v1alpha2/namespaces/${world.namespace}/hooks/all`;
  const contentType = 'application/merge-patch+json';
  await world.cluster.api.json({ method: 'PATCH', path, contentType, body: { spec: { paused } } });
  await waitFor('the watcher to know', async () => {
    const ready = (await world.hookStatus('all')).conditions?.find(({ type }) => type === 'Ready');
    return ready?.reason === (paused ? 'Paused' : 'Accepted');
  });
}

const refused = async () => samplesOf(await (await fetch(metricsUrl)).text(), 'kagent_hooks_refusals_total');

async function kill(name: string, run = 1): Promise<void> {
  const status = oomKilled({ killed: `c${run - 1}`, now: `c${run}`, restartCount: run });
  await world.cluster.setStatus(world.namespace, name, status);
}

it('a paused Hook starts nothing and counts it; what runs goes on, and states that are true fire when it goes on', async () => {
  const { cluster, namespace } = world;
  await cluster.createHook(namespace, 'all', [
    { eventType: 'oom-kill', agentRef, prompt, quietWindow: '60s' },
    // Not of the others, which are pending until their status is written, for a second on a slow machine.
    { eventType: 'pod-pending', agentRef, prompt, match: { names: ['waiting'] } },
  ]);
  for (const name of ['running', 'unlucky']) {
    await cluster.createPod(namespace, name);
    await cluster.setStatus(namespace, name, running());
  }
  await kill('running');
  await waitFor('the first ask', async () => world.asksAbout('running').length === 1);

  await setPaused(true);
  await kill('unlucky');
  await cluster.createPod(namespace, 'waiting', { wants: { cpu: '900' } });
  await waitFor('both to be refused', async () => {
    const counts = await refused();
    return counts['reason="Paused",type="oom-kill"'] === 1 && counts['reason="Paused",type="pod-pending"'] === 1;
  });
  await kill('running', 2);
  const [open] = await world.executions();
  const handle = world.client.workflow.getHandle(open?.workflowId ?? '');
  await waitFor('the second kill in the history of the first', async () => {
    const { events } = await handle.fetchHistory();
    return JSON.stringify(events).split('workflowExecutionSignaledEventAttributes').length > 1;
  });
  expect(await world.executions()).toHaveLength(1);

  await setPaused(false);
  await waitFor('what is still true', async () => world.asksAbout('waiting').length === 1);
  expect(world.asksAbout('running')).toHaveLength(1);
  expect(world.asksAbout('unlucky')).toEqual([]);
});
