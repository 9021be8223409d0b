/**
 * The watcher process: environment → config → clients → watching.
 *
 * Waits for the API server and for Temporal, whichever is missing. Ends on SIGTERM or SIGINT after what it saw has reached
 * Temporal, within the grace time; holds no state worth saving.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { DataConverter } from '@temporalio/common';
import pino from 'pino';
import { openDataConverter } from '../codec/data-converter.ts';
import { serveHealth } from '../runtime/health.ts';
import { giveBackFreePages, limitHeapGrowth } from '../runtime/heap-growth.ts';
import { abortOnSignals, prepareOrExit } from '../runtime/start-process.ts';
import { readConfig } from './config.ts';
import type { Watching } from './context.ts';
import { connectTemporal } from './executions/connect-temporal.ts';
import { connectApiServer } from './kube/api-server.ts';
import { clusterUidOf } from './kube/cluster-uid.ts';
import { loadKubeConfig } from './kube/kube-config.ts';
import { lead } from './leading/lead.ts';
import { leasePlaceOf } from './leading/lease.ts';
import { createMetrics } from './serving/metrics.ts';
import { watch } from './watch.ts';

interface Starting extends Pick<Watching, 'config' | 'log' | 'health' | 'metrics' | 'signal'> {
  dataConverter: DataConverter | undefined;
}

async function main({ dataConverter, ...starting }: Starting): Promise<void> {
  const { config, log, health, signal } = starting;
  const isInCluster = config.KUBERNETES_SERVICE_HOST !== undefined;
  const api = connectApiServer(
    loadKubeConfig({ isInCluster, context: config.KUBECONFIG_CONTEXT }),
    'kagent-hook-controller/watcher',
  );
  health.set({ isReady: false, doing: 'waiting for the API server' });
  const clusterUid = await clusterUidOf(api, log, signal);
  health.set({ isReady: false, doing: 'waiting for Temporal' });
  const client = await connectTemporal(log, signal, dataConverter);
  health.set({ isReady: false, doing: 'looking at what is there' });
  const name = config.POD_NAME || hostname();
  const identity = config.LEADER_ELECTION ? `${name}_${randomBytes(4).toString('hex')}` : name;
  const watching = { ...starting, api, client, clusterUid, identity };
  if (!signal.aborted) await (config.LEADER_ELECTION ? watchWhileLeading(watching) : watch(watching));
  await client.connection.close();
  api.close();
}

/** A watcher that stands by is ready: a rollout must not wait for the one that it replaces to go first. */
async function watchWhileLeading(watching: Watching): Promise<void> {
  const { config, api, identity, log, signal, health } = watching;
  const lease = { api, ...leasePlaceOf(config), identity };
  const onStandby = (leader: string) => health.set({ isReady: true, doing: `standing by: ${leader} leads` });
  const leading = await lead({ lease, log, signal, onStandby });
  if (leading === undefined) return;
  await watch({ ...watching, signal: AbortSignal.any([signal, leading.lost]) });
  if (leading.lost.aborted) throw new Error('Somebody else leads now; this watcher ends, to begin again and stand by.');
  await leading.giveUp();
}

function prepare() {
  const config = readConfig();
  const log = pino({ level: config.LOG_LEVEL, base: { process: 'watcher' } });
  return { config, log, dataConverter: openDataConverter(config.CODEC_KEY_DIR, log) };
}

limitHeapGrowth();
giveBackFreePages();
const { config, log, dataConverter } = prepareOrExit(prepare);
const { signal } = abortOnSignals();
const metrics = createMetrics();
const health = serveHealth({ port: config.HEALTH_PORT, metrics: metrics.text });
try {
  await main({ config, dataConverter, log, health, metrics, signal });
} catch (error) {
  log.fatal({ error: error instanceof Error ? error.stack : String(error) }, 'the watcher cannot go on');
  process.exitCode = 1;
} finally {
  health.close();
}
