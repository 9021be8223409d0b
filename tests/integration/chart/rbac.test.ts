/** The real watcher with the real token of the chart's ServiceAccount: what it may is what it needs, and nothing more. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, inject, it, onTestFinished } from 'vitest';
import { type ProductServer, startProduct } from '../../../deploy/local/start-product.ts';
import { kindsOnDemand } from '../../../watcher/streams/on-demand.ts';
import { IncidentType } from '../../../workflows/contract/hook.ts';
import { HookStatus } from '../../../workflows/contract/hook-status.ts';
import { actOn, type ClusterActions, oomKilled } from '../../e2e/cluster-actions.ts';
import { type FakeKagent, startFakeKagent } from '../../fake-kagent/server.ts';
import { waitFor } from '../../wait-for.ts';
import { containerOf, environmentOf, namespaced, podOf, render, required, the } from './chart.ts';
import { type ChartCluster, namespace, startChartCluster } from './cluster.ts';

const account = 'kagent-hook-controller';
const apiKey = 'key-of-the-test';
const installation = `c${randomBytes(4).toString('hex')}`;
const values = {
  ...required,
  installation,
  temporal: { address: inject('temporalAddress') },
  watcher: { env: { POD_PENDING_AFTER: '1s', SIGNAL_EVERY: '200ms', STATUS_EVERY: '500ms', LOG_LEVEL: 'debug' } },
};

let cluster: ChartCluster;
let actions: ClusterActions;
let kagent: FakeKagent;

beforeAll(async () => {
  cluster = await startChartCluster();
  kagent = await startFakeKagent({ apiKey });
  actions = actOn(cluster.kubeconfigPath);
  await cluster.helm('helm', 'install', values);
  await cluster.kubectl('wait', '--for=condition=Established', 'crd/hooks.kagent.dev', '--timeout=30s');
  await actions.createNamespace('shop');
});
afterAll(async () => {
  await cluster?.stop();
  await kagent?.stop();
  actions?.api.close();
});

/** As the kubelet would start it, but that the token comes in a kube config. */
async function startWatcher(over: object = {}): Promise<ProductServer> {
  const watcher = containerOf(podOf(the(await render({ ...values, ...over }), 'Deployment')), 'watcher');
  const server = await startProduct('watcher', cluster.run, {
    ...environmentOf(watcher),
    NAMESPACE: namespace,
    POD_NAME: `${account}-0`,
    KUBECONFIG: await cluster.kubeconfigOf(account),
    KUBECONFIG_CONTEXT: 'account',
  });
  onTestFinished(() => server.stop());
  return server;
}

const aConfiguration = (eventType: string) => ({
  eventType,
  agentRef: { name: 'incident-responder' },
  prompt: '{{.ResourceName}}: {{.EventMessage}}',
});

async function startWorker(): Promise<void> {
  const worker = await startProduct('worker', cluster.run, {
    INSTALLATION: installation,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    KAGENT_API_KEY: apiKey,
    KAGENT_BASE_URL: kagent.url,
  });
  onTestFinished(() => worker.stop());
}

async function killByMemory(where: string, name: string): Promise<void> {
  await actions.createPod(where, name);
  await actions.setStatus(where, name, oomKilled({ killed: 'a0', now: 'a1', restartCount: 1 }));
}

/** So many open incidents in the status of the Hook crashes. */
const untilActive = (where: string, count: number) =>
  waitFor('the status', async () => {
    const hook = await actions.getHook(where, 'crashes');
    const status = typeof hook === 'object' && hook !== null && 'status' in hook ? hook.status : {};
    return HookStatus.parse(status).active === count;
  });

const metricsOf = async ({ url }: ProductServer) => (await fetch(`${url}/metrics`)).text();

