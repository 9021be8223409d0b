/**
 * The checkpoint: up to which moment everything that was seen has reached Temporal. Kept in a Lease, with the ledger.
 *
 * A watcher that starts later decides by it which edges are new. Never passes what still waits to be handed over.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { KubeError } from '../kube/api-server.ts';
import { type Account, emptyAccount } from '../ledger/account.ts';
import { newOwnEntry, nextWrite } from '../ledger/entries.ts';
import { createLease, type Lease, type LeasePlace, patchLease, readLease } from './lease.ts';

const installedAt = 'kagent.dev/installed-at';
const checkpoint = 'kagent.dev/checkpoint';
const podsVersion = 'kagent.dev/pods-version';
const lastGap = 'kagent.dev/last-gap';

/** Clocks of nodes, API server and watcher may differ by this much; what is found twice was handled already. */
const skewMs = 2 * 60_000;

export interface CheckpointOptions extends LeasePlace {
  /** Unique to this process; its account in the ledger has this name. */
  ledgerKey?: string;
  /** Writes only while it holds the Lease: one that slept must not take it from who leads now. */
  isElected?: boolean;
}

export type Checkpoint = Awaited<ReturnType<typeof openCheckpoint>>;

export async function openCheckpoint(options: CheckpointOptions) {
  const lease = await readOrCreate(options);
  const nowMs = Date.now();
  const installedMs = pastMs(lease.annotations[installedAt], nowMs);
  const lastMs = pastMs(lease.annotations[checkpoint], nowMs);
  const edgesFromMs = Math.max(installedMs ?? 0, (lastMs ?? 0) - skewMs) || nowMs;
  const state = {
    installed: new Date(installedMs ?? edgesFromMs).toISOString(),
    writtenMs: lastMs ?? 0,
    written: '',
    own: newOwnEntry(options.ledgerKey ?? options.identity),
    gap: {},
  };
  return {
    /** Edges from this moment on are new, in milliseconds: the last checkpoint less skew, or the installation. */
    edgesFromMs,
    /** The last checkpoint of earlier watchers; undefined for the first one. */
    lastMs,
    /** Up to which version of the Pods earlier watchers had handed everything over at a checkpoint. */
    lastPodsVersion: lease.annotations[podsVersion],
    /** Of the Lease, for Events about it. */
    leaseUid: lease.uid,
    /** Writes a later checkpoint and what this process has counted so far; an earlier moment than before is left out. */
    advance: (toMs: number, counted = emptyAccount, handedOver?: string) =>
      advance(options, state, { toMs, counted, handedOver }),
    /** Notes when nobody watched, for people who look at the Lease; written with the next checkpoint. */
    noteGap: ({ fromMs, toMs }: { fromMs: number; toMs: number }) => {
      state.gap = { [lastGap]: `${new Date(fromMs).toISOString()}/${new Date(toMs).toISOString()}` };
    },
  };
}

interface State {
  installed: string;
  writtenMs: number;
  /** What this process had counted at the last write. */
  written: string;
  own: ReturnType<typeof newOwnEntry>;
  gap: Record<string, string>;
}

/** A Lease that was deleted is made again: without it, the next watcher would take all edges for too old. */
async function advance(
  options: CheckpointOptions,
  state: State,
  { toMs, counted, handedOver }: { toMs: number; counted: Account; handedOver: string | undefined },
): Promise<void> {
  const count = JSON.stringify(counted);
  if (toMs <= state.writtenMs && count === state.written) return;
  const lease = await readLease(options);
  if (options.isElected === true && lease?.holder !== options.identity) throw new Error('Somebody else leads now.');
  const { own, patch } = nextWrite(lease?.annotations ?? {}, state.own, { counted, nowMs: Date.now() });
  const latestMs = Math.max(toMs, state.writtenMs);
  const annotations = {
    [installedAt]: state.installed,
    [checkpoint]: new Date(latestMs).toISOString(),
    ...(handedOver !== undefined && { [podsVersion]: handedOver }),
    ...state.gap,
  };
  if (lease === undefined) await createLease(options, { ...annotations, ...withoutNulls(patch) });
  else await patchLease(options, lease.resourceVersion, { ...annotations, ...patch });
  Object.assign(state, { writtenMs: latestMs, written: count, own, gap: {} });
}

function withoutNulls(patch: Record<string, string | null>): Record<string, string> {
  return Object.fromEntries(Object.entries(patch).flatMap(([name, text]) => (text === null ? [] : [[name, text]])));
}

/** A moment that was written, at most now: a clock that was wrong once must not make everything until then too old. */
function pastMs(written: string | undefined, nowMs: number): number | undefined {
  const ms = Date.parse(written ?? '');
  return Number.isNaN(ms) ? undefined : Math.min(ms, nowMs);
}

async function readOrCreate(options: CheckpointOptions): Promise<Lease> {
  for (;;) {
    const lease = await readLease(options);
    if (lease !== undefined) return lease;
    try {
      return await createLease(options, { [installedAt]: new Date().toISOString() });
    } catch (error) {
      // Another watcher made it between our look and our write; what it wrote counts.
      if (!(error instanceof KubeError) || error.status !== 409) throw error;
      await delay(100);
    }
  }
}
