/**
 * One incident of every type, made as users, kubelets and controllers make them, each on an object named after its type.
 *
 * On the real API server. What only a kubelet would report is written in its form.
 */
import type { IncidentType } from '../../workflows/contract/hook.ts';
import { waitFor } from '../wait-for.ts';
import { nowSeconds, oomKilled, restarted, running } from './cluster-actions.ts';
import type { World } from './world.ts';

export interface Making {
  world: World;
  /** In front of every name, so that several rounds do not meet. */
  round: string;
}

const image = 'registry.example/app:1';
const container = { name: 'app', image, resources: { requests: { cpu: '900' } } };

function nameOf({ round }: Making, type: IncidentType): string {
  return `${round}-${type}`;
}

/** The configurations of a Hook that means these objects and no others. */
export function configurationsFor(making: Making, over: object): object[] {
  const quick: IncidentType[] = ['pod-pending', 'probe-failed', 'image-pull-failed', 'container-config-error'];
  const after: IncidentType[] = [...quick, 'node-not-ready', 'hpa-failed'];
  return Object.keys(makers)
    .filter((type): type is IncidentType => type in makers)
    .map((type) => ({
      eventType: type,
      match: { names: [`${nameOf(making, type)}*`] },
      ...(after.includes(type) && { after: '1s' }),
      ...over,
    }));
}

export async function makeEveryKind(making: Making): Promise<void> {
  await Promise.all(Object.values(makers).map((make) => make(making)));
}

/** Of a cluster whose nodes are mostly unready, the real node controller evicts nobody any more: that is for other tests. */
export async function removeNode(making: Making): Promise<void> {
  const path = `/api/v1/nodes/${nameOf(making, 'node-not-ready')}`;
  await making.world.cluster.api.json({ method: 'DELETE', path });
}

const podStatus = async (making: Making, type: IncidentType, status: unknown): Promise<void> => {
  const { world } = making;
  await world.cluster.createPod(world.namespace, nameOf(making, type));
  await world.cluster.setStatus(world.namespace, nameOf(making, type), status);
};

const post = ({ world }: Making, path: string, body: object) => world.cluster.api.json({ method: 'POST', path, body });

const waiting = (reason: string, message: string) => ({
  phase: 'Pending',
  containerStatuses: [
    { name: 'app', state: { waiting: { reason, message } }, ready: false, restartCount: 0, image, imageID: '' },
  ],
});

