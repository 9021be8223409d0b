/**
 * Watching: checkpoint → Hooks → Pods → executions, and back into Hook status, until the signal is aborted.
 *
 * Puts the parts together; decides nothing.
 */
import { randomBytes } from 'node:crypto';
import type { WatcherConfig } from './config.ts';
import type { Parts, Watching } from './context.ts';
import { reachOf } from './hooks/reach.ts';
import { type Checkpoint, openCheckpoint } from './leading/checkpoint.ts';
import { leasePlaceOf } from './leading/lease.ts';
import { createLedger } from './ledger/ledger.ts';
import { pause } from './loops/backoff.ts';
import { createBell } from './loops/bell.ts';
import { countedOf, workUntilAborted } from './loops/run-loops.ts';
import { createGaps, type Gaps } from './observing/gaps.ts';
import { openStreams, type StreamsOptions } from './observing/streams.ts';
import { createEventWriter } from './recorder/write-events.ts';
import { createExpressionFailures } from './reporting/expression-failures.ts';
import { createHandover } from './starting/handover.ts';
import type { Installation } from './starting/incident-of.ts';

/** What Temporal has not taken by then is found again by the next watcher. */
const graceMs = 20_000;
/** For the last word on the Lease, while everything else has ended. */
const lastWriteMs = 2000;

export async function watch(watching: Watching): Promise<void> {
  const { config, api, log, identity, signal, health, metrics } = watching;
  const lease = leasePlaceOf(config);
  const ledgerKey = randomBytes(4).toString('hex');
  const checkpoint = await openCheckpoint({ api, ...lease, identity, ledgerKey, isElected: config.LEADER_ELECTION });
  log.info({ edgesFrom: new Date(checkpoint.edgesFromMs).toISOString() }, 'edges from this moment on are news');
  const events = createEventWriter({ api, identity, log, signal, onWritten: metrics.eventWritten });
  const ledger = createLedger();
  const gaps = createGaps({ lease: { ...lease, uid: checkpoint.leaseUid }, checkpoint, events, ledger, log });

  // Handing over outlives watching: what was seen before the signal still reaches Temporal.
  const grace = new AbortController();
  const parts = await openParts(watching, { checkpoint, events, ledger, gaps, grace });
  const { handover, streams } = parts;
  if (checkpoint.lastMs !== undefined && !signal.aborted)
    gaps.note({ fromMs: checkpoint.lastMs, toMs: Date.now(), why: 'no watcher was running' });
  log.info({ hooks: streams.hooks.all().length, pods: streams.pods().length }, 'watching');
  await workUntilAborted(watching, parts);
  health.set({ isReady: false, doing: 'ending' });
  streams.observer.stop();
  await Promise.race([Promise.all([streams.done(), handover.settled()]), pause(graceMs, grace.signal)]);
  await Promise.race([
    checkpoint.advance(0, countedOf(parts)).catch(() => undefined),
    pause(lastWriteMs, grace.signal),
  ]);
  log.info({ account: ledger.account() }, 'watching has ended');
  grace.abort();
}

type Given = Pick<Parts, 'checkpoint' | 'events' | 'ledger'> & { gaps: Gaps; grace: AbortController };

/** Resolves when everything that is there was seen. */
async function openParts(watching: Watching, { gaps, grace, ...given }: Given): Promise<Parts> {
  const { config, api, client, log, signal, metrics } = watching;
  const { ledger, checkpoint } = given;
  const installation = installationOf(config, watching.clusterUid);
  const reach = reachOf(config);
  const expressionFailures = createExpressionFailures();
  const bell = createBell();
  const handover = createHandover({
    client,
    log,
    signal: grace.signal,
    coalesceMs: config.SIGNAL_EVERY,
    onEnded: (ended, type) => {
      if (ended.ending !== 'refused') return ledger.ended(ended.ending);
      ledger.refused(ended.reason);
      metrics.refused(type, ended.reason);
    },
  });
  const streams = await openStreams({
    api,
    log,
    signal,
    installation,
    holds: { 'pod-pending': config.POD_PENDING_AFTER, 'probe-failed': config.PROBE_FAILED_AFTER },
    reach,
    handover,
    edgesFromMs: checkpoint.edgesFromMs,
    before: standingOf(checkpoint),
    onHooks: bell.ring,
    onSeen: ledger.saw,
    onGap: gaps.note,
    onRefused: (refused) => {
      ledger.refused(refused.refusal.reason);
      expressionFailures.note(refused);
      metrics.refused(refused.sighting.finding.type, refused.refusal.reason);
    },
  });
  return { ...given, installation, reach, handover, streams, expressionFailures, bell };
}

function standingOf({ lastMs, lastPodsVersion: podsVersion }: Checkpoint): StreamsOptions['before'] {
  return lastMs === undefined || podsVersion === undefined ? undefined : { podsVersion, atMs: lastMs };
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
      runTimeoutMs: config.RUN_TIMEOUT,
    },
  };
}
