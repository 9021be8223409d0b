/**
 * How a run is followed: when it is looked at next, when it is alive, and when it is given up. Pure.
 *
 * Makes no look itself; the clock is an input.
 */
import type { Liveness, RunReading } from '../port.ts';

export interface FollowTimes {
  /** Between looks: this at first, growing with the age of the run up to the longest. */
  firstLookMs: number;
  longestLookMs: number;
  /** A run that reads *working* without progress for so long is probed, and again after as long. */
  quietMs: number;
  /** Between the two probes that have to find nobody. */
  secondProbeMs: number;
  /** A run that was never seen, or not any more, is given up when it has been missing for so long. */
  missingMs: number;
}

/** Seconds are those that real controllers needed: a lost run is known within three minutes. */
export const followTimes: FollowTimes = {
  firstLookMs: 2_000,
  longestLookMs: 30_000,
  quietMs: 60_000,
  secondProbeMs: 10_000,
  missingMs: 30_000,
};

interface Moment {
  nowMs: number;
  times: FollowTimes;
}

/** What is remembered from look to look. */
export interface Watchkeeping {
  startedMs: number;
  /** What the run showed last, and since when. */
  mark: string;
  markSinceMs: number;
  /** Since when the probes found nobody at work; undefined after one that did. */
  goneSinceMs?: number;
  probedMs: number;
  missingSinceMs?: number;
}

export function beginWatch(nowMs: number): Watchkeeping {
  return { startedMs: nowMs, mark: '', markSinceMs: nowMs, probedMs: nowMs };
}

/** Takes a look's result; whether the run is to be given up because it is missing. */
export function takeLook(watch: Watchkeeping, reading: RunReading, { nowMs, times }: Moment): boolean {
  if (reading.state === 'missing') {
    watch.missingSinceMs ??= nowMs;
    return nowMs - watch.missingSinceMs >= times.missingMs;
  }
  delete watch.missingSinceMs;
  const mark = reading.state === 'working' ? reading.mark : reading.state;
  if (mark !== watch.mark) {
    watch.mark = mark;
    watch.markSinceMs = nowMs;
    watch.probedMs = nowMs;
    delete watch.goneSinceMs;
  }
  return false;
}

/** Whether it is time to probe a run that reads *working*. */
export function isProbeDue(watch: Watchkeeping, { nowMs, times }: Moment): boolean {
  if (watch.missingSinceMs !== undefined) return false;
  const every = watch.goneSinceMs === undefined ? times.quietMs : times.secondProbeMs;
  return nowMs - Math.max(watch.probedMs, watch.markSinceMs) >= every;
}

/**
 * Takes a probe's result; whether it is *gone* for the second time, or nobody has listened for as long as a quiet run is given, so
 * that the run is lost unless it has moved since.
 */
export function takeLiveness(watch: Watchkeeping, liveness: Liveness, { nowMs, times }: Moment): boolean {
  watch.probedMs = nowMs;
  if (liveness === 'alive') delete watch.goneSinceMs;
  if (liveness === 'alive' || liveness === 'unclear') return false;
  const isFirst = watch.goneSinceMs === undefined;
  watch.goneSinceMs ??= nowMs;
  return liveness === 'gone' ? !isFirst : nowMs - watch.goneSinceMs >= times.quietMs;
}

/** Milliseconds until the next look: a tenth of the run's age, 2 s to 30 s, a little off so that runs do not march in step. */
export function msUntilLook(watch: Watchkeeping, { nowMs, times, random }: Moment & { random: number }): number {
  const { firstLookMs, longestLookMs, secondProbeMs } = times;
  const ageMs = nowMs - watch.startedMs;
  const byAge = Math.min(Math.max(ageMs / 10, firstLookMs), longestLookMs);
  const isUrgent = watch.goneSinceMs !== undefined || watch.missingSinceMs !== undefined;
  const waitMs = isUrgent ? Math.min(byAge, secondProbeMs) : byAge;
  return Math.max(firstLookMs, waitMs * (0.85 + 0.3 * random));
}
