import { expect, it } from 'vitest';
import { createBell } from '../../watcher/loops/bell.ts';

const forever = 10 * 60_000;
const never = new AbortController().signal;

it('ends a long wait soon after it was rung, and the next wait is long again', async () => {
  const bell = createBell(1);
  const waited = bell.wait(forever, never);
  bell.ring();
  await waited;
  const stop = new AbortController();
  let isOver = false;
  const next = bell.wait(forever, stop.signal).then(() => {
    isOver = true;
  });
  await bell.wait(1, never);
  expect(isOver).toBe(false);
  stop.abort();
  await next;
});

it('rung while nobody waits ends the next wait', async () => {
  const bell = createBell(1);
  bell.ring();
  await bell.wait(forever, never);
});
