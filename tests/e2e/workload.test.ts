/** Incidents that are not about one Pod alone: workloads, Nodes, Jobs, on the real controllers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { waitFor } from '../wait-for.ts';
import { nowSeconds, oomKilled, running } from './cluster-actions.ts';
import { startWorld, type World } from './world.ts';

let world: World;
const agentRef = { name: 'incident-responder' };
const prompt = '{{.EventType}} of {{.OwnerKind}} {{.OwnerName}}: {{.EventMessage}}';

beforeAll(async () => {
  world = await startWorld();
  await Promise.all([world.start('watcher'), world.start('worker')]);
});

afterAll(() => world?.stop());

const Names = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

async function podsOf(app: string): Promise<string[]> {
  const path = `/api/v1/namespaces/${world.namespace}/pods`;
  const found = Names.parse(await world.cluster.api.json({ path, query: { labelSelector: `app=${app}` } }));
  return found.items.map(({ metadata }) => metadata.name);
}

const template = (app: string, spec: object = {}) => ({
  metadata: { labels: { app } },
  spec: {
    containers: [{ name: 'app', image: 'registry.example/app:1', resources: { requests: { cpu: '900' } } }],
    ...spec,
  },
});

async function create(path: string, body: object): Promise<void> {
  await world.cluster.api.json({ method: 'POST', path, body });
}

const idsOf = async (type: string) =>
  (await world.executions()).map(({ workflowId }) => workflowId).filter((id) => id.includes(`/${type}/`));

describe('a Deployment of which every Pod is OOM-killed', () => {
  it('is one incident that names it, lists its Pods, and asks once', async () => {
    await world.cluster.createHook(world.namespace, 'memory', [{ eventType: 'oom-kill', agentRef, prompt }]);
    await create(`/apis/apps/v1/namespaces/${world.namespace}/deployments`, {
      metadata: { name: 'cart' },
      spec: { replicas: 5, selector: { matchLabels: { app: 'cart' } }, template: template('cart') },
    });
    const pods = await waitFor('the Pods', async () => {
      const names = await podsOf('cart');
      return names.length === 5 ? names : undefined;
    });
    for (const pod of pods) {
      await world.cluster.setStatus(world.namespace, pod, running());
      const status = oomKilled({ killed: `${pod}-0`, now: `${pod}-1`, restartCount: 1 });
      await world.cluster.setStatus(world.namespace, pod, status);
    }
    const [workflowId] = await waitFor('its end', async () => {
      const [only, ...more] = (await world.executions()).filter(({ workflowId: id }) => id.includes('/oom-kill/'));
      expect(more).toEqual([]);
      return only?.status === 'COMPLETED' ? ([only.workflowId] as const) : undefined;
    });
    expect(workflowId).toContain(`/oom-kill/Deployment/${world.namespace}/cart/app/`);
    expect(await world.client.workflow.getHandle(workflowId).result()).toMatchObject({ occurrences: 5 });
    const asks = world.asks().filter(({ body }) => JSON.stringify(body).includes('oom-kill'));
    expect(asks).toHaveLength(1);
    expect(JSON.stringify(asks[0]?.body)).toContain('oom-kill of Deployment cart: ');
    const Known = z.object({ known: z.record(z.string(), z.object({ name: z.string() })) });
    const { memo } = await world.client.workflow.getHandle(workflowId).describe();
    const names = Object.values(Known.parse(memo?.['incident']).known).map(({ name }) => name);
    expect(names.toSorted()).toEqual(pods.toSorted());
  });
});

describe('kinds that are watched only while a Hook asks', () => {
  it('a Node that is not ready is told to a Hook of the controller namespace, and over when it is ready', async () => {
    const name = `${world.namespace}-node`;
    await create('/api/v1/nodes', { metadata: { name } });
    const setReady = (status: string) => {
      const conditions = [
        {
          type: 'Ready',
          status,
          reason: 'KubeletNotReady',
          message: 'runtime is down',
          lastTransitionTime: nowSeconds(),
        },
      ];
      const [path, contentType] = [`/api/v1/nodes/${name}/status`, 'application/strategic-merge-patch+json'];
      return world.cluster.api.json({ method: 'PATCH', path, contentType, body: { status: { conditions } } });
    };
    await setReady('False');
    await world.cluster.createHook(world.namespace, 'nodes', [
      { eventType: 'node-not-ready', agentRef, prompt, after: '1s', match: { names: [name] } },
    ]);
    const [id = ''] = await waitFor('the incident', async () => {
      const ids = await idsOf('node-not-ready');
      return ids.length === 1 ? ids : undefined;
    });
    expect(id).toContain(`/node-not-ready/Node/${name}/`);
    await setReady('True');
    await waitFor('its end', async () =>
      (await world.executions()).some(({ workflowId, status }) => workflowId === id && status === 'COMPLETED'),
    );
    await world.cluster.api.json({ method: 'DELETE', path: `/api/v1/nodes/${name}` });
  });

  it('a Job that the real controller gives up is told once', async () => {
    await world.cluster.createHook(world.namespace, 'jobs', [{ eventType: 'job-failed', agentRef, prompt }]);
    await create(`/apis/batch/v1/namespaces/${world.namespace}/jobs`, {
      metadata: { name: 'import' },
      spec: { backoffLimit: 0, template: template('import', { restartPolicy: 'Never' }) },
    });
    const [pod = ''] = await waitFor('its Pod', async () => {
      const names = await podsOf('import');
      return names.length === 1 ? names : undefined;
    });
    await world.cluster.setStatus(world.namespace, pod, { phase: 'Failed' });
    const ask = await waitFor('the ask', async () => world.asksAbout('import')[0]);
    expect(JSON.stringify(ask.body)).toContain('Job has reached the specified backoff limit');
    expect(await idsOf('job-failed')).toHaveLength(1);
  });
});