const makers: Record<IncidentType, (making: Making) => Promise<void>> = {
  'oom-kill': async (making) => {
    await podStatus(making, 'oom-kill', running());
    const status = oomKilled({ killed: 'c0', now: 'c1', restartCount: 1 });
    await making.world.cluster.setStatus(making.world.namespace, nameOf(making, 'oom-kill'), status);
  },
  'pod-restart': async (making) => {
    await podStatus(making, 'pod-restart', running());
    const status = restarted({ killed: 'c0', now: 'c1', restartCount: 1, exitCode: 1, reason: 'Error' });
    await making.world.cluster.setStatus(making.world.namespace, nameOf(making, 'pod-restart'), status);
  },
  'pod-pending': async (making) => {
    const wants = { wants: { cpu: '1000' } };
    await making.world.cluster.createPod(making.world.namespace, nameOf(making, 'pod-pending'), wants);
  },
  'probe-failed': async (making) => {
    const { cluster, namespace } = making.world;
    const name = nameOf(making, 'probe-failed');
    await cluster.createPod(namespace, name, { readinessProbe: { httpGet: { path: '/', port: 80 } } });
    await cluster.setStatus(namespace, name, running({ ready: false, since: nowSeconds(-5_000) }));
  },
  'image-pull-failed': (making) =>
    podStatus(making, 'image-pull-failed', waiting('ImagePullBackOff', `Back-off pulling image "${image}"`)),
  'container-config-error': (making) =>
    podStatus(making, 'container-config-error', waiting('CreateContainerConfigError', 'secret "db" not found')),
  'volume-mount-failed': async (making) => {
    const { cluster, namespace } = making.world;
    const name = nameOf(making, 'volume-mount-failed');
    const uid = await cluster.createPod(namespace, name);
    await cluster.setStatus(namespace, name, waiting('ContainerCreating', ''));
    await post(making, `/api/v1/namespaces/${namespace}/events`, {
      metadata: { name: `${name}.mount` },
      involvedObject: { kind: 'Pod', namespace, name, uid, apiVersion: 'v1' },
      type: 'Warning',
      reason: 'FailedMount',
      message: 'MountVolume.SetUp failed for volume "config" : configmap "settings" not found',
      firstTimestamp: nowSeconds(-120_000),
      lastTimestamp: nowSeconds(),
      count: 3,
      source: { component: 'kubelet', host: 'node-a' },
    });
  },
  'pod-evicted': (making) =>
    podStatus(making, 'pod-evicted', {
      phase: 'Failed',
      reason: 'Evicted',
      message: 'The node was low on resource: memory.',
      conditions: [
        { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', lastTransitionTime: nowSeconds() },
      ],
    }),
  'pod-failed': (making) =>
    podStatus(making, 'pod-failed', {
      phase: 'Failed',
      containerStatuses: [
        {
          name: 'app',
          state: {
            terminated: { exitCode: 1, reason: 'Error', finishedAt: nowSeconds(), containerID: 'containerd://c0' },
          },
          ready: false,
          restartCount: 0,
          image,
          imageID: '',
        },
      ],
    }),
  'node-not-ready': async (making) => {
    const name = nameOf(making, 'node-not-ready');
    await post(making, '/api/v1/nodes', { metadata: { name } });
    const times = { lastTransitionTime: nowSeconds(-60_000), lastHeartbeatTime: nowSeconds() };
    const condition = { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'no CNI', ...times };
    const contentType = 'application/strategic-merge-patch+json';
    // One that was never ready is new, and no incident yet.
    for (const conditions of [[{ ...condition, status: 'True' }], [condition]]) {
      const body = { status: { conditions } };
      await making.world.cluster.api.json({ method: 'PATCH', path: `/api/v1/nodes/${name}/status`, contentType, body });
    }
  },
  'job-failed': async (making) => {
    const { cluster, namespace } = making.world;
    const name = nameOf(making, 'job-failed');
    const template = { metadata: { labels: { app: name } }, spec: { containers: [container], restartPolicy: 'Never' } };
    await post(making, `/apis/batch/v1/namespaces/${namespace}/jobs`, {
      metadata: { name },
      spec: { backoffLimit: 0, template },
    });
    const pod = await waitFor('the Pod of the Job', () => podOf(making, name));
    await cluster.setStatus(namespace, pod, { phase: 'Failed' });
  },
  'rollout-stuck': async (making) => {
    const name = nameOf(making, 'rollout-stuck');
    const labels = { app: name };
    await post(making, `/apis/apps/v1/namespaces/${making.world.namespace}/deployments`, {
      metadata: { name },
      spec: {
        progressDeadlineSeconds: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    });
  },
  'hpa-failed': async (making) => {
    const { cluster, namespace } = making.world;
    const name = nameOf(making, 'hpa-failed');
    const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`;
    const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'nothing' };
    await post(making, path, { metadata: { name }, spec: { scaleTargetRef: target, maxReplicas: 3 } });
    const reason = { reason: 'FailedGetScale', message: 'deployments.apps "nothing" not found' };
    const conditions = [{ type: 'AbleToScale', status: 'False', lastTransitionTime: nowSeconds(-60_000), ...reason }];
    const status = { currentReplicas: 0, desiredReplicas: 0, conditions };
    const contentType = 'application/merge-patch+json';
    await cluster.api.json({ method: 'PATCH', path: `${path}/${name}/status`, contentType, body: { status } });
  },
};

async function podOf({ world }: Making, app: string): Promise<string | undefined> {
  const text = await world.kubectl('get', 'pods', '-n', world.namespace, '-l', `app=${app}`, '-o', 'name');
  return text.trim().replace('pod/', '') || undefined;
}
