/**
 * Leader election by the Lease that carries the checkpoint: one watcher works, the others stand by.
 *
 * It only saves work: two active watchers start nothing twice. A leader is gone when we have not seen it renew for so long by
 * our own stopwatch; clocks of two machines are never compared.
 */
import type { Logger } from 'pino';
import { KubeError } from '../kube/api-server.ts';
import { pause } from '../loops/backoff.ts';
import { createLease, holdLease, type Lease, type LeasePlace, readLease } from './lease.ts';

export interface LeadOptions {
  /** `identity` is unique to this process. */
  lease: LeasePlace;
  log: Logger;
  signal: AbortSignal;
  /** Called with who leads, again and again while we stand by. */
  onStandby: (leader: string) => void;
  timing?: LeadTiming;
  nowMs?: () => number;
}

export interface LeadTiming {
  /** A leader that was not seen to renew for so long is gone. */
  leaseMs: number;
  renewEveryMs: number;
  lookEveryMs: number;
}

const usual: LeadTiming = { leaseMs: 15_000, renewEveryMs: 5000, lookEveryMs: 1000 };

/** Resolves when we lead, or undefined when the signal was aborted before. */
export async function lead(options: LeadOptions) {
  const { lease, log, signal, timing = usual } = options;
  const watched = { renewed: '', sinceMs: 0 };
  while (!signal.aborted) {
    try {
      if (await tryToTake(options, watched)) {
        log.info({ holder: lease.identity }, 'leading');
        return keepLeading(options);
      }
    } catch (error) {
      log.warn({ error: String(error) }, 'the Lease could not be looked at; it is tried again');
    }
    await pause(timing.lookEveryMs, signal);
  }
  return undefined;
}

/** What we last saw of the one who leads, by our clock. */
interface Watched {
  renewed: string;
  sinceMs: number;
}

async function tryToTake(options: LeadOptions, watched: Watched): Promise<boolean> {
  const { lease, onStandby, timing = usual, nowMs = performance.now.bind(performance) } = options;
  const found = await readLease(lease);
  if (found === undefined) return ours(createLease(lease, {}));
  const renewed = `${found.holder} ${found.renewed}`;
  if (renewed !== watched.renewed) Object.assign(watched, { renewed, sinceMs: nowMs() });
  const isFree = found.holder === '' || found.holder === lease.identity;
  if (isFree || nowMs() - watched.sinceMs >= timing.leaseMs) return ours(holdLease(lease, found.resourceVersion));
  onStandby(found.holder);
  return false;
}

/** False where somebody has written between our read and our write. */
async function ours(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof KubeError && error.status === 409) return false;
    throw error;
  }
}

function keepLeading(options: LeadOptions) {
  const { lease } = options;
  const lost = new AbortController();
  const over = new AbortController();
  const renewing = renew(options, AbortSignal.any([over.signal, lost.signal])).then(() => {
    if (!over.signal.aborted) lost.abort();
  });
  return {
    /** Aborted when somebody else holds the Lease, or it could not be renewed in time. */
    lost: lost.signal,
    /** Gives the Lease up, so that the next takes over at once. */
    giveUp: async () => {
      over.abort();
      await renewing;
      const found = await readLease(lease);
      if (found?.holder === lease.identity) await holdLease({ ...lease, identity: '' }, found.resourceVersion);
    },
  };
}

/** Resolves when somebody else holds the Lease, or it was not renewed before the others take us for gone. */
async function renew(options: LeadOptions, signal: AbortSignal): Promise<void> {
  const { lease, log, timing = usual, nowMs = performance.now.bind(performance) } = options;
  let renewedMs = nowMs();
  while (!signal.aborted) {
    await pause(timing.renewEveryMs, signal);
    if (signal.aborted) return;
    try {
      const found = await readLease(lease);
      if (found === undefined || !(await isRenewed(lease, found))) return log.warn({ found }, 'somebody else leads');
      renewedMs = nowMs();
    } catch (error) {
      log.warn({ error: String(error) }, 'the Lease could not be renewed; it is tried again');
    }
    if (nowMs() - renewedMs >= timing.leaseMs) return log.warn('the Lease was not renewed in time');
  }
}

/** A checkpoint that is written between our read and our write renews it as well. */
async function isRenewed(lease: LeasePlace, found: Lease): Promise<boolean> {
  if (found.holder !== lease.identity) return false;
  if (!(await ours(holdLease(lease, found.resourceVersion))))
    return (await readLease(lease))?.holder === lease.identity;
  return true;
}
