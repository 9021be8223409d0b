/** The pure decisions of following a run: when it is looked at and probed, and when it is given up. By a clock that is only counted. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Liveness, RunReading } from '../../activities/agents/port.ts';
import {
  beginWatch,
  isProbeDue,
  msUntilLook,
  takeLiveness,
  takeLook,
  followTimes as times,
  type Watchkeeping,
} from '../../activities/agents/runs/following.ts';

const minute = 60_000;
const working = (mark: string): RunReading => ({ state: 'working', mark });
const paused: RunReading = { state: 'paused', pause: { id: 'p', kind: 'approval', message: '', tools: [] } };

interface World {
  reading: (nowMs: number) => RunReading;
  probe: (nowMs: number) => Liveness;
  untilMs?: number;
  random?: () => number;
}

interface Followed {
  /** When it was given up, and why. */
  end?: { why: 'lost' | 'unknown'; atMs: number };
  looksMs: number[];
  probes: { atMs: number; found: Liveness }[];
}

/** Does what followRun does, in no time; a look takes none, a probe two seconds. */
function follow({ reading, probe, untilMs = 60 * minute, random = Math.random }: World): Followed {
  const watch = beginWatch(0);
  const followed: Followed = { looksMs: [], probes: [] };
  let nowMs = 0;
  while (nowMs <= untilMs) {
    followed.looksMs.push(nowMs);
    const seen = reading(nowMs);
    if (takeLook(watch, seen, { nowMs, times })) return { ...followed, end: { why: 'unknown', atMs: nowMs } };
    if (seen.state === 'working' && isProbeDue(watch, { nowMs, times })) {
      const found = probe(nowMs);
      followed.probes.push({ atMs: nowMs, found });
      nowMs += 2_000;
      const isMissing = takeLiveness(watch, found, { nowMs, times });
      const last = reading(nowMs);
      if (isMissing && last.state === 'working' && last.mark === watch.mark) {
        return { ...followed, end: { why: 'lost', atMs: nowMs } };
      }
    }
    nowMs += msUntilLook(watch, { nowMs, times, random: random() });
  }
  return followed;
}

describe('the next look', () => {
  const wait = (ageMs: number, random: number, over: Partial<Watchkeeping> = {}) =>
    msUntilLook({ ...beginWatch(0), ...over }, { nowMs: ageMs, times, random });

  it.each([
    [0, 0.5, 2_000],
    [10_000, 0.5, 2_000],
    [minute, 0, 5_100],
    [minute, 0.5, 6_000],
    [minute, 1, 6_900],
    [5 * minute, 0.5, 30_000],
    [60 * minute, 0, 25_500],
    [60 * minute, 1, 34_500],
  ])('of a run of %d ms comes, with chance %d, after %d ms', (ageMs, random, expected) => {
    expect(wait(ageMs, random)).toBeCloseTo(expected, 5);
  });

  it('is 2 s to 30 s away, and at most 15 % off, whatever the age', () => {
    const age = fc.integer({ min: 0, max: 7 * 24 * 60 * minute });
    fc.assert(
      fc.property(age, fc.double({ min: 0, max: 1, noNaN: true }), (ageMs, random) => {
        const planned = Math.min(Math.max(ageMs / 10, 2_000), 30_000);
        const waitMs = wait(ageMs, random);
        expect(waitMs).toBeGreaterThanOrEqual(Math.max(2_000, planned * 0.85 - 1e-6));
        expect(waitMs).toBeLessThanOrEqual(planned * 1.15 + 1e-6);
      }),
    );
  });

  it.each<[what: string, over: Partial<Watchkeeping>]>([
    ['whose probe found nobody once', { goneSinceMs: 1 }],
    ['that Kagent did not know', { missingSinceMs: 1 }],
  ])('of an old run %s does not wait for half a minute', (_, over) => {
    expect(wait(60 * minute, 1, over)).toBeCloseTo(11_500, 5);
  });

  it('of many runs that began together spreads over the time', () => {
    const looks = Array.from(
      { length: 50 },
      () => follow({ reading: () => working('m'), probe: () => 'alive' }).looksMs,
    );
    expect(new Set(looks.map((each) => Math.round((each.at(-1) ?? 0) / 100))).size).toBeGreaterThan(20);
  });
});

