import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../wait-for.ts';
import { nowSeconds, oomKilled, restarted, running } from './cluster-actions.ts';
import { startWorld, type World } from './world.ts';

let world: World;
const agentRef = { name: 'incident-responder', namespace: 'kagent' };

beforeAll(async () => {
  world = await startWorld();
  await Promise.all([world.start('watcher'), world.start('worker')]);
  const prompt = (type: string) => `${type}: {{.ResourceName}} in {{.Namespace}} at {{.EventTime}}: {{.EventMessage}}`;
  await world.cluster.createHook(world.namespace, 'general', [
    { eventType: 'pod-restart', agentRef, prompt: prompt('RESTART') },
    { eventType: 'pod-pending', agentRef, prompt: prompt('PENDING') },
    { eventType: 'probe-failed', agentRef, prompt: prompt('PROBE') },
  ]);
  await world.cluster.createHook(world.namespace, 'memory', [
    {
      eventType: 'oom-kill',
      agentId: 'memory-analyzer',
      prompt: `${prompt('OOM')} code {{.ExitCode}} on {{.NodeName}}`,
    },
  ]);
  await waitFor(
    'the Hooks to be ready',
    async () => (await world.hookStatus('memory')).conditions?.[0]?.status === 'True',
  );
});

afterAll(() => world?.stop());

/** What the agent was asked about a Pod, once its execution is over; fails when it was asked more than once. */
async function theOneAsk(pod: string, type: string) {
  const execution = await waitFor(`the execution about ${pod} to be resolved`, async () => {
    const all = (await world.executions()).filter(({ workflowId }) =>
      workflowId.includes(`/${type}/Pod/${world.namespace}/${pod}/`),
    );
    return all.length === 1 && all[0]?.status === 'COMPLETED' ? all[0] : undefined;
  });
  const asks = world.asksAbout(pod).filter(({ body }) => JSON.stringify(body).includes(`"eventName":"${type}"`));
  expect(asks).toHaveLength(1);
  return { execution, ask: asks[0] };
}

describe('from kubectl apply of a Hook to the recorded outcome', () => {
  it('an OOM kill asks the agent once, in the words of the specification, also when the container dies again', async () => {
    await world.cluster.createPod(world.namespace, 'leaky');
    await world.cluster.setStatus(world.namespace, 'leaky', running());
    await world.cluster.setStatus(world.namespace, 'leaky', oomKilled({ killed: 'c0', now: 'c1', restartCount: 1 }));
    await waitFor('the ask', async () => world.asksAbout('leaky').length > 0);
    await world.cluster.setStatus(world.namespace, 'leaky', oomKilled({ killed: 'c1', now: 'c2', restartCount: 2 }));
    const { execution, ask } = await theOneAsk('leaky', 'oom-kill');
    expect(ask).toMatchObject({
      method: 'POST',
      path: '/v1/agents/memory-analyzer/execute',
      body: {
        prompt: expect.stringMatching(/^OOM: leaky in .* OOM-killed \(exit code 137\) code 137 on node-a$/),
        context: { eventName: 'oom-kill', resourceName: 'leaky', namespace: world.namespace },
        metadata: { source: 'kagent-hook-controller', hookName: 'memory', kubernetesCluster: 'prod-cluster-1' },
      },
    });
    const result: unknown = await world.client.workflow.getHandle(execution.workflowId).result();
    expect(result).toMatchObject({
      state: 'resolved',
      occurrences: 2,
      agentRun: { executionId: expect.stringMatching(/^exec-/) },
    });
  });

  it('a first restart is seen without any Event', async () => {
    await world.cluster.createPod(world.namespace, 'crashing');
    await world.cluster.setStatus(world.namespace, 'crashing', running());
    const status = restarted({ killed: 'c0', now: 'c1', restartCount: 1, exitCode: 1, reason: 'Error' });
    await world.cluster.setStatus(world.namespace, 'crashing', status);
    const { ask } = await theOneAsk('crashing', 'pod-restart');
    expect(JSON.stringify(ask?.body)).toContain('RESTART: crashing in');
  });

  it('a Pod that the real scheduler cannot place is reported in the words of the scheduler, and resolved when it is deleted', async () => {
    await world.cluster.createPod(world.namespace, 'huge', { wants: { cpu: '1000' } });
    await waitFor('the ask', async () => world.asksAbout('huge').length > 0);
    await waitFor('the incident in the status of its Hook', async () =>
      (await world.hookStatus('general')).activeEvents?.some(
        ({ resourceName, eventType, status }) =>
          resourceName === 'huge' && eventType === 'pod-pending' && status === 'firing',
      ),
    );
    await world.cluster.deletePod(world.namespace, 'huge');
    const { ask } = await theOneAsk('huge', 'pod-pending');
    expect(JSON.stringify(ask?.body)).toMatch(/PENDING: huge.*nodes (are )?available/);
  });

  it('a failing readiness probe is firing until the container is ready again', async () => {
    await world.cluster.createPod(world.namespace, 'flaky', { readinessProbe: { httpGet: { path: '/', port: 80 } } });
    await world.cluster.setStatus(world.namespace, 'flaky', running({ ready: false, since: nowSeconds(-2000) }));
    await waitFor('the ask', async () => world.asksAbout('flaky').length > 0);
    await world.cluster.setStatus(world.namespace, 'flaky', running());
    const { ask } = await theOneAsk('flaky', 'probe-failed');
    expect(JSON.stringify(ask?.body)).toContain('PROBE: flaky');
  });
});

it('kubectl get hooks shows readiness, active incidents and the last time of firing', async () => {
  await waitFor(
    'all incidents to be resolved in the status',
    async () => (await world.hookStatus('general')).active === 0,
  );
  const table = await world.kubectl('get', 'hk', '-n', world.namespace);
  const [head, ...rows] = table.trim().split('\n');
  expect(head?.split(/ {2,}/)).toEqual(['NAME', 'READY', 'ACTIVE', 'LAST-FIRED', 'AGE']);
  expect(rows.map((row) => row.split(/ +/).slice(0, 3))).toEqual([
    ['general', 'True', '0'],
    ['memory', 'True', '0'],
  ]);
});
