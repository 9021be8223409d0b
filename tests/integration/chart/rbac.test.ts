/**
 * The real watcher with the real token of the chart's ServiceAccount: what it may is what it needs, and nothing more.
 * What it needs is what the API server's audit log says that it has asked for.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { type ProductServer, starterOf } from '../../../deploy/local/start-product.ts';
import { untilEstablished } from '../../../deploy/local/until-established.ts';
import { IncidentType } from '../../../workflows/contract/hook.ts';
import { HookStatus } from '../../../workflows/contract/hook-status.ts';
import { actOn, type ClusterActions, oomKilled, running } from '../../e2e/cluster-actions.ts';
import { type FakeKagent, startFakeKagent } from '../../fake-kagent/server.ts';
import { waitFor } from '../../wait-for.ts';
import { containerOf, environmentOf, namespaced, podOf, render, required, the } from './chart.ts';
import { type ChartCluster, namespace, startChartCluster } from './cluster.ts';

const account = 'kagent-hook-controller';
const apiKey = 'key-of-the-test';
const installation = `c${randomBytes(4).toString('hex')}`;
const user = `system:serviceaccount:${namespace}:${account}`;
const folder = mkdtempSync(join(tmpdir(), 'audit-'));
const auditLog = join(folder, 'audit.log');
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  rules: [{ level: 'Metadata', users: [user] }, { level: 'None' }],
};
const quick = { POD_PENDING_AFTER: '1s', PROBE_FAILED_AFTER: '1s', QUIET_WINDOW: '3s', RECONCILE_EVERY: '1s' };
const values = {
  ...required,
  installation,
  temporal: { address: inject('temporalAddress') },
  watcher: { env: { ...quick, SIGNAL_EVERY: '200ms', STATUS_EVERY: '500ms', LOG_LEVEL: 'debug' } },
};

let cluster: ChartCluster;
let actions: ClusterActions;
let kagent: FakeKagent;

beforeAll(async () => {
  writeFileSync(join(folder, 'policy.yaml'), JSON.stringify(auditPolicy));
  cluster = await startChartCluster({
    apiserverFlags: [`--audit-policy-file=${join(folder, 'policy.yaml')}`, `--audit-log-path=${auditLog}`],
    // Pods name owners here that have never been.
    controllerManagerFlags: ['--controllers=*,-garbage-collector-controller'],
  });
  kagent = await startFakeKagent({ apiKey });
  actions = actOn(cluster.kubeconfigPath);
  await cluster.helm('helm', 'install', values);
  await untilEstablished((args) => cluster.kubectl(...args));
  await actions.createNamespace('shop');
});
afterAll(async () => {
  await cluster?.stop();
  await kagent?.stop();
  actions?.api.close();
  rmSync(folder, { recursive: true });
});

/** As the kubelet would start it, but that the token comes in a kube config. */
async function startWatcher(over: object = {}): Promise<ProductServer> {
  const watcher = containerOf(podOf(the(await render({ ...values, ...over }), 'Deployment')), 'watcher');
  const server = await starterOf(inject('productFolder'))('watcher', cluster.run, {
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
  const worker = await starterOf(inject('productFolder'))('worker', cluster.run, {
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

async function failProbe(name: string): Promise<void> {
  await actions.createPod('shop', name, { readinessProbe: { httpGet: { path: '/', port: 80 } } });
  await actions.setStatus('shop', name, running({ ready: false }));
  await waitFor('the agent to be asked', async () => kagent.requests.some(({ body }) => isAbout(name, body)));
}

const isAbout = (name: string, body: unknown) => JSON.stringify(body ?? '').includes(`"resourceName":"${name}"`);

const killAgain = (n: number) =>
  actions.setStatus('shop', 'web-0', oomKilled({ killed: `a${n - 1}`, now: `a${n}`, restartCount: n }));

/** An Event about a second occurrence, which becomes a series with the third. */
async function repeat(watcher: ProductServer): Promise<void> {
  await killByMemory('shop', 'web-0');
  await killAgain(2);
  await waitFor('it to join', async () => readFileSync(watcher.logFile, 'utf8').includes('"outcome":"joined"'));
  await startWorker();
  await waitFor('the Event', async () =>
    (await cluster.kubectl('get', 'events', '--namespace=shop')).includes('DuplicateEventIgnored'),
  );
  await killAgain(3);
  await waitFor('the series', async () => used().includes('events.events.k8s.io patch'));
}

/** What else makes it ask for something. */
const occasions: Record<string, () => Promise<void>> = {
  'Pods of owners that were never seen': async () => {
    for (const [apiVersion, kind] of [['apps/v1', 'ReplicaSet'] as const, ['batch/v1', 'Job'] as const]) {
      const name = `of-${kind.toLowerCase()}`;
      const owner = { apiVersion, kind, name: 'gone', uid: randomUUID(), controller: true };
      const metadata = { name, namespace: 'shop', ownerReferences: [owner] };
      const containers = [{ name: 'app', image: 'registry.example/app:1' }];
      await cluster.apply([{ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, nodeName: 'node-a' } }]);
      await actions.setStatus('shop', name, oomKilled({ killed: 'a0', now: 'a1', restartCount: 1 }));
    }
  },
  'a state that is over': async () => {
    await failProbe('slow');
    await actions.setStatus('shop', 'slow', running());
    await waitFor('the Pod to be looked at', async () => used().includes('pods get'));
  },
  'a Hook that is deleted': async () => {
    await failProbe('slower');
    await actions.deleteHooks('shop');
    await waitFor('the Hook to be looked for', async () => used().includes('hooks.kagent.dev get'));
  },
};

it('the watcher gets ready with it, asks about incidents, writes status and Lease, and is refused nothing', async () => {
  await actions.createHook(namespace, 'everything', IncidentType.options.map(aConfiguration));
  await actions.createHook('shop', 'crashes', ['oom-kill', 'probe-failed'].map(aConfiguration));
  const watcher = await startWatcher();
  await repeat(watcher);
  for (const occasion of Object.values(occasions)) await occasion();
  await waitFor('the checkpoint', async () => {
    const lease = await cluster.kubectl('get', 'lease', `kagent-hooks-${installation}`, '-o=yaml');
    return lease.includes('kagent.dev/checkpoint') && lease.includes(`holderIdentity: ${account}-0`);
  });
  expect((await fetch(`${watcher.url}/readyz`)).status).toBe(200);
  expect(readFileSync(watcher.logFile, 'utf8')).not.toMatch(/forbidden|\b403\b/i);
});

const Asked = z.object({
  verb: z.string(),
  objectRef: z.object({ resource: z.string(), apiGroup: z.string().optional(), subresource: z.string().optional() }),
});

/** `resource.group/subresource verb` of everything that it has asked for. */
function used(): string[] {
  const lines = readFileSync(auditLog, 'utf8').split('\n').slice(0, -1);
  const asked = lines.map((line) => {
    const { verb, objectRef } = Asked.parse(JSON.parse(line));
    const { resource, apiGroup, subresource } = objectRef;
    return `${[resource, apiGroup].filter(Boolean).join('.')}${subresource === undefined ? '' : `/${subresource}`} ${verb}`;
  });
  return [...new Set(asked)].toSorted();
}

/** `resource group verbs` of each thing that the account may, as the API server lists it, without what everybody may. */
async function rightsIn(where: string): Promise<string[]> {
  const listed = await cluster.kubectl(
    'auth',
    'can-i',
    '--list',
    `--namespace=${where}`,
    `--as=${user}`,
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
  'daemonsets.apps list watch',
  'deployments.apps list watch',
  'events list watch',
  'events.events.k8s.io create patch',
  'hooks.kagent.dev get list watch',
  'hooks.kagent.dev/status patch',
  'horizontalpodautoscalers.autoscaling list watch',
  'jobs.batch get list watch',
  'pods get list watch',
  'replicasets.apps get list watch',
  'statefulsets.apps list watch',
];
const ownLease = (name: string) => [
  'leases.coordination.k8s.io create',
  `leases.coordination.k8s.io ${name} get patch`,
];

it('the account may nothing but what it has used', async () => {
  const verbs = /^(get|list|watch|create|patch|update|delete|deletecollection)$/;
  const granted = [...(await rightsIn('shop')), ...(await rightsIn(namespace))].flatMap((right) => {
    const [resource = '', ...words] = right.split(' ');
    return words.filter((word) => verbs.test(word)).map((verb) => `${resource} ${verb}`);
  });
  expect([...new Set(granted)].toSorted()).toEqual(used());
});

it('what it may is listed here in full', async () => {
  const everywhere = [...inEachNamespace, 'nodes list watch', uidOfCluster].toSorted();
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
  await waitFor('the gap to be reported', async () =>
    (await cluster.kubectl('get', 'events', '-o=json')).includes('no watcher was running'),
  );
  await waitFor('jobs to be watched', async () => (await metricsOf(watcher)).includes('{watch="jobs (payments)"}'));
  expect(readFileSync(watcher.logFile, 'utf8')).not.toMatch(/forbidden|\b403\b/i);
  await cluster.helm('helm', 'upgrade', values);
});
