/**
 * The worker process: runs the workflows and their activities for one installation.
 *
 * Run by `node workers/main.ts`. Only puts the parts together. Needs Temporal and the Kagent credentials, and nothing of
 * Kubernetes. On SIGTERM it takes no more work and lets running calls finish within the grace time.
 */
import { Client } from '@temporalio/client';
import { DefaultLogger, type MetricsExporterConfig, Runtime, type Worker } from '@temporalio/worker';
import pino, { type Logger } from 'pino';
import { openDataConverter } from '../codec/data-converter.ts';
import { type Health, serveHealth } from '../runtime/health.ts';
import { limitHeapGrowth } from '../runtime/heap-growth.ts';
import { abortOnSignals, prepareOrExit } from '../runtime/start-process.ts';
import { taskQueue } from '../workflows/contract/plain/names.ts';
import { readConfig, type WorkerConfig } from './config.ts';
import { connectAgents } from './connect-agents.ts';
import { connectTemporal } from './connect-temporal.ts';
import { createWorkers } from './create-workers.ts';
import { recheckOnChange } from './recheck-agents.ts';
import { followCa } from './secrets/ca-file.ts';
import { followCredentials, readCredentials } from './secrets/credentials.ts';
import { createMetrics, type WorkerMetrics } from './serving/metrics.ts';
import { askNeighbour } from './serving/neighbour.ts';
import { openSdkMetrics } from './serving/sdk-metrics.ts';
import { watchTemporal } from './serving/temporal-check.ts';

/** Named in the User-Agent of calls to agents. */
const version = '0.1.0';

/** How soon a rotated Secret is noticed for looking up agents; calls read it anew in any case. */
const recheckEveryMs = 2000;

const fairnessHint =
  'Executions carry the namespace of their Hook as fairness key. It has effect only on a Temporal server with ' +
  'matching.enableFairness=true, in Temporal Cloud where fairness is on for the namespace; that cannot be asked for';

interface Parts extends Pick<ReturnType<typeof prepare>, 'log' | 'caPem' | 'dataConverter'> {
  health: Health;
  metrics: WorkerMetrics;
  signal: AbortSignal;
}

async function work(config: WorkerConfig, parts: Parts): Promise<void> {
  const { log, caPem, dataConverter, health, metrics, signal } = parts;
  const credentials = followCredentials(config, log);
  const agents = connectAgents(config, { readCredentials: credentials, caPem, version, metrics, log });
  health.set({ isReady: false, doing: 'waiting for Temporal' });
  const connected = await connectTemporal(log, signal);
  if (connected === undefined) return;
  const { connection, namespace } = connected;
  const client = new Client({ connection, namespace, ...(dataConverter !== undefined && { dataConverter }) });
  try {
    const activities = { ...agents, readCredentials: credentials, runObserver: metrics.runs };
    const { worker, runsWorker } = await createWorkers(config, { ...connected, dataConverter, activities });
    log.info({ taskQueue: taskQueue(config.INSTALLATION), namespace }, 'taking work');
    log.info(fairnessHint); // no call of Temporal's API says whether a server heeds the keys
    const ask = (deadlineMs: number) =>
      connection.withDeadline(deadlineMs, () => connection.workflowService.getSystemInfo({}));
    health.observe(watchTemporal({ ask, worker, runsWorker, signal }));
    health.set({ isReady: true, doing: 'taking work' });
    const { INSTALLATION: installation } = config;
    const inForce = () => ({ credentials: credentials(), caPem: caPem?.() });
    void recheckOnChange({ client, installation, inForce, everyMs: recheckEveryMs, log, signal });
    await runTogether([worker, runsWorker]);
  } finally {
    await connection.close();
  }
}

/** Resolves when all have ended; where one fails, the others end as well. */
async function runTogether(workers: readonly Worker[]): Promise<void> {
  const endAll = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const running = workers.map((worker) => worker.run().finally(endAll));
  const ended = await Promise.allSettled(running);
  const failed = ended.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function prepare() {
  const config = readConfig();
  const log = pino({ level: config.LOG_LEVEL, base: { process: 'worker' } });
  readCredentials(config);
  const caPem = config.KAGENT_CA_FILE === undefined ? undefined : followCa(config.KAGENT_CA_FILE, log);
  return { config, log, caPem, dataConverter: openDataConverter(config.CODEC_KEY_DIR, log) };
}

/** The SDK's log lines, in the same JSON as ours; those of its daily work hold payloads, and are for debugging. */
function installRuntime(log: Logger, level: WorkerConfig['LOG_LEVEL'], metrics: MetricsExporterConfig): void {
  const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
  const logger = new DefaultLogger('TRACE', ({ level: name, message, meta }) => {
    if (name !== 'INFO' || level === 'debug') log[levels[name]]({ ...meta, msg: message });
  });
  Runtime.install({
    shutdownSignals: ['SIGTERM', 'SIGINT'],
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'WARN' } }, metrics },
    logger,
  });
}

limitHeapGrowth();
const { config, ...prepared } = prepareOrExit(prepare);
const { log } = prepared;
const stop = abortOnSignals();
const sdkMetrics = await openSdkMetrics();
installRuntime(log, config.LOG_LEVEL, sdkMetrics.exporter);
const metrics = createMetrics({ temporal: sdkMetrics.text });
const { WATCHER_HEALTH_URL: watcherUrl } = config;
const others = async () => (watcherUrl === undefined ? [] : [{ name: 'watcher', ...(await askNeighbour(watcherUrl)) }]);
const health = serveHealth({ port: config.HEALTH_PORT, metrics: metrics.text, others });
try {
  await work(config, { ...prepared, health, metrics, signal: stop.signal });
} catch (error) {
  log.fatal({ error: error instanceof Error ? error.stack : String(error) }, 'the worker cannot go on');
  process.exitCode = 1;
} finally {
  health.close();
}
