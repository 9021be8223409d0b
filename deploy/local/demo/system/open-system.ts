/**
 * Opens everything that the demo needs: Temporal, Kagent and a cluster, ours or the user's, then worker and watcher.
 *
 * What it starts ends with the run; what it did not start it leaves as it is.
 */
import { randomBytes } from 'node:crypto';
import type { Server } from '../../servers/start-server.ts';
import { startProduct } from '../../start-product.ts';
import type { DemoOptions } from '../options.ts';
import { applyCrd, applyExamples, type OpenedCluster, openCluster, removeLease } from './open-cluster.ts';
import { openKagent } from './open-kagent.ts';
import { type OpenedTemporal, openTemporal, terminateOpen } from './open-temporal.ts';
import type { Opening } from './system.ts';

/** The running system. */
export type LocalSystem = Awaited<ReturnType<typeof openSystem>>;

export async function openSystem(opening: Opening) {
  const { rows, options } = opening;
  const installation = nameInstallation(options);
  const { temporal, kagent, cluster, worker } = await openParts(opening, installation);
  await rows.show('Hooks', async (progress) => {
    const text = await applyCrd(opening, cluster);
    if (cluster.isOwn) await applyExamples(cluster.kubectl);
    progress.done(cluster.isOwn ? `${text}, with two example Hooks` : text);
  });
  const watcher = await rows.show('Watcher', async (progress) => {
    const server = await startWatcher(opening, { temporal, cluster }, installation);
    progress.done('The watcher watches');
    return server;
  });
  await rows.settled();
  return {
    installation,
    client: temporal.client,
    /** `host:port` of Temporal. */
    temporalAddress: temporal.environment['TEMPORAL_ADDRESS'] ?? '',
    uiUrl: temporal.uiUrl,
    /** Nobody is there to answer what agents ask. */
    isOnce: options.isOnce,
    cluster,
    standIn: kagent.standIn,
    /** Everything that was started; none of it ends by itself. */
    servers: [...temporal.servers, ...cluster.servers, ...kagent.servers, worker, watcher],
    /** Worker and watcher, whose logs say why an incident did not reach its agent. */
    productServers: [worker, watcher],
  };
}

/** In a server of the user's, another run may have been before, or be at this moment. */
function nameInstallation({ context, temporalAddress }: DemoOptions): string {
  const isAlone = context === undefined && temporalAddress === undefined;
  return isAlone ? 'demo' : `demo-${randomBytes(3).toString('hex')}`;
}

/** All at once. The worker needs no cluster, and gets ready while that is still coming up. */
async function openParts(opening: Opening, installation: string) {
  const { rows, run } = opening;
  const opened = Promise.all([
    rows.show('Temporal', (progress) => openTemporal(opening, progress)),
    rows.show('Kagent', (progress) => openKagent(opening, progress)),
  ]);
  const [[temporal, kagent], cluster, worker] = await Promise.all([
    opened,
    rows.show('Kubernetes', (progress) => openCluster(opening, progress)),
    rows.show('Worker', async (progress) => {
      const [ofTemporal, ofKagent] = await opened;
      const environment = { ...ofKagent.environment, ...ofTemporal.environment, INSTALLATION: installation };
      const server = await startProduct('worker', run, environment);
      progress.done('The worker takes work');
      return server;
    }),
  ]);
  return { temporal, kagent, cluster, worker };
}

async function startWatcher(
  { run, cleanUps }: Opening,
  { temporal, cluster }: { temporal: OpenedTemporal; cluster: OpenedCluster },
  installation: string,
): Promise<Server> {
  if (!cluster.isOwn) cleanUps.push(removeLease(cluster, installation));
  if (!temporal.isOwn) cleanUps.push(terminateOpen(temporal.client, installation));
  const environment = { ...cluster.environment, ...temporal.environment, INSTALLATION: installation };
  return startProduct('watcher', run, environment);
}
