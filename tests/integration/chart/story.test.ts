/** From helm install to what uninstalling leaves behind, with the processes, rights and mounted folders of the Deployment. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection, type WorkflowExecutionInfo } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import pino from 'pino';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openDataConverter } from '../../../codec/data-converter.ts';
import type { ProductServer } from '../../../deploy/local/start-product.ts';
import { makeCertificate } from '../../api-server/certificate.ts';
import { type Authority, makeAuthority } from '../../authority.ts';
import { readDocumentation } from '../../documentation.ts';
import { actOn, type ClusterActions, oomKilled, running } from '../../e2e/cluster-actions.ts';
import { type FakeKagent, startFakeKagent } from '../../fake-kagent/server.ts';
import { quoteWith } from '../../specification.ts';
import { openTemporalDoor, type TemporalDoor } from '../../temporal-door.ts';
import { waitFor } from '../../wait-for.ts';
import { chartFolder, required } from './chart.ts';
import { type ChartCluster, namespace, startChartCluster } from './cluster.ts';
import { actAsKubelet, type Kubelet } from './kubelet.ts';

const apiKey = 'the-right-key';
const installation = `c${randomBytes(4).toString('hex')}`;
const temporalAddress = inject('temporalAddress');
const temporalNamespace = `of-${installation}`;
const temporalKey = 'the-key-of-temporal';
const settings = {
  ...required,
  installation,
  temporal: {
    namespace: temporalNamespace,
    apiKey: { secret: 'temporal-api-key' },
    tls: { enabled: true, secret: 'temporal-client', ca: 'ca.crt', serverName: 'temporal.example' },
  },
  encryption: { secretName: 'kagent-hooks-keys' },
  watcher: {
    env: {
      QUIET_WINDOW: '2s',
      PROBE_FAILED_AFTER: '1s',
      SIGNAL_EVERY: '200ms',
      STATUS_EVERY: '500ms',
      RECONCILE_EVERY: '2s',
    },
  },
};
const registers = 'app.kubernetes.io/component=register';
const silent = pino({ level: 'silent' });
const hasCurl = spawnSync('curl', ['--version']).status === 0;

/** The controller's Pod, while it runs. */
interface Pod {
  kubelet: Kubelet;
  watcher: ProductServer;
  worker: ProductServer;
}

let cluster: ChartCluster;
let actions: ClusterActions;
let kagent: FakeKagent;
let connection: Connection;
let door: TemporalDoor;
let authority: Authority;
let values: typeof settings & { temporal: { address: string } };
let pod: Pod;
const tls = makeCertificate();

beforeAll(async () => {
  cluster = await startChartCluster();
  kagent = await startFakeKagent({ apiKey, tls });
  actions = actOn(cluster.kubeconfigPath);
  connection = await Connection.connect({ address: temporalAddress });
  const workflowExecutionRetentionPeriod = msToTs('1 day');
  await connection.workflowService.registerNamespace({
    namespace: temporalNamespace,
    workflowExecutionRetentionPeriod,
  });
  authority = makeAuthority(cluster.run.folder, 'private');
  const server = authority.issue('temporal', 'DNS:temporal.example');
  door = await openTemporalDoor({ address: temporalAddress, apiKey: temporalKey, server, ca: authority.cert });
  values = { ...settings, temporal: { ...settings.temporal, address: door.address } };
  await actions.createNamespace('shop');
});
afterAll(async () => {
  await connection?.close();
  await cluster?.stop();
  await door?.stop();
  await kagent?.stop();
  actions?.api.close();
});

/** As a kubelet would once the Deployment is there: volumes, init container, both containers. */
async function startPod(): Promise<Pod> {
  const kubelet = await actAsKubelet(cluster, 'deployment/kagent-hook-controller');
  await kubelet.run('curl-ca');
  const watcher = await kubelet.start('watcher');
  const worker = await kubelet.start('worker', { WATCHER_HEALTH_URL: watcher.url });
  return { kubelet, watcher, worker };
}

const stopPod = ({ watcher, worker }: Pod) => Promise.all([watcher.stop(), worker.stop()]);

/** Commands as they are printed; exec and logs are answered by the worker's process, for want of a kubelet. */
async function typed(commands: string, { kubelet, worker }: Partial<Pod> = {}): Promise<string> {
  const bin = mkdtempSync(join(cluster.run.folder, 'bin-'));
  const { kubectl, helm, temporal } = inject('enginePaths');
  symlinkSync(helm, join(bin, 'helm'));
  symlinkSync(temporal, join(bin, 'temporal'));
  const bundle = kubelet?.environmentOf('worker')['CURL_CA_BUNDLE'] ?? '';
  const shim = `#!/bin/sh
case "$1" in
exec) while [ "$1" != -- ]; do shift; done; shift; exec env -i PATH="$PATH" CURL_CA_BUNDLE=${bundle} "$@" ;;
logs) exec cat ${worker?.logFile ?? '/dev/null'} ;;
*) exec ${kubectl} "$@" ;;
esac
`;
  writeFileSync(join(bin, 'kubectl'), shim, { mode: 0o755 });
  symlinkSync(chartFolder, join(bin, 'chart'));
  const exports = `export PATH=${bin}:$PATH TEMPORAL_ADDRESS=${temporalAddress} TEMPORAL_NAMESPACE=${temporalNamespace}`;
  return cluster.shell(`${exports}\n${commands.replaceAll('deploy/chart', join(bin, 'chart'))}`);
}

