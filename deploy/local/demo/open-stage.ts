/**
 * Brings up everything that the demo needs: Temporal, a cluster, Kagent, and the product; or takes the user's own.
 *
 * What it starts is ended with the run; what it did not start it leaves as it is.
 */
import { randomBytes } from 'node:crypto';
import type { Progress } from '../progress.ts';
import type { Server } from '../servers/start-server.ts';
import { a2aRelease, startA2aStandIn, startKagentStandIn, startProduct } from '../start-product.ts';
import { applyCrd, applyExamples, type OpenedCluster, openCluster, removeLease } from './open-cluster.ts';
import { type OpenedTemporal, openTemporal, terminateOpen } from './open-temporal.ts';
import type { DemoOptions } from './options.ts';
import type { Backstage, Stage, StandIn } from './stage.ts';

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
    temporalAddress: temporal.environment['TEMPORAL_ADDRESS'] ?? '',
    isOnce: options.isOnce,
    uiUrl: temporal.uiUrl,
    kubectl: cluster.kubectl,
    kubectlCommand: cluster.command,
    standIn: kagent.standIn,
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
  /** Undefined where Kagent is the user's. */
  standIn: StandIn | undefined;
  /** What the worker is told. */
  environment: Record<string, string>;
  servers: Server[];
}

/** Those of the worker's settings that belong to a Kagent. */
const kagentVariables = [
  'KAGENT_API_KEY',
  'KAGENT_PROTOCOL',
  'KAGENT_USER_ID',
  'KAGENT_HEADERS',
  'KAGENT_UI_URL',
  'KAGENT_AGENT_ID',
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

async function openKagent(backstage: Backstage, progress: Progress): Promise<OpenedKagent> {
  const url = backstage.options.kagentBaseUrl;
  if (url === undefined) return startOurKagent(backstage, progress);
  const environment = Object.fromEntries(
    kagentVariables.flatMap((name) => {
      const value = backstage.settings.environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  progress.done(`Kagent at ${url} will be asked`);
  return { standIn: undefined, environment: { ...environment, KAGENT_BASE_URL: url }, servers: [] };
}

async function startOurKagent({ options, run }: Backstage, progress: Progress): Promise<OpenedKagent> {
  const { protocol } = options;
  const apiKey = randomBytes(12).toString('hex');
  const isRest = protocol === 'rest';
  const server = await (isRest
    ? startKagentStandIn(run, apiKey)
    : startA2aStandIn(run, apiKey, { asksForChanges: true }));
  const { url } = server;
  progress.done(
    isRest
      ? `A stand-in for Kagent answers at ${url}, by the REST API`
      : `A stand-in for Kagent ${a2aRelease} answers at ${url}, by A2A; no model, its agents answer from a list`,
  );
  return {
    standIn: { url, protocol },
    // How it is spoken to is for the worker to find out.
    environment: { KAGENT_API_KEY: apiKey, KAGENT_BASE_URL: url },
    servers: [server],
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
