/** Status as a projection of Temporal: what is read, from which moment on, and what a failing read stops. */
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type ApiServer, KubeError } from '../../watcher/kube/api-server.ts';
import { createCursor } from '../../watcher/reporting/cursor.ts';
import type { ExecutionRow, Executions } from '../../watcher/reporting/executions.ts';
import { createKnownExecutions } from '../../watcher/reporting/known-executions.ts';
import { report } from '../../watcher/reporting/report.ts';
import { createLoops } from '../../watcher/serving/loops.ts';
import { aHook, anExecutionRow, noon } from '../make.ts';

const everyMs = 2000;

const aRow = (over: Partial<ExecutionRow> = {}) => anExecutionRow({ state: 'delivering', ...over });

const Applied = z.object({ status: z.object({ activeEvents: z.array(z.object({ state: z.string() })) }) });

/** A pause by the clock of the test. */
async function wait(ms: number, signal: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, ms);
  signal.addEventListener('abort', () => over.resolve(), { once: true });
  await over.promise;
  clearTimeout(timer);
}

/** Temporal's visibility, with a clock of its own, and the report that reads it with the watcher's. */
function aScene({ aheadMs = 0 } = {}) {
  const startedAt = performance.now();
  const temporalMs = () => noon + performance.now() - startedAt;
  vi.setSystemTime(noon + aheadMs);
  const rows = new Map<string, ExecutionRow>();
  const broken = new Set<'since' | 'changedSince'>();
  const asked: { way: string; fromMs: number; found: number }[] = [];
  async function* list(way: 'since' | 'changedSince', fromMs: number, isMeant: (row: ExecutionRow) => boolean) {
    if (broken.has(way)) throw new Error(`${way} is broken`);
    const found = [...rows.values()].filter(isMeant);
    asked.push({ way, fromMs, found: found.length });
    yield* found;
  }
  const newestMs = ({ startedMs, closedMs = 0, changedMs = 0 }: ExecutionRow) =>
    Math.max(startedMs, closedMs, changedMs);
  const executions: Executions = {
    since: (ms) => list('since', ms, ({ isOpen, closedMs = 0 }) => isOpen || closedMs > ms),
    changedSince: (ms) => list('changedSince', ms, (row) => newestMs(row) > ms),
  };
  const shown: string[] = [];
  const refusals: number[] = [];
  const api: ApiServer = {
    json: async ({ body }) => {
      const status = refusals.at(-1);
      if (status !== undefined) throw new KubeError('no', status);
      const written = Applied.parse(body).status;
      shown.push(written.activeEvents.map(({ state }) => state).join(' '));
    },
    open: () => Promise.reject(new Error('nothing is watched')),
    close: () => undefined,
  };
  const stop = new AbortController();
  const live = [aHook()];
  const hooks = () => live;
  const loops = createLoops();
  const done = report({
    api,
    executions: createKnownExecutions({ executions, hooks, recorder: { see: () => undefined } }),
    hooks,
    agents: {
      reachable: undefined,
      of: () => undefined,
      readinessOf: () => undefined,
      version: () => 0,
    },
    expressionFailures: { of: () => undefined },
    linkTo: undefined,
    everyMs,
    loops,
    wait,
    log: pino({ level: 'silent' }),
    signal: stop.signal,
  });
  const change = (state: string, over: Partial<ExecutionRow> = {}) =>
    rows.set('w1', {
      ...(rows.get('w1') ?? aRow({ startedMs: temporalMs() })),
      state,
      changedMs: temporalMs(),
      ...over,
    });
  const end = async () => {
    stop.abort();
    await done;
  };
  const wrong = () => loops.checks().filter(({ ok }) => !ok);
  return { rows, broken, asked, shown, refusals, change, wrong, end, temporalMs };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe.each([
  ['as Temporal’s', 0],
  ['6 s ahead of Temporal’s', 6000],
  ['6 s behind Temporal’s', -6000],
])('with a clock %s', (_, aheadMs) => {
  it('each change is shown within the next round, also long after the one before it', async () => {
    const { change, shown, end } = aScene({ aheadMs });
    await vi.advanceTimersByTimeAsync(10_000);
    for (const state of ['delivering', 'asked', 'running', 'answered']) {
      change(state);
      await vi.advanceTimersByTimeAsync(everyMs);
      expect(shown.at(-1)).toBe(state);
      await vi.advanceTimersByTimeAsync(41_000);
    }
    change('resolved', { isOpen: false, closedMs: noon + 10_000 + 4 * 43_000 });
    await vi.advanceTimersByTimeAsync(everyMs);
    expect(shown.at(-1)).toBe('resolved');
    await end();
  });

  it('what has not changed for a while is not listed again and again', async () => {
    const { change, asked, end } = aScene({ aheadMs });
    change('asked');
    await vi.advanceTimersByTimeAsync(20_000);
    asked.splice(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked.filter(({ way }) => way === 'changedSince').length).toBeGreaterThan(25);
    expect(asked.reduce((sum, { found }) => sum + found, 0)).toBe(0);
    await end();
  });
});

describe('a whole read that fails', () => {
  it('does not keep changes from being shown, and shows in health', async () => {
    const { broken, change, shown, wrong, end } = aScene();
    await vi.advanceTimersByTimeAsync(everyMs);
    broken.add('since');
    await vi.advanceTimersByTimeAsync(17 * 60_000);
    change('asked');
    await vi.advanceTimersByTimeAsync(everyMs);
    expect(shown.at(-1)).toBe('asked');
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    expect(wrong()).toMatchObject([
      { name: 'reading all executions', message: expect.stringContaining('Error: since is broken') },
    ]);
    broken.clear();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(wrong()).toEqual([]);
    await end();
  });

  it('from the beginning leaves what has changed within the hour to the other one', async () => {
    const { broken, change, shown, end } = aScene();
    broken.add('since');
    change('asked');
    await vi.advanceTimersByTimeAsync(everyMs);
    expect(shown.at(-1)).toBe('asked');
    await end();
  });
});

describe('a read of changes that fails', () => {
  it('does not keep everything from being listed every five minutes, and health shows it within a minute or so', async () => {
    const { broken, change, shown, wrong, end } = aScene();
    await vi.advanceTimersByTimeAsync(everyMs);
    broken.add('changedSince');
    change('asked');
    await vi.advanceTimersByTimeAsync(70_000);
    expect(wrong().map(({ name }) => name)).toEqual(['reading changed executions']);
    expect(shown.at(-1)).toBe('');
    await vi.advanceTimersByTimeAsync(240_000);
    expect(shown.at(-1)).toBe('asked');
    await end();
  });

  it('and comes back asks from where it was, so that nothing of the meantime is missing', async () => {
    const { broken, change, asked, shown, end } = aScene();
    change('delivering');
    await vi.advanceTimersByTimeAsync(10_000);
    broken.add('changedSince');
    await vi.advanceTimersByTimeAsync(everyMs);
    change('asked');
    await vi.advanceTimersByTimeAsync(60_000);
    broken.clear();
    await vi.advanceTimersByTimeAsync(everyMs);
    expect(shown.at(-1)).toBe('asked');
    expect(asked.at(-1)?.way).toBe('changedSince');
    await end();
  });
});

describe('a status that cannot be written', () => {
  it.each([
    ['because the API server is away shows in health', 503, ['writing Hook status']],
    ['because nobody may shows in health', 403, ['writing Hook status']],
    ['because of what is in that one Hook is no trouble of the others', 422, []],
  ])('%s', async (_, status, expected) => {
    const { refusals, wrong, end } = aScene();
    refusals.push(status);
    await vi.advanceTimersByTimeAsync(70_000);
    expect(wrong().map(({ name }) => name)).toEqual(expected);
    await end();
  });
});

it('a time that somebody has written into the future moves the cursor nowhere', () => {
  vi.setSystemTime(noon);
  const cursor = createCursor(() => 0);
  cursor.see(aRow({ changedMs: Date.parse('2099-01-01T00:00:00Z') }));
  cursor.read(cursor.begin());
  expect(cursor.fromMs()).toBe(noon - 5000);
});
