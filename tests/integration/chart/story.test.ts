/** From helm install to what uninstalling leaves behind, with the processes, rights and mounted folders of the Deployment. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { ProductServer } from '../../../deploy/local/start-product.ts';
import { makeCertificate } from '../../api-server/certificate.ts';
import { actOn, type ClusterActions, oomKilled, running } from '../../e2e/cluster-actions.ts';
import { type FakeKagent, startFakeKagent } from '../../fake-kagent/server.ts';
import { quoteWith } from '../../specification.ts';
import { waitFor } from '../../wait-for.ts';
import { required } from './chart.ts';
import { type ChartCluster, startChartCluster } from './cluster.ts';
import { actAsKubelet, type Kubelet } from './kubelet.ts';

const apiKey = 'the-right-key';
const installation = `c${randomBytes(4).toString('hex')}`;
const temporalAddress = inject('temporalAddress');
const values = {
  ...required,
  installation,
  temporal: { address: temporalAddress },
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
const hasCurl = spawnSync('curl', ['--version']).status === 0;

let cluster: ChartCluster;
let actions: ClusterActions;
let kagent: FakeKagent;
let connection: Connection;
let kubelet: Kubelet;
let pod: { watcher: ProductServer; worker: ProductServer };
const tls = makeCertificate();

beforeAll(async () => {
  cluster = await startChartCluster();
  kagent = await startFakeKagent({ apiKey, tls });
  actions = actOn(cluster.kubeconfigPath);
  connection = Connection.lazy({ address: temporalAddress });
  await actions.createNamespace('shop');
});
afterAll(async () => {
  await connection?.close();
  await cluster?.stop();
  await kagent?.stop();
  actions?.api.close();
});

/** As a kubelet would once the Deployment is there: volumes, init container, both containers. */
async function startPod(): Promise<void> {
  kubelet = await actAsKubelet(cluster, 'kagent-hook-controller');
  await kubelet.init('curl-ca');
  const watcher = await kubelet.start('watcher');
  const worker = await kubelet.start('worker', { WATCHER_HEALTH_URL: watcher.url });
  pod = { watcher, worker };
}

async function stopPod(): Promise<void> {
  await Promise.all([pod.watcher.stop(), pod.worker.stop()]);
}

/** A command as it is printed, with exec and logs answered by the container's process instead of a kubelet. */
async function typed(command: string): Promise<string> {
  const bin = join(cluster.run.folder, `bin-${randomBytes(4).toString('hex')}`);
  mkdirSync(bin);
  symlinkSync(inject('enginePaths').temporal, join(bin, 'temporal'));
  const bundle = kubelet.environmentOf('worker')['CURL_CA_BUNDLE'] ?? '';
  const shim = `#!/bin/sh
case "$1" in
exec) while [ "$1" != -- ]; do shift; done; shift; exec env -i PATH="$PATH" CURL_CA_BUNDLE=${bundle} "$@" ;;
logs) exec cat ${pod.worker.logFile} ;;
*) exec ${inject('enginePaths').kubectl} "$@" ;;
esac
`;
  writeFileSync(join(bin, 'kubectl'), shim, { mode: 0o755 });
  return cluster.shell(`export PATH=${bin}:$PATH TEMPORAL_ADDRESS=${temporalAddress}\n${command}`);
}

