/**
 * Brings up everything that the demo needs: Temporal, a cluster, Kagent, and the product; or takes the user's own.
 *
 * Called by start.ts. What it starts is ended with the run; what it did not start it leaves as it is.
 */
import { randomBytes } from 'node:crypto';
import type { Progress } from '../progress.ts';
import type { Server } from '../servers/start-server.ts';
import { startKagentStandIn, startProduct } from '../start-product.ts';
import { applyCrd, applyExamples, type OpenedCluster, openCluster, removeLease } from './open-cluster.ts';
import { type OpenedTemporal, openTemporal, terminateOpen } from './open-temporal.ts';
import type { DemoOptions } from './options.ts';
import type { Backstage, Stage } from './stage.ts';

export async function openStage(backstage: Backstage): Promise<Stage> {
  const { rows, options } = backstage;
  const installation = nameInstallation(options);
  const opening = {
    temporal: rows.show('Temporal', (progress) => openTemporal(backstage, progress)),
    kagent: rows.show('Kagent', (progress) => openKagent(backstage, progress)),
  };
  // The worker needs no cluster, and gets ready while that is still coming up.
  const [temporal, kagent, cluster, worker] = await Promise.all([
    opening.temporal,
    opening.kagent,
    rows.show('Kubernetes', (progress) => openCluster(backstage, progress)),
    rows.show('Worker', async (progress) => {
      const [ofTemporal, ofKagent] = await Promise.all([opening.temporal, opening.kagent]);
      return startWorker(backstage, { installation, temporal: ofTemporal, kagent: ofKagent }, progress);
    }),
  ]);
  await rows.show('Hooks', (progress) => prepareCluster(backstage, cluster, progress));
  const watcher = await rows.show('Watcher', (progress) =>
    startWatcher(backstage, { installation, temporal, cluster }, progress),
  );
  await rows.settled();
  return {
    installation,
    client: temporal.client,
    uiUrl: temporal.uiUrl,
    kubectl: cluster.kubectl,
    kubectlCommand: cluster.command,
    kagentUrl: options.kagentBaseUrl === undefined ? kagent.url : undefined,
    isOwnCluster: cluster.isOwn,
    servers: [...temporal.servers, ...cluster.servers, ...kagent.servers, worker, watcher],
    products: [worker, watcher],
  };
}

/** In a server of the user's, another run may have been before, or be at this moment. */
function nameInstallation({ context, temporalAddress }: DemoOptions): string {
  const isAlone = context === undefined && temporalAddress === undefined;
  return isAlone ? 'demo' : `demo-${randomBytes(3).toString('hex')}`;
}

interface OpenedKagent {
  url: string;
  /** What the worker is told. */
  environment: Record<string, string>;
  servers: Server[];
}

/** Those of the worker's settings that belong to a Kagent. */
const kagentVariables = [
  'KAGENT_API_KEY',
  'KAGENT_TIMEOUT',
  'KAGENT_MAX_RETRIES',
  'KAGENT_CA_FILE',
  'KAGENT_ALLOW_HTTP',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
];

async function openKagent({ options, settings, run }: Backstage, progress: Progress): Promise<OpenedKagent> {
  const url = options.kagentBaseUrl;
  if (url !== undefined) {
    const environment = Object.fromEntries(
      kagentVariables.flatMap((name) => {
        const value = settings.environment[name];
        return value === undefined ? [] : [[name, value]];
      }),
    );
    progress.done(`Kagent at ${url} will be asked`);
    return { url, environment: { ...environment, KAGENT_BASE_URL: url }, servers: [] };
  }
  const apiKey = randomBytes(12).toString('hex');
  const standIn = await startKagentStandIn(run, apiKey);
  progress.done(`A stand-in for Kagent answers at ${standIn.url}`);
  return {
    url: standIn.url,
    environment: { KAGENT_API_KEY: apiKey, KAGENT_BASE_URL: standIn.url },
    servers: [standIn],
  };
}

async function prepareCluster(backstage: Backstage, cluster: OpenedCluster, progress: Progress): Promise<void> {
  const text = await applyCrd(backstage, cluster);
  if (cluster.isOwn) await applyExamples(cluster.kubectl);
  progress.done(cluster.isOwn ? `${text}, with two example Hooks` : text);
}

interface WorkerParts {
  installation: string;
  temporal: OpenedTemporal;
  kagent: OpenedKagent;
}

async function startWorker({ run }: Backstage, parts: WorkerParts, progress: Progress): Promise<Server> {
  const { installation, temporal, kagent } = parts;
  const worker = await startProduct('worker', run, {
    ...kagent.environment,
    ...temporal.environment,
    INSTALLATION: installation,
  });
  progress.done('The worker takes work');
  return worker;
}

interface WatcherParts {
  installation: string;
  temporal: OpenedTemporal;
  cluster: OpenedCluster;
}

async function startWatcher({ run, farewells }: Backstage, parts: WatcherParts, progress: Progress): Promise<Server> {
  const { installation, temporal, cluster } = parts;
  if (!cluster.isOwn) farewells.push(removeLease(cluster, installation));
  if (!temporal.isOwn) farewells.push(terminateOpen(temporal.client, installation));
  const watcher = await startProduct('watcher', run, {
    ...cluster.environment,
    ...temporal.environment,
    INSTALLATION: installation,
  });
  progress.done('The watcher watches');
  return watcher;
}
