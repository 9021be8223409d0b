/**
 * How a run is followed: when it is looked at next, when its pulse is felt, and when it is given up. Pure.
 *
 * Makes no look itself; the clock is an input.
 */
import type { Pulse, RunReading } from '../port.ts';

export interface FollowTimes {
  /** Between looks: this at first, growing with the age of the run up to the longest. */
  firstLookMs: number;
  longestLookMs: number;
  /** A run that reads *working* without progress for so long has its pulse felt, and again after as long. */
  quietMs: number;
  /** Between the two times that a pulse has to be missing. */
  secondPulseMs: number;
  /** A run that was never seen, or not any more, is given up when it has been missing for so long. */
  missingMs: number;
}

/** Seconds are those that real controllers needed: a lost run is known within three minutes. */
export const followTimes: FollowTimes = {
  firstLookMs: 2_000,
  longestLookMs: 30_000,
  quietMs: 60_000,
  secondPulseMs: 10_000,
  missingMs: 30_000,
};

/** What is remembered from look to look. */
export interface Watchkeeping {
  startedMs: number;
  /** What the run showed last, and since when. */
  mark: string;
  markSinceMs: number;
  /** Since when no pulse was felt; undefined while there was one. */
  goneSinceMs?: number;
  pulseFeltMs: number;
  missingSinceMs?: number;
}

export function beginWatch(nowMs: number): Watchkeeping {
  return { startedMs: nowMs, mark: '', markSinceMs: nowMs, pulseFeltMs: nowMs };
}

/** Takes a look's result; whether the run is to be given up because it is missing. */
export function takeLook(watch: Watchkeeping, reading: RunReading, at: { nowMs: number; times: FollowTimes }): boolean {
  const { nowMs, times } = at;
  if (reading.state === 'missing') {
    watch.missingSinceMs ??= nowMs;
    return nowMs - watch.missingSinceMs >= times.missingMs;
  }
  delete watch.missingSinceMs;
  const mark = reading.state === 'working' ? reading.mark : reading.state;
  if (mark !== watch.mark) {
    watch.mark = mark;
    watch.markSinceMs = nowMs;
    watch.pulseFeltMs = nowMs;
    delete watch.goneSinceMs;
  }
  return false;
}

/** Whether it is time to feel the pulse of a run that reads *working*. */
export function isPulseDue(watch: Watchkeeping, { nowMs, times }: { nowMs: number; times: FollowTimes }): boolean {
  if (watch.missingSinceMs !== undefined) return false;
  const every = watch.goneSinceMs === undefined ? times.quietMs : times.secondPulseMs;
  return nowMs - Math.max(watch.pulseFeltMs, watch.markSinceMs) >= every;
}

/**
 * Takes a pulse; whether it is missing for the second time, or nobody has listened for as long as a quiet run is given, so
 * that the run is lost unless it has moved since.
 */
export function takePulse(
  watch: Watchkeeping,
  pulse: Pulse,
  { nowMs, times }: { nowMs: number; times: FollowTimes },
): boolean {
  watch.pulseFeltMs = nowMs;
  if (pulse === 'alive') delete watch.goneSinceMs;
  if (pulse === 'alive' || pulse === 'unclear') return false;
  const isFirst = watch.goneSinceMs === undefined;
  watch.goneSinceMs ??= nowMs;
  return pulse === 'gone' ? !isFirst : nowMs - watch.goneSinceMs >= times.quietMs;
}

/** Milliseconds until the next look: a tenth of the run's age, 2 s to 30 s, a little off so that runs do not march in step. */
export function msUntilLook(
  watch: Watchkeeping,
  { nowMs, times, random }: { nowMs: number; times: FollowTimes; random: number },
): number {
  const { firstLookMs, longestLookMs, secondPulseMs } = times;
  const ageMs = nowMs - watch.startedMs;
  const byAge = Math.min(Math.max(ageMs / 10, firstLookMs), longestLookMs);
  const isUrgent = watch.goneSinceMs !== undefined || watch.missingSinceMs !== undefined;
  const waitMs = isUrgent ? Math.min(byAge, secondPulseMs) : byAge;
  return Math.max(firstLookMs, waitMs * (0.85 + 0.3 * random));
}
