/**
 * A small world for one test file: its own installation, namespace and fake Kagent, on the cluster of this worker.
 *
 * Started in beforeAll, stopped in afterAll. One at a time: every watcher sees the Hooks of the whole cluster.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { inject } from 'vitest';
import { openRun, type Run } from '../../deploy/local/runs/open-run.ts';
import { readSettings } from '../../deploy/local/settings.ts';
import { type ProductProcess, type ProductServer, starterOf } from '../../deploy/local/start-product.ts';
import { untilEstablished } from '../../deploy/local/until-established.ts';
import { HookStatus } from '../../workflows/contract/hook-status.ts';
import { temporalChannel } from '../../workflows/contract/temporal-channel.ts';
import { kubeconfigPath } from '../engines/of-worker.ts';
import { type FakeKagent, startFakeKagent } from '../fake-kagent/server.ts';
import { actOn, type ClusterActions } from './cluster-actions.ts';

type ControllerProcess = Exclude<ProductProcess, 'codec-server'>;

export interface World {
  installation: string;
  namespace: string;
  cluster: ClusterActions;
  kagent: FakeKagent;
  client: Client;
  run: Run;
  start: (name: ControllerProcess, over?: Record<string, string>) => Promise<ProductServer>;
  kubectl: (...args: string[]) => Promise<string>;
  /** What the command `ledger` prints about this installation, as people run it. */
  ledger: (args?: readonly string[], over?: Record<string, string>) => Promise<string>;
  /** Requests to run an agent; looking agents up is not among them. */
  asks: () => FakeKagent['requests'];
  /** Those for this resource. */
  asksAbout: (resourceName: string) => FakeKagent['requests'];
  /** Executions of this installation, newest first. */
  executions: () => Promise<{ workflowId: string; runId: string; status: string }[]>;
  hookStatus: (name: string) => Promise<HookStatus>;
  stop: () => Promise<void>;
}

export const apiKey = 'key-that-must-never-show';

export interface WorldOptions {
  /** A Temporal of the test's own, where it has to go away; the shared one otherwise. */
  temporalAddress?: string;
  /** With which the test's own client reads what the processes have encrypted. */
  dataConverter?: DataConverter;
  /** Agents that the fake Kagent knows beside its own; `*` for any. */
  agents?: readonly string[];
}

export async function startWorld({
  temporalAddress = inject('temporalAddress'),
  dataConverter,
  agents = [],
}: WorldOptions = {}): Promise<World> {
  const installation = `t${randomBytes(4).toString('hex')}`;
  const run = await openRun(readSettings());
  const kagent = await startFakeKagent({ apiKey, agents });
  const kubeconfig = kubeconfigPath();
  const cluster = actOn(kubeconfig);
  const connection = Connection.lazy({ address: temporalAddress, channelArgs: temporalChannel });
  const client = new Client({ connection, ...(dataConverter !== undefined && { dataConverter }) });
  const kubectlPath = inject('enginePaths').kubectl;
  const kubectl = async (...args: string[]) =>
    (await promisify(execFile)(kubectlPath, ['--kubeconfig', kubeconfig, ...args])).stdout;
  await kubectl('apply', '-f', 'deploy/crd/hooks.kagent.dev.yaml');
  await untilEstablished((args) => kubectl(...args));
  await cluster.createNamespace(installation);

  const shared = { INSTALLATION: installation, TEMPORAL_ADDRESS: temporalAddress, LOG_LEVEL: 'debug' };
  const context = (await kubectl('config', 'current-context')).trim();
  const ofCluster = { KUBECONFIG: kubeconfig, KUBECONFIG_CONTEXT: context, NAMESPACE: installation };
  const environments: Record<ControllerProcess, Record<string, string>> = {
    watcher: {
      ...shared,
      ...ofCluster,
      CLUSTER_NAME: 'prod-cluster-1',
      POD_PENDING_AFTER: '1s',
      PROBE_FAILED_AFTER: '1s',
      QUIET_WINDOW: '3s',
      MIN_REPEAT_AFTER: '1s',
      SIGNAL_EVERY: '200ms',
      STATUS_EVERY: '500ms',
      RECONCILE_EVERY: '2s',
    },
    worker: { ...shared, KAGENT_API_KEY: apiKey, KAGENT_BASE_URL: kagent.url, KAGENT_TIMEOUT: '5s' },
  };

  const asks = () => kagent.requests.filter(({ method }) => method === 'POST');
  return {
    installation,
    namespace: installation,
    cluster,
    kagent,
    client,
    run,
    start: (name, over = {}) => starterOf(inject('productFolder'))(name, run, { ...environments[name], ...over }),
    kubectl,
    ledger: async (args = [], over = {}) => {
      const address = { INSTALLATION: installation, TEMPORAL_ADDRESS: temporalAddress };
      const env = { ...process.env, ...address, ...ofCluster, ...over };
      return (await promisify(execFile)('node', ['watcher/ledger/main.ts', ...args], { env })).stdout;
    },
    asks,
    asksAbout: (resourceName) =>
      asks().filter(({ body }) => JSON.stringify(body).includes(`"resourceName":"${resourceName}"`)),
    executions: async () => {
      const found: { workflowId: string; runId: string; status: string }[] = [];
      for await (const { workflowId, runId, status } of client.workflow.list({
        query: `Installation='${installation}'`,
      })) {
        found.push({ workflowId, runId, status: status.name });
      }
      return found;
    },
    hookStatus: async (name) => hookStatusOf(await cluster.getHook(installation, name)),
    stop: async () => {
      await run.close();
      // For a Hook that stays, the watchers of other tests would start incidents of what is still true here.
      await cluster.deleteHooks(installation);
      await kagent.stop();
      await connection.close();
      cluster.api.close();
    },
  };
}

export function hookStatusOf(hook: unknown): HookStatus {
  return HookStatus.parse(typeof hook === 'object' && hook !== null && 'status' in hook ? hook.status : {});
}
