/** The signals as real controllers make them, seen by views and detectors on what the real API server returns. */
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { openRun, type Run } from '../../deploy/local/runs/open-run.ts';
import { readSettings } from '../../deploy/local/settings.ts';
import { startCluster } from '../../deploy/local/start-cluster.ts';
import type { Finding } from '../../watcher/detectors/detector.ts';
import { detect } from '../../watcher/detectors/index.ts';
import { type ApiServer, connectApiServer, KubeError } from '../../watcher/kube/api-server.ts';
import { reflect } from '../../watcher/kube/reflector.ts';
import { uidOf } from '../../watcher/kube/uid-of.ts';
import { createEvidence } from '../../watcher/tracking/evidence.ts';
import { viewAutoscaler } from '../../watcher/views/autoscaler-view.ts';
import { viewEvent } from '../../watcher/views/event-view.ts';
import { viewJob } from '../../watcher/views/job-view.ts';
import { viewNode } from '../../watcher/views/node-view.ts';
import { viewPod } from '../../watcher/views/pod-view.ts';
import { viewRollout } from '../../watcher/views/rollout-view.ts';
import type { Views } from '../../watcher/views/view.ts';
import { waitFor } from '../wait-for.ts';

let run: Run;
let api: ApiServer;
const renewals: NodeJS.Timeout[] = [];

/** A cluster of its own: its controllers give a silent node four seconds instead of fifty. */
beforeAll(async () => {
  run = await openRun(readSettings());
  const { kubeconfigPath } = await startCluster({
    run,
    paths: inject('enginePaths'),
    unsafeNoFsync: true,
    controllerManagerFlags: [
      '--node-monitor-period=500ms',
      '--node-monitor-grace-period=4s',
      '--node-startup-grace-period=4s',
      '--node-eviction-rate=10',
      '--horizontal-pod-autoscaler-sync-period=1s',
    ],
  });
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigPath);
  api = connectApiServer(config, 'kagent-hooks-tests');
  // Where no node is left, the controllers take the fault for their own and evict nothing.
  await addNode('node-b');
});

afterAll(async () => {
  for (const renewal of renewals) clearInterval(renewal);
  api.close();
  await run.close();
});

