import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { createBackoff, pause } from '../../watcher/loops/backoff.ts';

it('waits double from try to try until the longest wait, and begins anew after a success', () => {
  const backoff = createBackoff(800, 30_000, () => 0);
  const waits = Array.from({ length: 8 }, () => backoff.nextMs());
  expect(waits).toEqual([800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
  backoff.reset();
  expect(backoff.nextMs()).toBe(800);
});

it('adds up to a fifth by chance, so that many clients do not come back together', () => {
  const waits = [0, 0.5, 0.999].map((random) => createBackoff(1000, 1000, () => random).nextMs());
  expect(waits).toEqual([1000, 1100, 1200]);
});

it('waits at least as long as the server asked for, and still grows', () => {
  const backoff = createBackoff(800, 30_000, () => 0);
  expect(backoff.nextMs(5000)).toBe(5000);
  expect(backoff.nextMs(100)).toBe(1600);
});

it('a pause ends early when the signal is aborted, and is none when it was aborted before', async () => {
  const ending = new AbortController();
  const paused = pause(600_000, ending.signal);
  ending.abort();
  await paused;
  await pause(600_000, ending.signal);
});

it('a pause of a month is not over at once, as a timer that overflows would be', async () => {
  const ending = new AbortController();
  let isOver = false;
  const paused = pause(31 * 24 * 3_600_000, ending.signal).then(() => {
    isOver = true;
  });
  await pause(30, new AbortController().signal);
  expect(isOver).toBe(false);
  ending.abort();
  await paused;
});

it('a pause leaves no listener behind', async () => {
  const { signal } = new AbortController();
  for (let n = 0; n < 5; n += 1) await pause(1, signal);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});
