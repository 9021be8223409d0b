/** Incidents that are not about one Pod alone: workloads, Nodes, Jobs, on the real controllers. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
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

async function createReadyNode(name: string): Promise<void> {
  await create('/api/v1/nodes', { metadata: { name } });
  await setReady(name);
}

async function setReady(name: string): Promise<void> {
  const times = { lastTransitionTime: nowSeconds(), lastHeartbeatTime: nowSeconds() };
  const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'posting', ...times }];
  const [path, contentType] = [`/api/v1/nodes/${name}/status`, 'application/strategic-merge-patch+json'];
  await world.cluster.api.json({ method: 'PATCH', path, contentType, body: { status: { conditions } } });
}

const idsOf = async (type: string) =>
  (await world.executions()).map(({ workflowId }) => workflowId).filter((id) => id.includes(`/${type}/`));

const asked = (name: string) => waitFor(`the ask about ${name}`, async () => world.asksAbout(name)[0]?.body);

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
  it('a Node that reports nothing any more is an incident, and so is the Pod that is put off it, as fallout of that Node', async () => {
    const [name, other] = [`${world.namespace}-node`, `${world.namespace}-healthy`];
    for (const node of [name, other]) await createReadyNode(node);
    // Where no node at all is ready the controller takes the trouble for its own, and puts nobody off.
    const heartbeat = setInterval(() => void setReady(other), 5_000);
    onTestFinished(() => clearInterval(heartbeat));
    await world.cluster.createHook(world.namespace, 'nodes', [
      { eventType: 'node-not-ready', agentRef, prompt, after: '1s', match: { names: [name] } },
      { eventType: 'pod-evicted', agentRef, prompt },
    ]);
    const toleration = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' };
    await create(`/api/v1/namespaces/${world.namespace}/pods`, {
      metadata: { name: 'stranded' },
      spec: {
        nodeName: name,
        containers: [{ name: 'app', image: 'registry.example/app:1' }],
        tolerations: [{ ...toleration, tolerationSeconds: 1 }],
      },
    });
    await world.cluster.setStatus(world.namespace, 'stranded', running());
    // No kubelet renews anything: the node controller finds out, after 50 seconds.
    const only = (type: string) =>
      waitFor(
        `the incident ${type}`,
        async () => ((await idsOf(type)).length === 1 ? idsOf(type) : undefined),
        150_000,
      );
    const [id = ''] = await only('node-not-ready');
    expect(id).toContain(`/node-not-ready/Node/${name}/`);
    expect((await only('pod-evicted'))[0]).toContain(`/pod-evicted/Node/${name}/`);
    expect(JSON.stringify(await asked('stranded'))).toContain('evicted');
    await setReady(name);
    await waitFor('its end', async () =>
      (await world.executions()).some(({ workflowId, status }) => workflowId === id && status === 'COMPLETED'),
    );
    for (const node of [name, other]) await world.cluster.api.json({ method: 'DELETE', path: `/api/v1/nodes/${node}` });
  }, 240_000);

  it('a Job that the real controller gives up is one incident', async () => {
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

  it('a Deployment that the real controller gives up, and an autoscaler that finds no metrics, are one incident each', async () => {
    await world.cluster.createHook(world.namespace, 'rollouts', [
      { eventType: 'rollout-stuck', agentRef, prompt },
      { eventType: 'hpa-failed', agentRef, prompt, after: '1s' },
    ]);
    await create(`/apis/apps/v1/namespaces/${world.namespace}/deployments`, {
      metadata: { name: 'stuck' },
      spec: {
        replicas: 1,
        progressDeadlineSeconds: 2,
        selector: { matchLabels: { app: 'stuck' } },
        template: template('stuck'),
      },
    });
    await create(`/apis/autoscaling/v2/namespaces/${world.namespace}/horizontalpodautoscalers`, {
      metadata: { name: 'scaler' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'stuck' },
        maxReplicas: 3,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
        ],
      },
    });
    const stuck = await waitFor('the rollout', async () => world.asksAbout('stuck')[0], 60_000);
    expect(JSON.stringify(stuck.body)).toContain('has timed out progressing');
    const scaler = await waitFor('the autoscaler', async () => world.asksAbout('scaler')[0], 60_000);
    expect(JSON.stringify(scaler.body)).toMatch(/FailedGetResourceMetric|unable to/);
    expect([await idsOf('rollout-stuck'), await idsOf('hpa-failed')].map(({ length }) => length)).toEqual([1, 1]);
  });
});
