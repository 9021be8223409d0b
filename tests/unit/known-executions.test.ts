/** What is kept of executions: no more than status shows, however many have come and gone. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Reported } from '../../watcher/recorder/events-of.ts';
import { createEventRecorder, remember } from '../../watcher/recorder/record-events.ts';
import type { ExecutionRow, Executions } from '../../watcher/reporting/executions.ts';
import { createKnownExecutions } from '../../watcher/reporting/known-executions.ts';
import { aHook, aMemo, anExecutionRow, at, noon } from '../make.ts';

const hourMs = 60 * 60_000;

beforeEach(() => {
  vi.useFakeTimers({ now: noon });
});
afterEach(() => {
  vi.useRealTimers();
});

const aRow = (n: number, over: Partial<ExecutionRow> = {}) =>
  anExecutionRow({ workflowId: `w${n}`, runId: `r${n}`, ...over });
const closedAt = (n: number, closedMs: number) => aRow(n, { isOpen: false, state: 'resolved', closedMs });

function knownOf(listed: () => ExecutionRow[]) {
  const froms: number[] = [];
  async function* list(ms: number) {
    froms.push(ms);
    yield* listed();
  }
  const executions: Executions = { since: list, changedSince: list };
  return { froms, ...createKnownExecutions({ executions, hooks: () => [], recorder: { see: () => undefined } }) };
}

it('of closed executions, the newest 2,000 of the last hour are kept, and every open one', async () => {
  const open = Array.from({ length: 50 }, (_, n) => aRow(n, { startedMs: noon - 100 * hourMs }));
  const old = Array.from({ length: 100 }, (_, n) => closedAt(1000 + n, noon - hourMs - 1));
  const recent = Array.from({ length: 2100 }, (_, n) => closedAt(2000 + n, noon - n));
  const known = knownOf(() => [...old, ...recent, ...open]);
  await known.readAll();
  const kept = [...known.rows()].map(({ workflowId }) => workflowId);
  const expected = [...recent.slice(0, 2000), ...open].map(({ workflowId }) => workflowId);
  expect(kept.toSorted()).toEqual(expected.toSorted());
});

it('a closed execution that nobody lists any more is forgotten after an hour', async () => {
  let listed = [closedAt(1, noon)];
  const known = knownOf(() => listed);
  await known.readAll();
  listed = [];
  vi.setSystemTime(noon + hourMs - 1000);
  await known.readChanges();
  expect([...known.rows()]).toHaveLength(1);
  vi.setSystemTime(noon + hourMs + 1000);
  await known.readChanges();
  expect([...known.rows()]).toEqual([]);
});

it('of a memo, what status does not show is not kept', async () => {
  const transitions = [{ state: 'asked' as const, at: at(1) }];
  const memo = aMemo({ answer: 'restart it', transitions, known: { member: { id: 'occurrence', order: 1 } } });
  const known = knownOf(() => [aRow(1, { memo })]);
  await known.readAll();
  const [row] = known.rows();
  expect(row?.memo).toMatchObject({ answer: 'restart it', count: memo.count });
  expect(row?.memo).not.toHaveProperty('transitions');
  expect(row?.memo).not.toHaveProperty('known');
});

it('after hours in which nothing could be listed, all that has ended meanwhile is', async () => {
  const known = knownOf(() => [aRow(1)]);
  await known.readAll();
  vi.setSystemTime(noon + 5 * hourMs);
  await known.readAll();
  expect(known.froms).toEqual([noon - hourMs, noon - 5000]);
});

it('of what Events were written about, ten minutes are remembered, though all of an hour is listed again', () => {
  const reported: Map<string, Reported> = new Map();
  const rows = Array.from({ length: 60 }, (_, minute) => {
    const seen = new Date(noon + minute * 60_000).toISOString();
    return aRow(minute, { memo: aMemo({ lastSeen: seen, transitions: [{ state: 'asked', at: seen }] }) });
  });
  const nowMs = noon + hourMs;
  for (const row of [...rows, ...rows.toReversed()]) remember(reported, row, nowMs);
  expect([...reported.keys()].toSorted()).toEqual(['r51', 'r52', 'r53', 'r54', 'r55', 'r56', 'r57', 'r58', 'r59']);
});

it('an Event is written once, also when its execution is listed for hours', () => {
  const written: string[] = [];
  let nowMs = noon + 5000;
  const recorder = createEventRecorder({ write: ({ reason }) => written.push(reason) }, () => nowMs);
  const see = (n: number) =>
    recorder.see(aRow(n, { memo: aMemo({ transitions: [{ state: 'asked', at: at(1) }] }) }), aHook());
  for (let minute = 0; minute < 180; minute += 1) {
    see(1);
    see(2);
    nowMs += 60_000;
  }
  expect(written).toEqual(['AgentCallSuccess', 'AgentCallSuccess']);
});
