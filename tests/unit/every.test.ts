/** Each way in which a loop can go wrong, as the health server shows it: by its own clock, over HTTP. */
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { findFreePort } from '../../deploy/local/servers/find-free-port.ts';
import { type Health, serveHealth } from '../../runtime/health.ts';
import { every } from '../../watcher/loops/every.ts';
import { createLoops } from '../../watcher/serving/loops.ts';

const everyMs = 10_000;
/** Three rounds and a minute, as the documentation says. */
const limitMs = 3 * everyMs + 60_000;

type Work = (scene: { clock: { ms: number }; round: number }) => Promise<unknown>;

const good: Work = async () => 'done';
const throwing: Work = () => {
  throw new Error('thrown at once');
};
const rejecting: Work = () => Promise.reject(new Error('away\u001b[2J'));
const hanging: Work = () => new Promise(() => undefined);
const taking =
  (ms: number): Work =>
  async ({ clock }) => {
    clock.ms += ms;
  };
const firstGoodThen =
  (next: Work): Work =>
  (scene) =>
    scene.round === 1 ? good(scene) : next(scene);

let close: (() => void)[] = [];
afterEach(() => {
  for (const one of close) one();
  close = [];
});

/** A loop that turns so many times, by a clock that only moves when somebody waits or works. */
async function aLoop(work: Work, ms = everyMs) {
  const clock = { ms: 0 };
  const stop = new AbortController();
  const loops = createLoops(() => clock.ms);
  const waits: number[] = [];
  const logged: string[] = [];
  const turns: (() => void)[] = [];
  let round = 0;
  let idle = Promise.withResolvers<void>();
  const wait = (ms: number) => {
    waits.push(ms);
    idle.resolve();
    return new Promise<void>((resolve) => {
      turns.push(() => {
        clock.ms += ms;
        idle = Promise.withResolvers();
        resolve();
      });
    });
  };
  const log = pino({ level: 'warn' }, { write: (line) => void logged.push(line) });
  const done = every(ms, { log, signal: stop.signal, what: 'reconcile', loops, wait }, () => {
    round += 1;
    return work({ clock, round });
  });
  const port = await findFreePort();
  const health: Health = serveHealth({ port, metrics: async () => '' });
  health.observe({ ready: loops.checks, alive: () => [] });
  health.set({ isReady: true, doing: 'watching' });
  const end = () => {
    stop.abort();
    for (const turn of turns.splice(0)) turn();
  };
  close.push(end, health.close);
  return {
    clock,
    waits,
    logged,
    end,
    done,
    rounds: () => round,
    turn: async () => {
      await idle.promise;
      turns.shift()?.();
    },
    atRest: () => idle.promise,
    ask: async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: answer.status, text: await answer.text() };
    },
  };
}

interface Row {
  name: string;
  work: Work;
  /** Rounds to be made, and what passes after them. */
  turns: number;
  thenMs: number;
  status: 200 | 503;
  says: RegExp;
}

const rows: Row[] = [
  { name: 'succeeds', work: good, turns: 20, thenMs: limitMs, status: 200, says: /last succeeded at/ },
  {
    name: 'throws at once, within the limit',
    work: throwing,
    turns: 8,
    thenMs: 0,
    status: 200,
    says: /thrown at once/,
  },
  {
    name: 'throws at once, beyond it',
    work: throwing,
    turns: 10,
    thenMs: 0,
    status: 503,
    says: /reconcile: has not succeeded since it began at \S+; it failed with: Error: thrown at once/,
  },
  {
    name: 'rejects, beyond it',
    work: rejecting,
    turns: 10,
    thenMs: 0,
    status: 503,
    says: /reconcile: has not succeeded since it began at \S+; it failed with: Error: away\[2J"/,
  },
  {
    name: 'rejects after a success',
    work: firstGoodThen(rejecting),
    turns: 10,
    thenMs: 1,
    status: 503,
    says: /reconcile: last succeeded at \S+; it failed with: Error: away/,
  },
  { name: 'hangs, within the limit', work: hanging, turns: 0, thenMs: limitMs, status: 200, says: /has not succeeded/ },
  {
    name: 'hangs, beyond it',
    work: hanging,
    turns: 0,
    thenMs: limitMs + 1,
    status: 503,
    says: /reconcile: has not succeeded since it began/,
  },
  {
    name: 'hangs after a success',
    work: firstGoodThen(hanging),
    turns: 1,
    thenMs: limitMs,
    status: 503,
    says: /reconcile: last succeeded at/,
  },
  { name: 'is slow, and succeeds', work: taking(limitMs), turns: 3, thenMs: 0, status: 200, says: /last succeeded at/ },
];

describe.each(rows)('a loop that $name', ({ work, turns, thenMs, status, says }) => {
  it(`shows as ${status} in /readyz and /healthz, and never by /livez`, async () => {
    const loop = await aLoop(work);
    for (let n = 0; n < turns; n += 1) await loop.turn();
    loop.clock.ms += thenMs;
    for (const path of ['/readyz', '/healthz']) {
      const answer = await loop.ask(path);
      expect([answer.status, answer.text]).toEqual([status, expect.stringMatching(says)]);
    }
    expect((await loop.ask('/livez')).status).toBe(200);
  });
});

it('a round that failed is made again within half a minute, is logged, and the next good one is waited for as usual', async () => {
  const loop = await aLoop(({ round, ...scene }) => (round === 2 ? rejecting : good)({ ...scene, round }), 300_000);
  for (let n = 0; n < 2; n += 1) await loop.turn();
  await loop.atRest();
  expect(loop.waits).toEqual([300_000, 30_000, 300_000]);
  expect(loop.logged).toEqual([expect.stringContaining('reconcile failed; it is tried again')]);
});

it('it ends when it is aborted, after the round that goes on, and makes no other', async () => {
  const loop = await aLoop(good);
  await loop.atRest();
  const rounds = loop.rounds();
  loop.end();
  await loop.done;
  expect(loop.rounds()).toBe(rounds);
});
