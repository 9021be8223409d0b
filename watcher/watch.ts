/**
 * Watching: checkpoint → Hooks → Pods → executions, and back into Hook status, until told to stop.
 *
 * Called by main once API server and Temporal answer. Puts the parts together; decides nothing.
 */
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { pause } from './backoff.ts';
import { keepChecking } from './check-agents.ts';
import { openCheckpoint } from './checkpoint.ts';
import type { WatcherConfig } from './config.ts';
import { executionsOf } from './executions.ts';
import { createHandover, type Handover } from './handover.ts';
import { type LiveHooks, watchHooks } from './hooks.ts';
import type { Installation } from './incident-of.ts';
import type { ApiServer } from './kube/api-server.ts';
import { type Reflector, reflect } from './kube/reflector.ts';
import { createObserver, type Observer } from './observe.ts';
import { type PodView, viewPod } from './pod-view.ts';
import { reconcile } from './reconcile.ts';
import { report } from './report.ts';
import { uidOf } from './uid-of.ts';

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
  /** Called when everything that is there was seen once. */
  onWatching: () => void;
}

export async function watch(watching: Watching): Promise<void> {
  const { config, api, client, log, signal, identity } = watching;
  const lease = { namespace: config.NAMESPACE, name: `kagent-hooks-${config.INSTALLATION}` };
  const checkpoint = await openCheckpoint({ api, ...lease, identity });
  log.info({ edgesFrom: new Date(checkpoint.edgesFromMs).toISOString() }, 'edges from this moment on are news');

  // Handing over outlives watching: what was seen before the signal still reaches Temporal.
  const grace = new AbortController();
  const handover = createHandover({ client, log, signal: grace.signal, coalesceMs: config.SIGNAL_EVERY });
  const { hooks, pods, observer } = await openStreams(watching, { handover, edgesFromMs: checkpoint.edgesFromMs });
  log.info({ hooks: hooks.all().length, pods: pods.items().length }, 'watching');
  watching.onWatching();

  const { verdicts, done: checked } = keepChecking({
    client,
    installation: config.INSTALLATION,
    hooks: hooks.all,
    everyMs: config.AGENT_CHECK_EVERY,
    log,
    signal,
  });
  const reconciling = {
    client,
    api,
    installation: config.INSTALLATION,
    clusterUid: watching.clusterUid,
    observer,
    handover,
  };
  await Promise.all([
    every(checkpointEveryMs, { log, signal, what: 'checkpoint' }, () =>
      checkpoint.advance(provenMs(handover, [hooks, pods])),
    ),
    checked,
    every(config.RECONCILE_EVERY, { log, signal, what: 'reconcile' }, () => reconcile(reconciling)),
    report({
      api,
      log,
      signal,
      executions: executionsOf(client, config.INSTALLATION),
      hooks: hooks.all,
      verdicts,
      everyMs: config.STATUS_EVERY,
    }),
  ]);
  observer.stop();
  await Promise.race([Promise.all([hooks.done, pods.done, handover.settled()]), pause(graceMs, grace.signal)]);
  log.info({ handedOver: handover.counts() }, 'watching has ended');
  grace.abort();
}

interface Streams {
  hooks: LiveHooks;
  pods: Reflector<PodView>;
  observer: Observer;
}

/** Hooks before Pods: what is true already must find somebody who listens. Resolves when both were listed. */
async function openStreams(
  { config, api, clusterUid, log, signal }: Watching,
  { handover, edgesFromMs }: { handover: Handover; edgesFromMs: number },
): Promise<Streams> {
  const known: { pods: () => PodView[] } = { pods: () => [] };
  const observer = createObserver({
    installation: installationOf(config, clusterUid),
    thresholds: { pendingAfterMs: config.POD_PENDING_AFTER, unreadyAfterMs: config.PROBE_FAILED_AFTER },
    listenersIn: (namespace) => hooks.listenersIn(namespace),
    handover,
    log,
    nowMs: Date.now,
  });
  const onChange: Parameters<typeof watchHooks>[0]['onChange'] = (listener) =>
    observer.hookChanged(listener, known.pods());
  const hooks = watchHooks({ api, log, signal, edgesFromMs, onChange });
  await untilAborted(hooks.synced, signal);
  const path = '/api/v1/pods';
  const pods = reflect<PodView>({ api, log, signal, path, view: viewPod, uidOf, onChange: observer.podChanged });
  known.pods = pods.items;
  await untilAborted(pods.synced, signal);
  return { hooks, pods, observer };
}

/** Everything up to this moment was seen, and has reached Temporal or was refused. */
function provenMs(handover: Handover, streams: { aliveMs: () => number }[]): number {
  return Math.min(handover.oldestWaitingMs() ?? Number.POSITIVE_INFINITY, ...streams.map(({ aliveMs }) => aliveMs()));
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
  { log, signal, what }: { log: Logger; signal: AbortSignal; what: string },
  work: () => Promise<unknown>,
): Promise<void> {
  while (!signal.aborted) {
    await work().catch((error: unknown) => log.warn({ error: String(error) }, `${what} failed; it is tried again`));
    await pause(ms, signal);
  }
}

async function untilAborted(done: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => aborted.resolve(), { once: true });
  if (!signal.aborted) await Promise.race([done, aborted.promise]);
}
