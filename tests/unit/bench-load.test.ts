/** The bench's own arithmetic: what it says of latencies, rates and metrics is what was measured. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { samplesOf } from '../bench/count-requests.ts';
import { growthOf } from '../bench/growth.ts';
import { closedLoop, openLoop, percentilesOf } from '../bench/latency.ts';

it('takes as a percentile the smallest value that this share of all does not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, n) => n + 1).toReversed();
  expect(percentilesOf(hundred)).toEqual({ count: 100, p50Ms: 50, p95Ms: 95, p99Ms: 99, mostMs: 100 });
  expect(percentilesOf([7])).toEqual({ count: 1, p50Ms: 7, p95Ms: 7, p99Ms: 7, mostMs: 7 });
  expect(percentilesOf([]).p50Ms).toBeNaN();
});

it('counts a call from when it was due, also behind one that holds up everything', async () => {
  const cameMs: number[] = [];
  const fire = async (n: number) => {
    if (n === 0) {
      const untilMs = Date.now() + 200;
      while (Date.now() < untilMs); // a stall of the whole process
    }
    cameMs[n] = Date.now();
  };
  const due = await openLoop({ perSecond: 100, count: 3, fire });
  expect((due[2] ?? 0) - (due[0] ?? 0)).toBeCloseTo(20);
  expect((cameMs[1] ?? 0) - (due[1] ?? 0)).toBeGreaterThanOrEqual(185);
});

it('does not wait for earlier calls', async () => {
  let running = 0;
  let most = 0;
  const fire = async () => {
    most = Math.max(most, ++running);
    await delay(100);
    running -= 1;
  };
  await openLoop({ perSecond: 200, count: 10, fire });
  expect(most).toBeGreaterThan(2);
});

it('has no more calls in flight than were asked for, and makes each once', async () => {
  let running = 0;
  let most = 0;
  const made: number[] = [];
  const fire = async (n: number) => {
    most = Math.max(most, ++running);
    made.push(n);
    await delay(1);
    running -= 1;
  };
  await closedLoop({ count: 20, fire }, 4);
  expect(most).toBe(4);
  expect(made).toEqual(Array.from({ length: 20 }, (_, n) => n));
});

it('reads the samples of one metric, and not of another whose name begins alike', () => {
  const text = [
    '# TYPE requests counter',
    'requests{operation="Start",note="a } b"} 3',
    'requests_failed{operation="Start"} 9',
    'requests{operation="Signal"} 1e+02',
  ].join('\n');
  expect(samplesOf(text, 'requests')).toEqual([
    { labels: 'operation="Start",note="a } b"', value: 3 },
    { labels: 'operation="Signal"', value: 100 },
  ]);
});

describe('growth', () => {
  const allowed = { percent: 5, least: 3 };

  it.each([
    ['stays', [100, 101, 99, 100, 101, 100], false],
    ['grows by a tenth', [100, 101, 100, 105, 110, 111], true],
    ['shrinks', [120, 110, 100, 100, 90, 80], false],
    ['has one bad moment at the end', [100, 100, 100, 100, 100, 100, 100, 100, 900], false],
    ['grows by little of little', [5, 5, 5, 6, 6, 6], false],
  ])('%s is growth: %s', (_, samples, isTooMuch) => {
    expect(growthOf('memory', samples, allowed)?.isTooMuch).toBe(isTooMuch);
  });

  it('is unknown of two samples', () => {
    expect(growthOf('memory', [1, 100], allowed)).toBeUndefined();
  });
});