it('the watcher gets ready with it, asks about an incident, writes status and Lease, and is refused nothing', async () => {
  await actions.createHook(namespace, 'everything', IncidentType.options.map(aConfiguration));
  await actions.createHook('shop', 'crashes', [aConfiguration('oom-kill')]);
  const watcher = await startWatcher();
  await startWorker();
  await killByMemory('shop', 'web-0');
  await waitFor('the agent to be asked', async () => kagent.runs.length > 0);
  await untilActive('shop', 1);
  await waitFor('the checkpoint', async () => {
    const lease = await cluster.kubectl('get', 'lease', `kagent-hooks-${installation}`, '-o=yaml');
    return lease.includes('kagent.dev/checkpoint') && lease.includes(`holderIdentity: ${account}-0`);
  });
  const streams = kindsOnDemand.map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
  await waitFor('every kind to be watched', async () => {
    const metrics = await metricsOf(watcher);
    return streams.every((name) => metrics.includes(`kagent_hooks_watch_last_seen_age_seconds{watch="${name}"}`));
  });
  expect((await fetch(`${watcher.url}/readyz`)).status).toBe(200);
  expect(readFileSync(watcher.logFile, 'utf8')).not.toMatch(/forbidden|\b403\b/i);
});

/** `resource group verbs` of each thing that the account may, as the API server tells it, without what everybody may. */
async function rightsIn(where: string): Promise<string[]> {
  const listed = await cluster.kubectl(
    'auth',
    'can-i',
    '--list',
    `--namespace=${where}`,
    `--as=system:serviceaccount:${namespace}:${account}`,
    '--as-group=system:serviceaccounts',
    '--as-group=system:authenticated',
    '--no-headers',
  );
  const lines = listed.split('\n').map((line) => /^(\S+)\s+\[(.*?)\]\s+\[(.*?)\]\s+\[(.*?)\]$/.exec(line.trim()));
  return lines
    .flatMap((line) => (line === null ? [] : [[line[1], line[3], line[4]].filter((part) => part !== '').join(' ')]))
    .filter((line) => !/^selfsubject|^clustertrustbundles/.test(line))
    .toSorted();
}

const uidOfCluster = 'namespaces kube-system get';
const inEachNamespace = [
  'daemonsets.apps get list watch',
  'deployments.apps get list watch',
  'events get list watch',
  'events.events.k8s.io create patch',
  'hooks.kagent.dev get list watch',
  'hooks.kagent.dev/status patch',
  'horizontalpodautoscalers.autoscaling get list watch',
  'jobs.batch get list watch',
  'pods get list watch',
  'replicasets.apps get list watch',
  'statefulsets.apps get list watch',
];
const ownLease = (name: string) => [
  'leases.coordination.k8s.io create',
  `leases.coordination.k8s.io ${name} get patch`,
];

it('the account may nothing more than that', async () => {
  const everywhere = [...inEachNamespace, 'nodes get list watch', uidOfCluster].toSorted();
  expect(await rightsIn('shop')).toEqual(everywhere);
  expect(await rightsIn(namespace)).toEqual([...everywhere, ...ownLease(`kagent-hooks-${installation}`)].toSorted());
});

it('with a list of namespaces it may read nothing outside them but the uid of the cluster, and needs no more', async () => {
  await actions.createNamespace('payments');
  await cluster.helm('helm', 'upgrade', { ...values, watch: namespaced.watch });
  await waitFor('the new rights', async () => (await rightsIn('default')).length === 0);
  expect(await rightsIn('kube-system')).toEqual([uidOfCluster]);
  for (const name of namespaced.watch.namespaces) expect(await rightsIn(name)).toEqual(inEachNamespace);
  const own = ['events.events.k8s.io create patch', ...ownLease(`kagent-hooks-${installation}`)].toSorted();
  expect(await rightsIn(namespace)).toEqual(own);

  await actions.createHook('payments', 'crashes', IncidentType.options.map(aConfiguration));
  const watcher = await startWatcher({ watch: namespaced.watch });
  await startWorker();
  await killByMemory('payments', 'api-0');
  await untilActive('payments', 1);
  await waitFor('the gap to be told', async () =>
    (await cluster.kubectl('get', 'events', '-o=json')).includes('no watcher was running'),
  );
  await waitFor('jobs to be watched', async () => (await metricsOf(watcher)).includes('{watch="jobs (payments)"}'));
  expect(readFileSync(watcher.logFile, 'utf8')).not.toMatch(/forbidden|\b403\b/i);
  await cluster.helm('helm', 'upgrade', values);
});
