/**
 * The worker process: runs the workflows and their activities for one installation.
 *
 * Run by `node workers/main.ts`. Only puts the parts together. Needs Temporal and the Kagent credentials, and nothing of
 * Kubernetes. On SIGTERM it takes no more work and lets running calls finish within the grace time.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import pino, { type Logger } from 'pino';
import { createRestAgent } from '../activities/agents/rest.ts';
import { createRestDirectory } from '../activities/agents/rest-directory.ts';
import { createActivities } from '../activities/index.ts';
import { taskQueue } from '../workflows/contract/names.ts';
import { configExitCode, readConfig, type WorkerConfig } from './config.ts';
import { connectTemporal } from './connect-temporal.ts';
import { readCa, readCredentials } from './credentials.ts';
import { type Health, serveHealth } from './health.ts';
import { recheckOnChange } from './recheck-agents.ts';

/** Named in the User-Agent of calls to agents. */
const version = '0.1.0';

/** How soon a rotated Secret is noticed for looking up agents; calls read it anew in any case. */
const recheckEveryMs = 2000;

async function work(config: WorkerConfig, parts: { log: Logger; health: Health; signal: AbortSignal }): Promise<void> {
  const { log, health, signal } = parts;
  health.set({ isReady: false, doing: 'waiting for Temporal' });
  const connected = await connectTemporal(log, signal);
  if (connected === undefined) return;
  const { connection, namespace } = connected;
  const credentials = () => readCredentials(config);
  const rest = {
    readCredentials: credentials,
    version,
    ...(config.KAGENT_CA_FILE !== undefined && { caPem: readCa(config.KAGENT_CA_FILE) }),
  };
  const client = new Client({ connection, namespace });
  try {
    const worker = await Worker.create({
      ...workflows(),
      connection,
      namespace,
      taskQueue: taskQueue(config.INSTALLATION),
      activities: createActivities({
        readCredentials: credentials,
        agent: createRestAgent(rest),
        directory: createRestDirectory(rest),
      }),
      maxConcurrentActivityTaskExecutions: config.MAX_CONCURRENT_AGENT_CALLS,
      maxCachedWorkflows: 500, // an evicted execution only replays when a signal or its timer comes
      shutdownGraceTime: config.SHUTDOWN_GRACE,
    });
    log.info({ taskQueue: taskQueue(config.INSTALLATION), namespace }, 'taking work');
    health.set({ isReady: true, doing: 'taking work' });
    const { INSTALLATION: installation } = config;
    void recheckOnChange({ client, installation, credentials, everyMs: recheckEveryMs, log, signal });
    await worker.run();
  } finally {
    await connection.close();
  }
}

/** Compiled code brings its bundle along; in development it is made at start. */
function workflows(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const bundle = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
  if (existsSync(bundle)) return { workflowBundle: { codePath: bundle } };
  return { workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)) };
}

function readConfigOrExit(): WorkerConfig {
  try {
    const config = readConfig();
    readCredentials(config);
    if (config.KAGENT_CA_FILE !== undefined) readCa(config.KAGENT_CA_FILE);
    return config;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(configExitCode);
  }
}

/** The SDK's log lines, in the same JSON as ours. */
function installRuntime(log: Logger, level: WorkerConfig['LOG_LEVEL']): void {
  const write = (message: string, meta?: object) => ({ ...meta, msg: message });
  Runtime.install({
    shutdownSignals: ['SIGTERM', 'SIGINT'],
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'WARN' } } },
    logger: {
      log: (levelName, message, meta) =>
        levelName === 'ERROR' ? log.error(write(message, meta)) : log.info(write(message, meta)),
      trace: (message, meta) => log.trace(write(message, meta)),
      debug: (message, meta) => log.debug(write(message, meta)),
      info: (message, meta) => (level === 'debug' ? log.info(write(message, meta)) : undefined),
      warn: (message, meta) => log.warn(write(message, meta)),
      error: (message, meta) => log.error(write(message, meta)),
    },
  });
}

const config = readConfigOrExit();
const log = pino({ level: config.LOG_LEVEL, base: { process: 'worker' } });
const stop = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
installRuntime(log, config.LOG_LEVEL);
const health = serveHealth(config.HEALTH_PORT);
try {
  await work(config, { log, health, signal: stop.signal });
} catch (error) {
  log.fatal({ error: error instanceof Error ? error.stack : String(error) }, 'the worker cannot go on');
  process.exitCode = 1;
} finally {
  health.close();
}