const get = (path: string) => api.json({ path });
const patch = (path: string, body: unknown) =>
  api.json({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json' });
const end = (path: string) => api.json({ method: 'DELETE', path, query: { gracePeriodSeconds: '0' } });

async function create(path: string, body: unknown): Promise<unknown> {
  try {
    return await api.json({ method: 'POST', path, body });
  } catch (error) {
    if (error instanceof KubeError && error.status === 409) return undefined;
    throw error;
  }
}

async function namespace(name: string): Promise<void> {
  await create('/api/v1/namespaces', { metadata: { name } });
  await create(`/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: 'default' } });
}

/** A quota that lets none of these through, once its admission knows of it. */
async function refuse(inNamespace: string, key: string, one: { path: string; body: unknown }): Promise<void> {
  const spec = { hard: { [key]: '0' } };
  await create(`/api/v1/namespaces/${inNamespace}/resourcequotas`, { metadata: { name: 'q' }, spec });
  await waitFor('a refusal', () =>
    api.json({ method: 'POST', ...one, query: { dryRun: 'All' } }).then(
      () => false,
      (error) => String(error).includes('exceeded quota'),
    ),
  );
}

const pods = (name: string) => `/api/v1/namespaces/${name}/pods`;
const apps = (name: string, kind: string) => `/apis/apps/v1/namespaces/${name}/${kind}`;
const jobs = (name: string) => `/apis/batch/v1/namespaces/${name}/jobs`;
const autoscalers = (name: string) => `/apis/autoscaling/v2/namespaces/${name}/horizontalpodautoscalers`;

/** A Node as its kubelet makes it, whose Lease is renewed until `fallSilent`. */
async function addNode(name: string): Promise<{ fallSilent: () => void; report: () => Promise<void> }> {
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const spec = () => ({ holderIdentity: name, renewTime: new Date().toISOString().replace('Z', '000Z') });
  await create('/api/v1/nodes', { metadata: { name, labels: { 'kubernetes.io/hostname': name, name } } });
  await create(leases, { metadata: { name }, spec: { ...spec(), leaseDurationSeconds: 40 } });
  const report = async () => {
    const times = { lastHeartbeatTime: new Date().toISOString(), lastTransitionTime: new Date().toISOString() };
    const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is ready', ...times };
    await patch(`/api/v1/nodes/${name}/status`, { status: { conditions: [ready] } });
  };
  await report();
  const renewing = setInterval(() => void patch(`${leases}/${name}`, { spec: spec() }).catch(() => undefined), 300);
  renewals.push(renewing);
  return { fallSilent: () => clearInterval(renewing), report };
}

/** What the detectors of this kind find on the object as it is now, with the Events that the API server has about it. */
async function findingsOf<K extends keyof Views>(
  kind: K,
  view: (object: unknown) => Views[K] | undefined,
  path: string,
): Promise<Finding[]> {
  const now = view(await get(path));
  if (now === undefined) throw new Error(`${path} cannot be read.`);
  const { items } = z.object({ items: z.array(z.unknown()) }).parse(await get('/api/v1/events'));
  const evidence = createEvidence();
  for (const event of items.flatMap((item) => viewEvent(item) ?? [])) evidence.add(event);
  return detect(kind, { before: undefined, now, clockMs: Date.now(), events: evidence.about(now) });
}

const onNode = (name: string) => findingsOf('Node', viewNode, `/api/v1/nodes/${name}`);
const onPod = (path: string) => findingsOf('Pod', viewPod, path);
const onJob = (path: string) => findingsOf('Job', viewJob, path);
const onAutoscaler = (path: string) => findingsOf('HorizontalPodAutoscaler', viewAutoscaler, path);
const onDeployment = (path: string) => findingsOf('Rollout', viewRollout('Deployment'), path);
const onStatefulSet = (path: string) => findingsOf('Rollout', viewRollout('StatefulSet'), path);
const onDaemonSet = (path: string) => findingsOf('Rollout', viewRollout('DaemonSet'), path);

/** Those that have held long enough when the clock is so much further. */
function due(findings: readonly Finding[], aheadMs: number): Finding[] {
  const clockMs = Date.now() + aheadMs;
  return findings.filter(
    ({ nature, sinceMs, holdMs = 0, allowedMs = 0 }) =>
      nature === 'edge' || (sinceMs ?? Date.now()) + holdMs + allowedMs <= clockMs,
  );
}

/** The first finding of the type, once it is there and each of the lines stands in its evidence. */
function waitForFinding(
  look: () => Promise<Finding[]>,
  type: Finding['type'],
  ...lines: readonly RegExp[]
): Promise<Finding> {
  return waitFor(`${type} with ${lines.map(String).join(' and ')}`, async () =>
    (await look()).find(({ type: found, occurrence: { evidence = [] } }) => {
      return found === type && lines.every((line) => evidence.some((text) => line.test(text)));
    }),
  );
}

const container = { name: 'app', image: 'registry.example/app:1' };
const template = (app: string, spec: object = {}) => ({
  metadata: { labels: { app } },
  spec: { containers: [container], ...spec },
});
const workload = (name: string, spec: object, ofPods: object = {}) => ({
  metadata: { name },
  spec: { replicas: 1, selector: { matchLabels: { app: name } }, template: template(name, ofPods), ...spec },
});
const newTemplate = {
  spec: { template: { spec: { containers: [{ ...container, image: 'registry.example/app:2' }] } } },
};

const PodList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
      spec: z.object({ containers: z.array(z.object({ image: z.string() })) }),
    }),
  ),
});

/** Names of the Pods that controllers made and are not deleting, once there are so many. */
function waitForPods(inNamespace: string, count: number): Promise<string[]> {
  return waitFor(`${count} Pods in ${inNamespace}`, async () => {
    const { items } = PodList.parse(await get(pods(inNamespace)));
    const names = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map((p) => p.metadata.name);
    return names.length === count && names.toSorted();
  });
}

const now = () => new Date().toISOString();
const running = () => ({
  phase: 'Running',
  conditions: ['Ready', 'ContainersReady'].map((type) => ({ type, status: 'True', lastTransitionTime: now() })),
});
const ended = (exitCode: number) => ({
  phase: exitCode === 0 ? 'Succeeded' : 'Failed',
  containerStatuses: [
    {
      ...container,
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', finishedAt: now() } },
    },
  ],
});
const setStatus = (path: string, status: unknown) => patch(`${path}/status`, { status });

describe.concurrent('node-not-ready', () => {
  it('a kubelet that falls silent, with what that does to its Pods', async () => {
    await namespace('silent');
    const node = await addNode('node-a');
    const pod = `${pods('silent')}/web-0`;
    const tolerations = [
      { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 },
    ];
    await create(pods('silent'), {
      metadata: { name: 'web-0' },
      spec: { ...template('web', { tolerations }).spec, nodeName: 'node-a' },
    });
    await setStatus(pod, running());
    expect(await onNode('node-a')).toEqual([]);

    node.fallSilent();
    const found = await waitForFinding(() => onNode('node-a'), 'node-not-ready', /^NodeNotReady x1: /);
    expect(found.occurrence).toMatchObject({ reason: 'NodeStatusUnknown', cause: 'unreachable', nodeName: 'node-a' });
    expect(found.occurrence.at).toBe(new Date(found.sinceMs ?? 0).toISOString().replace('.000Z', 'Z'));
    expect(due([found], 0)).toEqual([]);
    // Looked at alone, it may never have been ready; it is new for ten minutes.
    expect(due([found], 60_000)).toEqual([]);
    expect(due([found], 600_000)).toEqual([found]);

    const lines = [/^DisruptionTarget=True /, /^TaintManagerEviction x1: /, /^NodeNotReady x1: Node is not ready/];
    const evicted = await waitForFinding(() => onPod(pod), 'pod-evicted', ...lines);
    expect(evicted).toMatchObject({
      occurrence: { reason: 'DeletionByTaintManager', cause: 'taint' },
      fallout: { kind: 'Node', name: 'node-a' },
    });

    await patch('/api/v1/nodes/node-a', { spec: { unschedulable: true } });
    expect(await onNode('node-a')).toMatchObject([{ optIn: 'drains', occurrence: { id: found.occurrence.id } }]);
    const removed = { key: 'ToBeDeletedByClusterAutoscaler', value: '1', effect: 'NoSchedule' };
    await patch('/api/v1/nodes/node-a', { spec: { unschedulable: false, taints: [removed] } });
    expect(await onNode('node-a')).toMatchObject([{ optIn: 'drains', occurrence: { id: found.occurrence.id } }]);

    await node.report();
    expect(await onNode('node-a')).toEqual([]);
  });

  it('a Node whose kubelet never came', async () => {
    await create('/api/v1/nodes', { metadata: { name: 'node-never' } });
    const { occurrence } = await waitForFinding(() => onNode('node-never'), 'node-not-ready');
    expect(occurrence).toMatchObject({ reason: 'NodeStatusNeverUpdated', cause: 'unreachable' });
  });
});

describe.concurrent('job-failed', () => {
  const job = (name: string, spec: object, ofPods: object = {}) => ({
    metadata: { name },
    spec: { backoffLimit: 0, ...spec, template: template(name, { restartPolicy: 'Never', ...ofPods }) },
  });

  it('fails when its last Pod has ended, and not while one still ends', async () => {
    await namespace('terminating');
    const path = `${jobs('terminating')}/import`;
    await create(jobs('terminating'), job('import', { parallelism: 2, completions: 2 }, { nodeName: 'node-b' }));
    const [first, second] = await waitForPods('terminating', 2);
    await setStatus(`${pods('terminating')}/${first}`, ended(1));
    const Job = z.object({ status: z.object({ conditions: z.array(z.object({ type: z.string() })).optional() }) });
    await waitFor('FailureTarget', async () => {
      const { conditions = [] } = Job.parse(await get(path)).status;
      return conditions.some(({ type }) => type === 'FailureTarget');
    });
    expect(await onJob(path)).toEqual([]);

    await end(`${pods('terminating')}/${second}`);
    const { occurrence } = await waitForFinding(() => onJob(path), 'job-failed', /^BackoffLimitExceeded x1: /);
    expect(occurrence).toMatchObject({ reason: 'BackoffLimitExceeded', objectName: 'import' });
    expect(Date.now() - Date.parse(occurrence.at)).toBeLessThan(30_000);
  });

  it('succeeds in spite of a failed Pod, and is none', async () => {
    await namespace('succeeding');
    const path = `${jobs('succeeding')}/search`;
    const successPolicy = { rules: [{ succeededIndexes: '0' }] };
    const spec = { parallelism: 2, completions: 2, completionMode: 'Indexed', successPolicy, backoffLimit: 5 };
    await create(jobs('succeeding'), job('search', spec));
    const [zero, one] = await waitForPods('succeeding', 2);
    await setStatus(`${pods('succeeding')}/${one}`, ended(1));
    await waitFor('the failed Pod in the status', async () => (viewJob(await get(path))?.failedPods ?? 0) > 0);
    expect(await onJob(path)).toEqual([]);
    await setStatus(`${pods('succeeding')}/${zero}`, ended(0));
    const Done = z.object({ status: z.object({ completionTime: z.string(), failed: z.number() }) });
    await waitFor('the end of the Job', async () => Done.safeParse(await get(path)).success);
    expect(await onJob(path)).toEqual([]);
  });

  it('is deleted in the moment in which it fails, and its last content shows it', async () => {
    await namespace('expiring');
    const path = jobs('expiring');
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const seen: Finding[] = [];
    let isGone = false;
    const log = { info: () => undefined, warn: () => undefined };
    reflect({
      api,
      path,
      view: viewJob,
      uidOf,
      log,
      signal: stop.signal,
      onChange: async (before, job) => {
        if (job === undefined) isGone = true;
        else seen.push(...detect('Job', { before, now: job, clockMs: Date.now(), events: [] }));
      },
    });
    await create(path, job('nightly', { activeDeadlineSeconds: 1, ttlSecondsAfterFinished: 0 }));
    await waitFor('the end of the Job', async () => isGone);
    expect(new Set(seen.map(({ occurrence }) => `${occurrence.id.replace(/^.*\//, '')} ${occurrence.reason}`))).toEqual(
      new Set(['Failed DeadlineExceeded']),
    );
    expect(new Set(seen.map(({ occurrence }) => occurrence.id)).size).toBe(1);
  });
});

describe.concurrent('rollout-stuck', () => {
  it('a Deployment that exceeds its deadline, until it is edited', async () => {
    await namespace('late');
    const path = `${apps('late', 'deployments')}/cart`;
    await create(apps('late', 'deployments'), workload('cart', { progressDeadlineSeconds: 2 }));
    const found = await waitForFinding(() => onDeployment(path), 'rollout-stuck');
    expect(due([found], 0)).toEqual([found]);
    expect(found.occurrence).toMatchObject({ reason: 'ProgressDeadlineExceeded', cause: 'deadline', order: 1 });

    const edited = viewRollout('Deployment')(await patch(path, newTemplate));
    expect(edited?.progressing).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
    if (edited === undefined) throw new Error('The Deployment cannot be read.');
    expect(detect('Rollout', { before: undefined, now: edited, clockMs: Date.now(), events: [] })).toEqual([]);

    const again = await waitForFinding(
      async () => (await onDeployment(path)).filter((f) => f.fact !== found.fact),
      'rollout-stuck',
    );
    expect(again.occurrence.order).toBeGreaterThan(found.occurrence.order);
    await patch(path, { spec: { paused: true } });
    expect(await onDeployment(path)).toEqual([]);
  });

  it('a Deployment whose Pods a quota refuses, before and after its deadline', async () => {
    await namespace('full');
    await refuse('full', 'pods', {
      path: pods('full'),
      body: { metadata: { name: 'any' }, spec: template('any').spec },
    });
    await create(apps('full', 'deployments'), workload('cart', {}));
    await create(apps('full', 'deployments'), workload('late', { progressDeadlineSeconds: 2 }));
    const found = await waitForFinding(() => onDeployment(`${apps('full', 'deployments')}/cart`), 'rollout-stuck');
    expect(found.occurrence).toMatchObject({ reason: 'FailedCreate', cause: 'quota' });
    expect(due([found], 0)).toEqual([]);
    expect(due([found], 300_000)).toEqual([found]);

    const late = () => onDeployment(`${apps('full', 'deployments')}/late`);
    const both = await waitForFinding(async () => due(await late(), 0), 'rollout-stuck');
    expect(both.occurrence).toMatchObject({ reason: 'ProgressDeadlineExceeded', cause: 'quota' });
    expect(both.occurrence.message).toMatch(/timed out progressing.*exceeded quota/);
  });

  it('a Deployment whose ReplicaSet a quota refuses, of which its controller reports no generation', async () => {
    await namespace('no-sets');
    const any = { path: apps('no-sets', 'replicasets'), body: workload('any', {}) };
    await refuse('no-sets', 'count/replicasets.apps', any);
    const path = `${apps('no-sets', 'deployments')}/cart`;
    await create(apps('no-sets', 'deployments'), workload('cart', {}));
    const found = await waitForFinding(() => onDeployment(path), 'rollout-stuck', /^ReplicaSetCreateError x/);
    expect(found.occurrence).toMatchObject({ reason: 'ReplicaSetCreateError', cause: 'quota', order: 1 });
    expect(viewRollout('Deployment')(await get(path))).toMatchObject({ generation: 1, observedGeneration: 0 });
    expect(due([found], 300_000)).toEqual([found]);
  });

  it('a StatefulSet of one Pod that does not get ready after an edit', async () => {
    await namespace('stateful');
    const path = `${apps('stateful', 'statefulsets')}/db`;
    await create(apps('stateful', 'statefulsets'), workload('db', { serviceName: 'db' }));
    await waitForPods('stateful', 1);
    await setStatus(`${pods('stateful')}/db-0`, running());
    await waitFor('a ready StatefulSet', async () => viewRollout('StatefulSet')(await get(path))?.ready === 1);
    expect(await onStatefulSet(path)).toEqual([]);

    await patch(path, newTemplate);
    const found = await waitForFinding(
      () => onStatefulSet(path),
      'rollout-stuck',
      /^expected 1, updated 1, ready 0, available 0$/,
    );
    expect(found).toMatchObject({ counts: [1, 0, 0], occurrence: { order: 2, cause: 'no-progress' } });
    expect(due([found], 599_000)).toEqual([]);
    expect(due([found], 600_000)).toEqual([found]);

    await setStatus(`${pods('stateful')}/db-0`, running());
    await waitFor('the end of the rollout', async () => (await onStatefulSet(path)).length === 0);
  });

  it('a StatefulSet whose partition holds one Pod back is none when the other one is ready', async () => {
    await namespace('canary');
    const path = `${apps('canary', 'statefulsets')}/db`;
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } };
    const spec = { serviceName: 'db', replicas: 2, podManagementPolicy: 'Parallel', updateStrategy };
    await create(apps('canary', 'statefulsets'), workload('db', spec));
    for (const name of await waitForPods('canary', 2)) await setStatus(`${pods('canary')}/${name}`, running());
    const view = async () => viewRollout('StatefulSet')(await get(path));
    await waitFor('a ready StatefulSet', async () => (await view())?.ready === 2);
    await patch(path, newTemplate);
    await waitFor('the canary', async () => {
      const { updated, ready } = (await view()) ?? {};
      return updated === 1 && ready === 1;
    });
    await setStatus(`${pods('canary')}/db-1`, running());
    await waitFor('a ready canary', async () => (await view())?.ready === 2);
    expect(await view()).toMatchObject({ desired: 2, updated: 1, toUpdate: 1, isIncomplete: false });
    expect(await onStatefulSet(path)).toEqual([]);
  });

  it('a DaemonSet whose first new Pod does not get ready', async () => {
    await namespace('daemons');
    const path = `${apps('daemons', 'daemonsets')}/agent`;
    await addNode('node-c');
    const { replicas: _, ...spec } = workload('agent', {}, { tolerations: [{ operator: 'Exists' }] }).spec;
    const anywhere = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'name', operator: 'In', values: ['node-b', 'node-c'] }] }],
        },
      },
    };
    const withNodes = { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, affinity: anywhere } } };
    await create(apps('daemons', 'daemonsets'), { metadata: { name: 'agent' }, spec: withNodes });
    for (const name of await waitForPods('daemons', 2)) await setStatus(`${pods('daemons')}/${name}`, running());
    const view = async () => viewRollout('DaemonSet')(await get(path));
    await waitFor('a ready DaemonSet', async () => (await view())?.ready === 2);
    expect(await onDaemonSet(path)).toEqual([]);

    await patch(path, newTemplate);
    const found = await waitForFinding(
      () => onDaemonSet(path),
      'rollout-stuck',
      /^expected 2, updated 1, ready 1, available 1$/,
    );
    expect(found).toMatchObject({ counts: [1, 1, 1], occurrence: { cause: 'no-progress' } });
  });
});

