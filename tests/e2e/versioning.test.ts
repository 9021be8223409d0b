import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, it, onTestFinished } from 'vitest';
import { IncidentMemo } from '../../workflows/contract/outcome.ts';
import { startKagentDouble } from '../kagent-double/start-kagent-double.ts';
import { waitFor } from '../wait-for.ts';
import { oomKilled, running } from './cluster-actions.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

const temporal = async (...args: string[]) =>
  (await promisify(execFile)(inject('enginePaths').temporal, [...args, '--address', inject('temporalAddress')])).stdout;

it('a worker with a deployment version takes work once its version is current, follows its runs, and neither before', async () => {
  const kagent = await startKagentDouble({ agents: [{ namespace: world.namespace, name: 'memory-analyzer' }] });
  onTestFinished(() => kagent.stop());
  const [deployment, build] = [`hooks-${world.installation}`, 'build-1'];
  const versioned = { TEMPORAL_DEPLOYMENT_NAME: deployment, TEMPORAL_WORKER_BUILD_ID: build };
  const version = { ...versioned, KAGENT_BASE_URL: kagent.url, KAGENT_API_KEY: '' };
  await world.cluster.createHook(world.namespace, 'memory', [
    { eventType: 'oom-kill', agentRef: { name: 'memory-analyzer' }, prompt: '{{.ResourceName}}' },
  ]);
  await Promise.all([world.start('worker', version), world.start('watcher')]);
  await world.cluster.createPod(world.namespace, 'leaky');
  await world.cluster.setStatus(world.namespace, 'leaky', running());
  await world.cluster.setStatus(world.namespace, 'leaky', oomKilled({ killed: 'c0', now: 'c1', restartCount: 1 }));
  await waitFor('the execution', async () => (await world.executions()).length === 1);
  await waitFor('the version to be known', async () =>
    (await temporal('worker', 'deployment', 'describe', '--name', deployment)).includes(build),
  );
  expect(kagent.runs).toEqual([]);
  const current = ['--deployment-name', deployment, '--build-id', build, '--yes'];
  await temporal('worker', 'deployment', 'set-current-version', ...current);
  await waitFor('the answer', async () => {
    for await (const { memo } of world.client.workflow.list({ query: `Installation='${world.installation}'` })) {
      return IncidentMemo.safeParse(memo?.['incident']).data?.outcome === 'AgentRunCompleted';
    }
    return false;
  });
  expect(kagent.runs).toHaveLength(1);
});
