/**
 * Load with an open loop: calls are due at fixed times, whether or not earlier ones have come back.
 *
 * A latency counts from the time at which its call was due, so that a stall shows in every call that it delayed (coordinated
 * omission is corrected). Pure but for the clock and the timers.
 */
import { setTimeout as delay } from 'node:timers/promises';

export interface Load {
  perSecond: number;
  count: number;
  /** Makes the call with this number; what it starts is measured elsewhere. */
  fire: (n: number) => Promise<unknown>;
}

/** Resolves, when all calls have come back, with the time at which each was due, by `Date.now()`. */
export async function openLoop({ perSecond, count, fire }: Load): Promise<number[]> {
  const startMs = Date.now();
  const due = Array.from({ length: count }, (_, n) => startMs + (n * 1000) / perSecond);
  const calls: Promise<unknown>[] = [];
  for (const [n, dueMs] of due.entries()) {
    const waitMs = dueMs - Date.now();
    if (waitMs > 0) await delay(waitMs);
    calls.push(fire(n));
  }
  await Promise.all(calls);
  return due;
}

/** The same calls as fast as they come back, this many at a time; resolves with the time at which the first one began. */
export async function closedLoop({ count, fire }: Omit<Load, 'perSecond'>, inFlight: number): Promise<number> {
  const startMs = Date.now();
  let next = 0;
  const caller = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) await fire(n);
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return startMs;
}

export interface Percentiles {
  count: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  mostMs: number;
}

/** Of an empty list all are NaN. */
export function percentilesOf(latenciesMs: readonly number[]): Percentiles {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  // The smallest value that at least this share of all does not exceed.
  const at = (share: number): number => Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN);
  return { count: sorted.length, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), mostMs: at(1) };
}