describe.concurrent('hpa-failed', () => {
  const autoscaler = (name: string) => ({
    metadata: { name },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      maxReplicas: 3,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
    },
  });
  const withRequests = { containers: [{ ...container, resources: { requests: { cpu: '1m' } } }] };

  it('a cluster without metrics', async () => {
    await namespace('scaling');
    const path = `${autoscalers('scaling')}/cart`;
    await create(apps('scaling', 'deployments'), workload('cart', {}, withRequests));
    await create(autoscalers('scaling'), autoscaler('cart'));
    const found = await waitForFinding(() => onAutoscaler(path), 'hpa-failed', /^FailedGetResourceMetric x/);
    expect(found.occurrence).toMatchObject({ reason: 'FailedGetResourceMetric', cause: 'metrics' });
    expect(due([found], 0)).toEqual([]);
    expect(due([found], 300_000)).toEqual([found]);
  });

  it('a target that is not there, or was scaled to zero', async () => {
    await namespace('targets');
    await create(apps('targets', 'deployments'), workload('asleep', { replicas: 0 }, withRequests));
    await create(autoscalers('targets'), autoscaler('asleep'));
    await create(autoscalers('targets'), autoscaler('missing'));
    const found = await waitForFinding(() => onAutoscaler(`${autoscalers('targets')}/missing`), 'hpa-failed');
    expect(found.occurrence).toMatchObject({ reason: 'FailedGetScale', cause: 'scale' });
    const asleep = `${autoscalers('targets')}/asleep`;
    await waitFor(
      'ScalingDisabled',
      async () => viewAutoscaler(await get(asleep))?.scalingActive?.reason === 'ScalingDisabled',
    );
    expect(await onAutoscaler(asleep)).toEqual([]);
  });
});

it.concurrent('pod-pending: no node is large enough', async () => {
  await namespace('pending');
  const path = `${pods('pending')}/huge`;
  const huge = { ...container, resources: { requests: { cpu: '1000' } } };
  await create(pods('pending'), { metadata: { name: 'huge' }, spec: { containers: [huge] } });
  const found = await waitForFinding(() => onPod(path), 'pod-pending', /^PodScheduled=False /, /^FailedScheduling x/);
  expect(found.occurrence).toMatchObject({ reason: 'Unschedulable', cause: 'unschedulable' });
  expect(found.occurrence.message).toMatch(/nodes are available/);
  expect(due([found], 0)).toEqual([]);
  expect(due([found], 300_000)).toEqual([found]);
});