/** The first block of commands after these words in the documentation. */
function printedAfter(words: string): string {
  const documentation = readDocumentation();
  const [, block = ''] = /```bash\n([^]*?)```/.exec(documentation.slice(documentation.indexOf(words))) ?? [];
  return block;
}

/** The newest execution about a resource, for who has the keys. */
async function executionOf(resource: string): Promise<WorkflowExecutionInfo | undefined> {
  const query = `Installation='${installation}' AND ResourceName='${resource}'`;
  const dataConverter = openDataConverter(pod.kubelet.environmentOf('watcher')['CODEC_KEY_DIR'], silent);
  const client = new Client({ connection, namespace: temporalNamespace, ...(dataConverter && { dataConverter }) });
  for await (const execution of client.workflow.list({ query })) return execution;
  return undefined;
}

const statusOf = async (resource: string) => (await executionOf(resource))?.status.name;

async function listWithoutKeys(): Promise<void> {
  const client = new Client({ connection, namespace: temporalNamespace });
  for await (const execution of client.workflow.list({ query: `Installation='${installation}'` })) void execution;
}

const hook = `
apiVersion: kagent.dev/v1alpha2
kind: Hook
metadata: { name: watchful, namespace: shop }
spec:
  eventConfigurations:
    - { eventType: oom-kill, agentRef: { name: memory-analyzer, namespace: kagent }, prompt: "{{.ResourceName}}" }
    - { eventType: probe-failed, agentRef: { name: incident-responder }, prompt: "{{.ResourceName}}" }
`;

it('the commands of the documentation install it', async () => {
  await cluster.kubectl('delete', 'namespace', namespace, '--wait');
  // What follows waits for Pods, and there is no kubelet.
  const [commands = ''] = printedAfter('# With a key, or by the REST API').split(/^kubectl .*rollout status/m);
  const filledIn = commands
    .replace('HOST:7233', temporalAddress)
    .replace('REGISTRY', 'registry.example')
    .replace('https://api.kagent.dev', kagent.url);
  expect(await typed(filledIn)).toMatch(/STATUS: deployed[^]*watches all namespaces/);
  await cluster.helm('helm', 'upgrade', values);
});

it('Secrets let it in where Temporal wants TLS, a certificate and an API key', async () => {
  const client = authority.issue('kagent-hooks', 'DNS:kagent-hooks');
  const files = { 'tls.crt': client.cert, 'tls.key': client.key, 'ca.crt': authority.cert, 'key.txt': temporalKey };
  const from = ['tls.crt', 'tls.key', 'ca.crt'].map((file) => `--from-file=${file}`).join(' ');
  await cluster.shell(`kubectl create secret generic temporal-client --type=kubernetes.io/tls ${from}`, files);
  const example = readFileSync(join(chartFolder, 'examples/temporal-cloud-api-key.yaml'), 'utf8');
  const [, createSecret = ''] = /^# +(kubectl create secret .*)$/m.exec(example) ?? [];
  await cluster.shell(createSecret, files);
  const [job = ''] = (await cluster.kubectl('get', 'jobs', '--output=name', `--selector=${registers}`)).split('\n');
  expect(await (await actAsKubelet(cluster, job)).run('register')).toContain('were added');
  expect(door.guests).toEqual(new Set(['kagent-hooks asks for temporal.example']));
});

it('after the commands of the specification both processes are ready, with what is mounted', async () => {
  await cluster.shell(quoteWith('kubectl create configmap'), { 'your-ca.crt': tls.cert });
  await typed(printedAfter('# Encryption'));
  const [setLogLevel = ''] = quoteWith('LOG_LEVEL=debug').split('\n');
  await cluster.shell(setLogLevel);
  pod = await startPod();
  expect((await fetch(`${pod.watcher.url}/readyz`)).status).toBe(200);
  expect(door.refused()).toBe(0);
});

