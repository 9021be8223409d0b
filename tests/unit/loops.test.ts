/** Health shows a loop that has not succeeded lately, and of none too early. */
import { expect, it } from 'vitest';
import { createLoops } from '../../watcher/serving/loops.ts';

function aScene() {
  let clockMs = 1000;
  const loops = createLoops(() => clockMs);
  const after = (ms: number) => {
    clockMs += ms;
    return loops.checks();
  };
  const limitMs = 3 * 10_000 + 60_000;
  return { loop: loops.watch('checkpoint', 10_000), loops, after, limitMs };
}

it('a loop is well from its beginning until three of its rounds and a minute have passed without a success', () => {
  const { after, limitMs } = aScene();
  expect(after(0)).toMatchObject([{ name: 'checkpoint', ok: true }]);
  expect(after(limitMs)).toMatchObject([{ ok: true }]);
  expect(after(1)).toMatchObject([
    { ok: false, message: expect.stringMatching(/^has not succeeded since it began at 2/) },
  ]);
});

it('a success makes it well again, for as long', () => {
  const { loop, after, limitMs } = aScene();
  after(limitMs + 1);
  loop.failed(new Error('away'));
  loop.succeeded();
  expect(after(limitMs)).toMatchObject([{ ok: true, message: expect.stringMatching(/^last succeeded at [^;]*Z$/) }]);
  expect(after(1)).toMatchObject([{ ok: false }]);
});

it('a failure is no success: it shows since when none was, and the last error', () => {
  const { loop, after, limitMs } = aScene();
  loop.succeeded();
  for (const why of ['first', 'last']) {
    after(limitMs / 2 + 1);
    loop.failed(new Error(why));
  }
  expect(after(0)).toMatchObject([
    { ok: false, message: expect.stringMatching(/^last succeeded at \S+Z; it failed with: Error: last$/) },
  ]);
});

it('what an error says is one short line without controls', () => {
  const { loop, after } = aScene();
  loop.failed(new Error(`a\r\nb\u001b[31m\u202e${'x'.repeat(10_000)}`));
  const [check] = after(0);
  expect(check?.message).toMatch(/Error: a b\[31mx+/);
  for (const character of ['\r', '\n', '\u001b', '\u202e']) expect(check?.message).not.toContain(character);
  expect(check?.message.length).toBeLessThan(400);
});

it('each loop is checked by its own interval, whatever becomes of the others', () => {
  const { loop, loops, after, limitMs } = aScene();
  loops.watch('reconcile', 300_000);
  loop.failed('no');
  expect(after(limitMs + 1).map(({ name, ok }) => [name, ok])).toEqual([
    ['checkpoint', false],
    ['reconcile', true],
  ]);
});
