/**
 * Watching: checkpoint → Hooks → Pods → executions, and back into Hook status, until told to stop.
 *
 * Called by main once API server and Temporal answer. Puts the parts together; decides nothing.
 */
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { pause } from './backoff.ts';
import { type Bell, createBell } from './bell.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import type { WatcherConfig } from './config.ts';
import type { ApiServer } from './kube/api-server.ts';
import { reconcile } from './reconciling/reconcile.ts';
import { report } from './report.ts';
import { keepChecking } from './reporting/check-agents.ts';
import { countExecutions } from './reporting/count-executions.ts';
import { executionsOf } from './reporting/executions.ts';
import { createExpressionFailures, type ExpressionFailures } from './reporting/expression-failures.ts';
import { expose } from './serving/expose.ts';
import type { Health } from './serving/health.ts';
import type { WatcherMetrics } from './serving/metrics.ts';
import { createHandover, type Handover, type OpenHandover } from './starting/handover.ts';
import type { Installation } from './starting/incident-of.ts';
import { openStreams, type Streams, type StreamsOptions } from './streams/streams.ts';

/** What Temporal has not taken by then is found again by the next watcher. */
const graceMs = 20_000;
const checkpointEveryMs = 10_000;

export interface Watching {
  config: WatcherConfig;
  api: ApiServer;
  client: Client;
  clusterUid: string;
  /** Who holds the Lease, for people. */
  identity: string;
  log: Logger;
  signal: AbortSignal;
  health: Health;
  metrics: WatcherMetrics;
}

export async function watch(watching: Watching): Promise<void> {
  const { config, api, client, log, identity, health } = watching;
  const lease = { namespace: config.NAMESPACE, name: `kagent-hooks-${config.INSTALLATION}` };
  const checkpoint = await openCheckpoint({ api, ...lease, identity });
  log.info({ edgesFrom: new Date(checkpoint.edgesFromMs).toISOString() }, 'edges from this moment on are news');

  // Handing over outlives watching: what was seen before the signal still reaches Temporal.
  const grace = new AbortController();
  const handover = createHandover({
    client,
    log,
    signal: grace.signal,
    coalesceMs: config.SIGNAL_EVERY,
    onResult: (_, { type }, result) => {
      if (result.outcome === 'refused') watching.metrics.refused(type, result.reason);
    },
  });
  const expressionFailures = createExpressionFailures();
  const bell = createBell();
  const streams = await openStreams({
    api,
    log,
    signal: watching.signal,
    installation: installationOf(config, watching.clusterUid),
    holds: { 'pod-pending': config.POD_PENDING_AFTER, 'probe-failed': config.PROBE_FAILED_AFTER },
    reach: reachOf(config),
    handover,
    edgesFromMs: checkpoint.edgesFromMs,
    onHooks: bell.ring,
    onRefused: (refused) => {
      expressionFailures.note(refused);
      watching.metrics.refused(refused.sighting.finding.type, refused.refusal.reason);
    },
  });
  const { hooks, pods, observer, done } = streams;
  log.info({ hooks: hooks.all().length, pods: pods().length }, 'watching');
  await workUntilAborted(watching, { handover, checkpoint, streams, expressionFailures, bell });
  health.set({ isReady: false, doing: 'ending' });
  observer.stop();
  await Promise.race([Promise.all([done(), handover.settled()]), pause(graceMs, grace.signal)]);
  log.info({ handedOver: handover.counts() }, 'watching has ended');
  grace.abort();
}

interface Opened {
  handover: OpenHandover;
  checkpoint: Checkpoint;
  streams: Streams;
  expressionFailures: ExpressionFailures;
  bell: Bell;
}

/** What is done again and again while the streams feed the observer. */
async function workUntilAborted(watching: Watching, opened: Opened): Promise<void> {
  const { config, api, client, log, signal, health, metrics, clusterUid } = watching;
  const { handover, checkpoint, streams, expressionFailures, bell } = opened;
  const { hooks, observer, open } = streams;
  const installation = config.INSTALLATION;
  const executions = countExecutions(executionsOf(client, installation), {
    sinceMs: Date.now(),
    onEnded: metrics.ended,
  });
  const { verdicts, done: checked } = keepChecking({
    client,
    installation,
    hooks: hooks.all,
    everyMs: config.AGENT_CHECK_EVERY,
    onFound: bell.ring,
    log,
    signal,
  });
  const reconciling = {
    client,
    api,
    log,
    installation: installationOf(config, clusterUid),
    observer,
    handover,
    hooks: hooks.all,
    verdicts,
    followed: new Set<string>(),
    onRestarted: () => undefined,
  };
  await Promise.all([
    every(checkpointEveryMs, { log, signal, what: 'checkpoint' }, () => checkpoint.advance(provenMs(handover, open()))),
    checked,
    expose({ health, metrics, client, api, handover, watches: open, executions, signal }),
    every(config.RECONCILE_EVERY, { log, signal, what: 'reconcile', wait: bell.wait }, () => reconcile(reconciling)),
    report({
      api,
      log,
      signal,
      executions,
      hooks: hooks.all,
      verdicts,
      expressionFailures,
      everyMs: config.STATUS_EVERY,
    }),
  ]);
}

/** Everything up to this moment was seen, and has reached Temporal or was refused. */
function provenMs(handover: Handover, streams: readonly { aliveMs: () => number }[]): number {
  return Math.min(handover.oldestWaitingMs() ?? Number.POSITIVE_INFINITY, ...streams.map(({ aliveMs }) => aliveMs()));
}

/** Hooks of the controller's own namespace see Nodes; wider reach is the operator's to give. */
function reachOf({ NAMESPACE: own, WIDE_HOOK_NAMESPACES: wide }: WatcherConfig): StreamsOptions['reach'] {
  const isWide = (namespace: string) => wide.includes(namespace);
  return { isWide, seesNodes: (namespace) => namespace === own || isWide(namespace) };
}

function installationOf(config: WatcherConfig, clusterUid: string): Installation {
  return {
    name: config.INSTALLATION,
    cluster: { uid: clusterUid, ...(config.CLUSTER_NAME !== undefined && { name: config.CLUSTER_NAME }) },
    timing: {
      quietWindowMs: config.QUIET_WINDOW,
      redeliveryFirstMs: config.REDELIVERY_FIRST,
      redeliveryMaxMs: config.REDELIVERY_MAX,
      redeliveryLimitMs: config.REDELIVERY_LIMIT,
    },
  };
}

/** Runs now and then again and again; a failure is logged and the next round comes all the same. */
async function every(
  ms: number,
  { log, signal, what, wait = pause }: { log: Logger; signal: AbortSignal; what: string; wait?: typeof pause },
  work: () => Promise<unknown>,
): Promise<void> {
  while (!signal.aborted) {
    await work().catch((error: unknown) => log.warn({ error: String(error) }, `${what} failed; it is tried again`));
    await wait(ms, signal);
  }
}
