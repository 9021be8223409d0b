/**
 * Brings up everything that the demo needs: Temporal, a cluster, Kagent, and the product; or takes the user's own.
 *
 * Called by start.ts. What it starts is ended with the run; what it did not start it leaves as it is.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { resolveEngine, resolveEngines } from '../engines/resolve-engine.ts';
import type { Progress } from '../progress.ts';
import type { Run } from '../runs/open-run.ts';
import type { LocalSettings } from '../settings.ts';
import { startCluster } from '../start-cluster.ts';
import { startKagentStandIn, startProduct } from '../start-product.ts';
import { startTemporal } from '../start-temporal.ts';
import { type Kubectl, kubectlFor } from './kubectl.ts';
import { demoNamespace } from './make-trouble.ts';
import type { DemoOptions } from './options.ts';

export interface Stage {
  installation: string;
  client: Client;
  uiUrl: string;
  kubectl: Kubectl;
  /** How a user calls kubectl for this cluster. */
  kubectlCommand: string;
  /** The stand-in for Kagent, where it is ours. */
  kagentUrl: string | undefined;
  /** Whether the cluster is ours to make trouble in. */
  isOwnCluster: boolean;
}

export interface Backstage {
  options: DemoOptions;
  settings: LocalSettings;
  run: Run;
  progress: Progress;
}

/** The user's variables for Temporal, and nothing else of the user's, reach the product's processes. */
const temporalVariable = /^TEMPORAL_/;

export async function openStage(backstage: Backstage): Promise<Stage> {
  const { options, progress } = backstage;
  const [temporal, cluster, kagent] = await Promise.all([
    openTemporal(backstage),
    openCluster(backstage),
    openKagent(backstage),
  ]);
  progress.done('Temporal, Kubernetes and Kagent answer');
  await applyCrd(cluster.kubectl, progress);
  if (cluster.isOwn) await applyExamples(cluster.kubectl);
  const installation = cluster.isOwn ? 'demo' : `demo-${randomBytes(3).toString('hex')}`;
  await startProducts(backstage, { installation, temporal, cluster, kagent });
  return {
    installation,
    client: temporal.client,
    uiUrl: temporal.uiUrl,
    kubectl: cluster.kubectl,
    kubectlCommand: cluster.command,
    kagentUrl: options.kagentBaseUrl === undefined ? kagent.url : undefined,
    isOwnCluster: cluster.isOwn,
  };
}

interface Servers {
  installation: string;
  temporal: { environment: Record<string, string> };
  cluster: { environment: Record<string, string>; isOwn: boolean };
  kagent: { url: string; apiKey: string };
}

async function startProducts({ run, progress }: Backstage, servers: Servers): Promise<void> {
  const { installation, temporal, cluster, kagent } = servers;
  const shared = { INSTALLATION: installation, ...temporal.environment };
  // Short waits, so that the story can be watched; the defaults are for production.
  const pace = cluster.isOwn
    ? { POD_PENDING_AFTER: '2s', QUIET_WINDOW: '30s', SIGNAL_EVERY: '1s', STATUS_EVERY: '1s' }
    : {};
  const worker = { ...shared, KAGENT_API_KEY: kagent.apiKey, KAGENT_BASE_URL: kagent.url };
  const watcher = { ...shared, ...cluster.environment, ...pace };
  await Promise.all([startProduct('worker', run, worker), startProduct('watcher', run, watcher)]);
  progress.done('Watcher and worker do their work');
}

async function openTemporal({ options, settings, run, progress }: Backstage) {
  const { temporalAddress, temporalUiUrl } = options;
  if (temporalAddress !== undefined) {
    const environment = Object.fromEntries(
      Object.entries(settings.environment).flatMap(([name, value]) =>
        temporalVariable.test(name) && value !== undefined ? [[name, value]] : [],
      ),
    );
    const { connectionOptions, namespace } = loadClientConnectConfig();
    const connection = await Connection.connect(connectionOptions);
    const client = new Client({ connection, ...(namespace !== undefined && { namespace }) });
    return { client, uiUrl: temporalUiUrl ?? `http://${temporalAddress.split(':')[0]}:8233`, environment };
  }
  const path = await resolveEngine('temporal', { settings, progress, reaper: run.reaper });
  const temporal = await startTemporal({ run, path });
  const connection = await Connection.connect({ address: temporal.address });
  return {
    client: new Client({ connection }),
    uiUrl: temporal.uiUrl,
    environment: { TEMPORAL_ADDRESS: temporal.address },
  };
}

async function openCluster({ options, settings, run, progress }: Backstage) {
  const shared = { settings, progress, reaper: run.reaper };
  const { context } = options;
  if (context !== undefined) {
    const kubectl = kubectlFor({
      path: await resolveEngine('kubectl', shared),
      context,
      environment: { ...settings.environment },
    });
    const { KUBECONFIG, HOME = '' } = settings.environment;
    // A plugin that logs in needs the user's own home and PATH.
    const own = {
      HOME,
      KUBECONFIG_CONTEXT: context,
      NAMESPACE: 'default',
      ...(KUBECONFIG !== undefined && { KUBECONFIG }),
    };
    return { kubectl, command: `kubectl --context=${context}`, environment: own, isOwn: false };
  }
  const paths = await resolveEngines(shared);
  const { kubeconfigPath } = await startCluster({ run, paths, unsafeNoFsync: true });
  const kubectl = kubectlFor({ path: paths.kubectl, kubeconfigPath, environment: { ...run.environment } });
  const environment = {
    KUBECONFIG: kubeconfigPath,
    KUBECONFIG_CONTEXT: (await kubectl(['config', 'current-context'])).trim(),
    NAMESPACE: demoNamespace,
    CLUSTER_NAME: 'demo-cluster',
  };
  return { kubectl, command: `${paths.kubectl} --kubeconfig=${kubeconfigPath}`, environment, isOwn: true };
}

async function openKagent({ options, run }: Backstage): Promise<{ url: string; apiKey: string }> {
  const { kagentBaseUrl, kagentApiKey } = options;
  if (kagentBaseUrl !== undefined) return { url: kagentBaseUrl, apiKey: kagentApiKey ?? '' };
  const apiKey = randomBytes(12).toString('hex');
  return { url: (await startKagentStandIn(run, apiKey)).url, apiKey };
}

/** An existing CRD is left alone, whoever made it. */
async function applyCrd(kubectl: Kubectl, progress: Progress): Promise<void> {
  const existing = await kubectl(['get', 'crd', 'hooks.kagent.dev', '--ignore-not-found', '-o', 'name']);
  if (existing.trim() !== '') {
    progress.done('The CRD hooks.kagent.dev is there already and is left alone');
    return;
  }
  await kubectl(
    ['create', '-f', '-'],
    await readFile(new URL('../../crd/hooks.kagent.dev.yaml', import.meta.url), 'utf8'),
  );
  await kubectl(['wait', '--for=condition=Established', 'crd/hooks.kagent.dev', '--timeout=30s']);
  progress.done('The CRD hooks.kagent.dev was made');
}

async function applyExamples(kubectl: Kubectl): Promise<void> {
  await kubectl(['create', 'namespace', demoNamespace]);
  for (const name of ['crashes.yaml', 'not-running.yaml']) {
    await kubectl(['apply', '-f', '-'], await readFile(new URL(`../../examples/${name}`, import.meta.url), 'utf8'));
  }
}
