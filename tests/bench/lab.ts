/**
 * Where a cell of the bench runs: Temporal, a cluster and the compiled processes, each a process of its own, on this machine.
 *
 * Opened anew for each cell, so that no cell inherits the executions of another. Measures nothing itself.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { resolveEngines } from '../../deploy/local/engines/resolve-engine.ts';
import { plainProgress } from '../../deploy/local/progress.ts';
import { openRun, type Run } from '../../deploy/local/runs/open-run.ts';
import { findFreePort } from '../../deploy/local/servers/find-free-port.ts';
import { readSettings } from '../../deploy/local/settings.ts';
import { type Cluster, startCluster } from '../../deploy/local/start-cluster.ts';
import { type ProductServer, starterOf } from '../../deploy/local/start-product.ts';
import { startTemporal, type Temporal } from '../../deploy/local/start-temporal.ts';
import { untilEstablished } from '../../deploy/local/until-established.ts';
import { actOn, type ClusterActions } from '../e2e/cluster-actions.ts';

export interface Lab {
  installation: string;
  run: Run;
  temporal: Temporal;
  /** What Temporal counts, in Prometheus' text format. */
  temporalMetrics: () => Promise<string>;
  client: Client;
  cluster: Cluster;
  actions: ClusterActions;
  kubectl: (...args: string[]) => Promise<string>;
  startWorker: (over: Record<string, string>) => Promise<ProductServer>;
  startWatcher: (over?: Record<string, string>) => Promise<ProductServer>;
  close: () => Promise<void>;
}

/** What the image sets for every process; and what whoever runs the bench wants of Node besides, such as profiles. */
export const imageEnvironment = {
  MALLOC_ARENA_MAX: '2',
  NODE_OPTIONS: `--max-semi-space-size=2 ${process.env['BENCH_NODE_OPTIONS'] ?? ''}`,
};

/** No Node of these Pods has a kubelet; the grace keeps the node controller from evicting them. */
const controllerManagerFlags = ['--node-startup-grace-period=24h'];

/** The metrics of an API server are over a megabyte. */
const maxBuffer = 64 * 1024 * 1024;

let isBuilt = false;

/** Compiles the processes once for all cells. */
export async function buildOnce(): Promise<void> {
  if (isBuilt) return;
  await promisify(execFile)('npm', ['run', '--silent', 'build']);
  isBuilt = true;
}

export async function openLab({ installation = 'bench' } = {}): Promise<Lab> {
  await buildOnce();
  const settings = readSettings();
  const run = await openRun(settings);
  const progress = plainProgress((line) => process.stderr.write(line));
  const paths = await resolveEngines({ settings, progress, reaper: run.reaper });
  const metricsPort = await findFreePort();
  const [temporal, cluster] = await Promise.all([
    startTemporal({ run, path: paths.temporal, flags: [`--metrics-port=${metricsPort}`] }),
    startCluster({ run, paths, unsafeNoFsync: true, controllerManagerFlags }),
  ]);
  const connection = await Connection.connect({ address: temporal.address });
  const actions = actOn(cluster.kubeconfigPath);
  const kubectl = async (...args: string[]) =>
    (await promisify(execFile)(paths.kubectl, ['--kubeconfig', cluster.kubeconfigPath, ...args], { maxBuffer })).stdout;
  await kubectl('apply', '-f', 'deploy/crd/hooks.kagent.dev.yaml');
  await untilEstablished((args) => kubectl(...args));
  await actions.createNamespace(installation);
  const shared = { INSTALLATION: installation, TEMPORAL_ADDRESS: temporal.address, ...imageEnvironment };
  const context = (await kubectl('config', 'current-context')).trim();
  const ofWatcher = { KUBECONFIG: cluster.kubeconfigPath, KUBECONFIG_CONTEXT: context, NAMESPACE: installation };
  return {
    installation,
    run,
    temporal,
    temporalMetrics: async () => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text(),
    client: new Client({ connection }),
    cluster,
    actions,
    kubectl,
    startWorker: (over) => starterOf('dist')('worker', run, { ...shared, ...over }),
    startWatcher: (over = {}) => starterOf('dist')('watcher', run, { ...shared, ...ofWatcher, ...over }),
    close: async () => {
      actions.api.close();
      await connection.close();
      await run.close();
    },
  };
}