describe('a run that reads working', () => {
  const diesAt = (atMs: number): World => ({
    reading: () => working('m'),
    probe: (nowMs) => (nowMs >= atMs ? 'gone' : 'alive'),
  });

  it('is lost within three minutes after its agent died, after two probes that found nobody and not before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 * minute }), (atMs) => {
        const { end, probes } = follow(diesAt(atMs));
        expect(end?.why).toBe('lost');
        expect((end?.atMs ?? 0) - atMs).toBeLessThan(3 * minute);
        const [first, second, ...more] = probes.filter(({ found }) => found === 'gone');
        expect(more).toEqual([]);
        expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(times.secondProbeMs);
      }),
    );
  });

  it('is lost within three minutes as well when nobody listens any more, but not within the first minute of that', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 * minute }), (atMs) => {
        const world: World = { reading: () => working('m'), probe: (nowMs) => (nowMs >= atMs ? 'absent' : 'alive') };
        const { end, probes } = follow(world);
        expect(end?.why).toBe('lost');
        expect((end?.atMs ?? 0) - atMs).toBeLessThan(3 * minute);
        const first = probes.find(({ found }) => found === 'absent');
        expect((end?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(minute);
      }),
    );
  });

  it.each<[what: string, world: World]>([
    ['as long as it is alive', { reading: () => working('m'), probe: () => 'alive' }],
    ['as long as its probes are unclear', { reading: () => working('m'), probe: () => 'unclear' }],
    ['as long as it moves', { reading: (nowMs) => working(String(Math.floor(nowMs / 50_000))), probe: () => 'gone' }],
    ['by one probe that finds nobody between two that find it', { reading: () => working('m'), probe: everySecond() }],
    ['while it waits for a person', { reading: () => paused, probe: () => 'gone' }],
    [
      'because its Pod does not listen for a while',
      { reading: () => working('m'), probe: (nowMs) => (nowMs % 240_000 < 55_000 ? 'absent' : 'alive') },
    ],
  ])('is not lost %s', (_, world) => {
    expect(follow({ ...world, untilMs: 180 * minute })).not.toHaveProperty('end');
  });

  it('is not lost when it has moved since its second probe found nobody', () => {
    let looks = 0;
    const watch = beginWatch(0);
    const feelAll = (nowMs: number) =>
      isProbeDue(watch, { nowMs, times }) && takeLiveness(watch, 'gone', { nowMs, times });
    const look = (nowMs: number) => takeLook(watch, working(`m${(looks += 1)}`), { nowMs, times });
    look(0);
    expect(feelAll(minute)).toBe(false);
    look(minute + 1);
    expect(feelAll(minute + 2 * times.secondProbeMs)).toBe(false);
    expect(watch.goneSinceMs).toBeUndefined();
  });

  it('is probed once a minute, not at each look', () => {
    const { probes, looksMs } = follow({ reading: () => working('m'), probe: () => 'alive', untilMs: 20 * minute });
    expect(looksMs.length).toBeGreaterThan(2 * probes.length - 10);
    const gaps = probes.slice(1).map(({ atMs }, nth) => atMs - (probes[nth]?.atMs ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(times.quietMs);
    expect(Math.max(...gaps)).toBeLessThan(times.quietMs + 40_000);
  });
});

describe('a run that Kagent does not know', () => {
  const missing: RunReading = { state: 'missing' };

  it('is unknown after half a minute, and not before', () => {
    const { end } = follow({ reading: () => missing, probe: () => 'gone' });
    expect(end?.why).toBe('unknown');
    expect(end?.atMs).toBeGreaterThanOrEqual(times.missingMs);
    expect(end?.atMs).toBeLessThan(times.missingMs + 5_000);
  });

  it('is unknown also when it was seen before', () => {
    const { end } = follow({
      reading: (nowMs) => (nowMs < 10 * minute ? working('m') : missing),
      probe: () => 'alive',
    });
    expect(end?.why).toBe('unknown');
    expect(end?.atMs).toBeLessThan(10 * minute + times.missingMs + 50_000);
  });

  it('is followed on when it comes back in time', () => {
    const reading = (nowMs: number) => (nowMs % minute < 20_000 ? missing : working('m'));
    expect(follow({ reading, probe: () => 'alive' })).not.toHaveProperty('end');
  });

  it('is not probed', () => {
    const watch = { ...beginWatch(0), missingSinceMs: 0 };
    expect(isProbeDue(watch, { nowMs: 10 * minute, times })).toBe(false);
  });
});

/** Gone, alive, gone, alive … */
function everySecond(): () => Liveness {
  let asked = 0;
  return () => ((asked += 1) % 2 === 1 ? 'gone' : 'alive');
}