async function statusOf(resource: string): Promise<string | undefined> {
  const query = `Installation='${installation}' AND ResourceName='${resource}'`;
  for await (const { status } of new Client({ connection }).workflow.list({ query })) return status.name;
  return undefined;
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

it('after the printed commands both processes are ready, with what is mounted and with no other right than the token', async () => {
  await cluster.helm('helm', 'install', values);
  await cluster.kubectl('wait', '--for=condition=Established', 'crd/hooks.kagent.dev', '--timeout=30s');
  const withAddress = quoteWith('kubectl create secret').replace('https://api.kagent.dev', kagent.url);
  await cluster.shell(withAddress);
  await cluster.shell(quoteWith('kubectl create configmap'), { 'your-ca.crt': tls.cert });
  const [setLogLevel = ''] = quoteWith('LOG_LEVEL=debug').split('\n');
  await cluster.shell(setLogLevel);
  await startPod();
  expect(kubelet.environmentOf('watcher')).not.toHaveProperty('KAGENT_SECRET_DIR');
  expect((await fetch(`${pod.watcher.url}/readyz`)).status).toBe(200);
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
  await waitFor('the failure to be told', async () =>
    (await cluster.kubectl('get', 'events', '--namespace=shop')).includes('(Unauthorized)'),
  );
  expect(await statusOf('leaky')).toBe('FAILED');
  expect(kagent.runs).toHaveLength(0);

  await cluster.kubectl('patch', 'secret', 'kagent-credentials', '-p', `{"stringData":{"api-key":"${apiKey}"}}`);
  await kubelet.sync();
  await waitFor('the agent to be asked', async () => kagent.runs.length > 0, 60_000);
  const row = await waitFor('the status', async () => {
    const hooks = await cluster.kubectl('get', 'hooks', '--namespace=shop');
    return /^watchful .*True/m.test(hooks) && hooks;
  });
  expect(row).toMatch(/^NAME +READY/);
  expect(kagent.runs).toHaveLength(1);
  expect(readFileSync(pod.watcher.logFile, 'utf8')).not.toMatch(/forbidden|\b403\b/i);
});

it('the printed grep finds the calls in the log of the first container', async () => {
  const [, grep = ''] = quoteWith('LOG_LEVEL=debug').split('\n');
  expect(await typed(grep)).toMatch(/"name":"kagent-api".*memory-analyzer/);
});

it.runIf(hasCurl)(
  'the printed exec reaches Kagent with what the calling shell exports, and the form of the README with nothing',
  async () => {
    const exports = `export KAGENT_API_KEY=${apiKey} KAGENT_BASE_URL=${kagent.url}`;
    expect(JSON.parse(await typed(`${exports}\n${quoteWith('kubectl exec')}`))).toEqual({ status: 'ok' });
    const readme = readFileSync('README.md', 'utf8');
    const inContainer = /`(sh -c 'curl .*?')` after the `--`/.exec(readme)?.[1] ?? '';
    const command = `kubectl exec deployment/kagent-hook-controller -- ${kubelet.within('worker', inContainer)}`;
    expect(JSON.parse(await typed(command))).toEqual({ status: 'ok' });
    const healthz = quoteWith('localhost:8081').replace('8081', new URL(pod.worker.url).port);
    expect(JSON.parse(await typed(healthz))).toMatchObject({ status: 'ok' });
  },
);

it('an execution in flight waits while nothing is installed, and ends with the next install, without another agent run', async () => {
  await actions.createPod('shop', 'slow', { readinessProbe: { httpGet: { path: '/', port: 80 } } });
  await actions.setStatus('shop', 'slow', running({ ready: false }));
  await waitFor('the agent to be asked', async () => kagent.runs.length === 2);
  await waitFor('the execution', async () => (await statusOf('slow')) === 'RUNNING');

  await cluster.helm('helm', 'uninstall');
  await stopPod();
  expect(await cluster.kubectl('get', 'hooks', '--namespace=shop')).toContain('watchful');
  await actions.setStatus('shop', 'slow', running());
  expect(await statusOf('slow')).toBe('RUNNING');

  await cluster.helm('helm3', 'install', values);
  await startPod();
  await waitFor('the execution to end', async () => (await statusOf('slow')) === 'COMPLETED');
  expect(kagent.runs).toHaveLength(2);
});

it('after the printed commands nothing of it is left, and nothing has held up the deletion', async () => {
  await actions.setStatus('shop', 'slow', running({ ready: false }));
  await waitFor('another execution', async () => (await statusOf('slow')) === 'RUNNING');
  await cluster.helm('helm', 'uninstall');
  await stopPod();
  const [, commands = ''] = /It leaves behind[^`]*```bash\n([^]*?)```/.exec(readFileSync('README.md', 'utf8')) ?? [];
  await typed(commands.replaceAll('INSTALLATION', installation));
  const kinds =
    'all,configmaps,secrets,leases,roles,rolebindings,serviceaccounts,clusterroles,clusterrolebindings,crds';
  const left = (await cluster.kubectl('get', kinds, '--all-namespaces', '--output=name')).split('\n');
  expect(left.filter((name) => /kagent/.test(name))).toEqual([]);
  await waitFor('the open execution to end', async () => (await statusOf('slow')) === 'TERMINATED');
});