it('who may edit a namespace makes a Hook; its incident fails for the wrong key, and is asked about once with the right one', async () => {
  await cluster.kubectl('create', 'rolebinding', 'dev', '--clusterrole=edit', '--user=dev', '--namespace=shop');
  await waitFor('the right to make Hooks', async () =>
    cluster.shell(`kubectl --as=dev apply -f - <<'END'\n${hook}END`).then(
      () => true,
      () => false,
    ),
  );
  await actions.createPod('shop', 'leaky');
  await actions.setStatus('shop', 'leaky', running());
  await actions.setStatus('shop', 'leaky', oomKilled({ killed: 'a0', now: 'a1', restartCount: 1 }));
  await waitFor('the failure to be reported', async () =>
    (await cluster.kubectl('get', 'events', '--namespace=shop')).includes('(Unauthorized)'),
  );
  expect(await statusOf('leaky')).toBe('FAILED');
  expect(kagent.runs).toHaveLength(0);

  await cluster.kubectl('patch', 'secret', 'kagent-credentials', '-p', `{"stringData":{"api-key":"${apiKey}"}}`);
  await pod.kubelet.sync();
  await waitFor('the agent to be asked', async () => kagent.runs.length > 0, 60_000);
  const row = await waitFor('the status', async () => {
    const hooks = await cluster.kubectl('get', 'hooks', '--namespace=shop');
    return /^watchful .*True/m.test(hooks) && hooks;
  });
  expect(row).toMatch(/^NAME +READY/);
  await expect(listWithoutKeys()).rejects.toThrow(/binary\/encrypted/);
  expect(kagent.runs).toHaveLength(1);
  expect(readFileSync(pod.watcher.logFile, 'utf8')).not.toMatch(/forbidden|\b403\b/i);
});

it('the printed commands install a codec server, which decrypts for who brings its token and for nobody else', async () => {
  const [install = '', show = ''] = printedAfter('# Codec server').split(/^kubectl port-forward .*\n/m);
  await typed(install);
  const kubelet = await actAsKubelet(cluster, 'deployment/kagent-hook-controller-codec-server');
  const server = await kubelet.start('codec-server');
  const workflowId = await waitFor('the end of its execution', async () => {
    const newest = await executionOf('leaky');
    return newest?.status.name === 'COMPLETED' && newest.workflowId;
  });
  const filledIn = show.replace('WORKFLOW_ID', `'${workflowId}'`).replace('http://localhost:8083', server.url);
  expect(await typed(filledIn)).toMatch(/COMPLETED[^]*"occurrences":\s*1/);
  const headers = { 'content-type': 'application/json', authorization: 'Bearer another' };
  expect((await fetch(`${server.url}/decode`, { method: 'POST', body: '{"payloads":[]}', headers })).status).toBe(401);
  await server.stop();
});

it('the printed grep finds the calls in the log of the first container', async () => {
  const [, grep = ''] = quoteWith('LOG_LEVEL=debug').split('\n');
  expect(await typed(grep, pod)).toMatch(/"name":"kagent-api".*memory-analyzer/);
});

it.runIf(hasCurl)(
  'the printed exec reaches Kagent with what the calling shell exports, and the form of the documentation with nothing',
  async () => {
    const exports = `export KAGENT_API_KEY=${apiKey} KAGENT_BASE_URL=${kagent.url}`;
    expect(JSON.parse(await typed(`${exports}\n${quoteWith('kubectl exec')}`, pod))).toEqual({ status: 'ok' });
    const documentation = readDocumentation();
    const inContainer = /`(sh -c 'curl .*?')` after the `--`/.exec(documentation)?.[1] ?? '';
    const command = `kubectl exec deployment/kagent-hook-controller -- ${pod.kubelet.within('worker', inContainer)}`;
    expect(JSON.parse(await typed(command, pod))).toEqual({ status: 'ok' });
    const healthz = quoteWith('localhost:8081').replace('8081', new URL(pod.worker.url).port);
    expect(JSON.parse(await typed(healthz, pod))).toMatchObject({ status: 'ok' });
  },
);

it('an execution in flight waits while nothing is installed, and ends with the next install, without another agent run', async () => {
  await actions.createPod('shop', 'slow', { readinessProbe: { httpGet: { path: '/', port: 80 } } });
  await actions.setStatus('shop', 'slow', running({ ready: false }));
  await waitFor('the agent to be asked', async () => kagent.runs.length === 2);
  await waitFor('the execution', async () => (await statusOf('slow')) === 'RUNNING');

  await cluster.helm('helm', 'uninstall');
  await stopPod(pod);
  expect(await cluster.kubectl('get', 'hooks', '--namespace=shop')).toContain('watchful');
  await actions.setStatus('shop', 'slow', running());
  expect(await statusOf('slow')).toBe('RUNNING');

  await cluster.helm('helm', 'install', values);
  pod = await startPod();
  await waitFor('the execution to end', async () => (await statusOf('slow')) === 'COMPLETED');
  expect(kagent.runs).toHaveLength(2);
});

it('after the printed commands nothing of it is left, and nothing has held up the deletion', async () => {
  await actions.setStatus('shop', 'slow', running({ ready: false }));
  await waitFor('another execution', async () => (await statusOf('slow')) === 'RUNNING');
  await cluster.helm('helm', 'uninstall');
  await stopPod(pod);
  await typed(printedAfter('It leaves behind').replaceAll('INSTALLATION', installation));
  const kinds =
    'all,configmaps,secrets,leases,roles,rolebindings,serviceaccounts,clusterroles,clusterrolebindings,crds';
  const left = (await cluster.kubectl('get', kinds, '--all-namespaces', '--output=name')).split('\n');
  // Without the keys nobody reads the histories that Temporal still has.
  expect(left.filter((name) => /kagent/.test(name))).toEqual(['secret/kagent-hooks-keys']);
  await waitFor('the open execution to end', async () => (await statusOf('slow')) === 'TERMINATED');
});
