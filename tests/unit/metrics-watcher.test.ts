/** The watcher's metrics: from what is listed and waits, at the moment of reading. */
import { describe, expect, it } from 'vitest';
import { createLedger } from '../../watcher/ledger/ledger.ts';
import { countExecutions } from '../../watcher/reporting/count-executions.ts';
import type { ExecutionRow } from '../../watcher/reporting/executions.ts';
import { waitingRuns } from '../../watcher/reporting/waiting-runs.ts';
import { createMetrics, type Sources } from '../../watcher/serving/metrics.ts';
import { aMemo, anExecutionRow, at, aWaiting, noon } from '../make.ts';
import { samplesOf } from '../samples-of.ts';

const aRow = (over: Partial<ExecutionRow> = {}) => anExecutionRow({ agent: 'memory-analyzer', ...over });

const closed = (over: Partial<ExecutionRow> = {}) =>
  aRow({ isOpen: false, closedMs: noon + 1000, state: 'resolved', ...over });

/** Executions that are listed as the test says, and counted as the watcher does. */
function aCount() {
  let rows: ExecutionRow[] = [];
  const ended: string[] = [];
  async function* list() {
    yield* rows;
  }
  const counted = countExecutions(
    { since: list, changedSince: list },
    { sinceMs: noon, onEnded: (type, outcome) => ended.push(`${type} ${outcome}`) },
  );
  const read = async (from: AsyncIterable<ExecutionRow>) => {
    const seen: ExecutionRow[] = [];
    for await (const row of from) seen.push(row);
    return seen;
  };
  return {
    ended,
    counted,
    open: () => Object.fromEntries(counted.open()),
    whole: (...next: ExecutionRow[]) => {
      rows = next;
      return read(counted.since(0));
    },
    changes: (...next: ExecutionRow[]) => {
      rows = next;
      return read(counted.changedSince(0));
    },
  };
}

describe('executions', () => {
  it('reach the report as they were listed', async () => {
    const rows = [aRow(), closed({ workflowId: 'w2', runId: 'r2' })];
    expect(await aCount().whole(...rows)).toEqual(rows);
  });

  it('that have ended are counted once, however often they are listed', async () => {
    const { whole, changes, ended } = aCount();
    await changes(closed());
    await changes(closed());
    await whole(closed());
    expect(ended).toEqual(['oom-kill resolved']);
  });

  it('that ended before this process started were counted by an earlier one', async () => {
    const { whole, ended } = aCount();
    await whole(closed({ closedMs: noon - 1 }));
    expect(ended).toEqual([]);
  });

  it('are counted by type and outcome, where an ending without a word of its own is other', async () => {
    const { changes, ended } = aCount();
    await changes(
      closed({ runId: 'a', eventType: 'pod-pending', state: 'failed' }),
      closed({ runId: 'b', state: 'terminated' }),
      closed({ runId: 'c', state: 'asked' }),
    );
    expect(ended).toEqual(['pod-pending failed', 'oom-kill terminated', 'oom-kill other']);
  });

  it('are open until they have ended, also where a late listing shows them open again', async () => {
    const { changes, open } = aCount();
    await changes(aRow(), aRow({ workflowId: 'w2', runId: 'r2', eventType: 'pod-pending' }));
    expect(open()).toEqual({ 'oom-kill': 1, 'pod-pending': 1 });
    await changes(closed(), aRow());
    expect(open()).toEqual({ 'pod-pending': 1 });
  });

  it('that go on in a new run are one', async () => {
    const { changes, open } = aCount();
    await changes(aRow({ runId: 'r1' }));
    await changes(aRow({ runId: 'r2' }));
    expect(open()).toEqual({ 'oom-kill': 1 });
    await changes(closed({ runId: 'r1' }));
    expect(open()).toEqual({ 'oom-kill': 1 });
  });

  it('that open while a whole listing is read are open after it, though it does not show them', async () => {
    const page = Promise.withResolvers<void>();
    async function* since() {
      await page.promise;
      yield* [] as ExecutionRow[];
    }
    async function* changedSince() {
      yield aRow();
    }
    const counted = countExecutions({ since, changedSince }, { sinceMs: noon, onEnded: () => undefined });
    const whole = Array.fromAsync(counted.since(0));
    await Array.fromAsync(counted.changedSince(0));
    page.resolve();
    await whole;
    expect(Object.fromEntries(counted.open())).toEqual({ 'oom-kill': 1 });
  });

  it('that are gone without a trace are not open after a whole listing', async () => {
    const { changes, whole, open } = aCount();
    await changes(aRow());
    await changes();
    expect(open()).toEqual({ 'oom-kill': 1 });
    await whole();
    expect(open()).toEqual({});
  });
});

describe('what is read at /metrics', () => {
  const sources = (over: Partial<Sources> = {}): Sources => ({
    handover: { waiting: () => 0, waitingOccurrences: () => 0, oldestWaitingMs: () => undefined },
    ledger: createLedger(),
    watches: () => [],
    executions: { open: () => new Map() },
    waiting: () => [],
    ...over,
  });

  it('has every way in which an occurrence may end from the start, and counts on', async () => {
    const metrics = createMetrics();
    const ledger = createLedger();
    metrics.observe(sources({ ledger }));
    const read = async () => samplesOf(await metrics.text(), 'kagent_hooks_occurrences_total');
    ledger.ended('started');
    expect(await read()).toEqual({
      'ending="started"': 1,
      'ending="joined"': 0,
      'ending="already-handled"': 0,
      'ending="incident-failed"': 0,
      'ending="too-old"': 0,
      'ending="refused"': 0,
    });
    ledger.ended('joined');
    for (const reason of ['TooOld', 'Paused', 'LabelsDiffer']) ledger.refused(reason);
    expect(await read()).toMatchObject({ 'ending="joined"': 1, 'ending="too-old"': 1, 'ending="refused"': 2 });
  });

  it('has a difference of what was seen and has neither ended nor waits', async () => {
    const metrics = createMetrics();
    const ledger = createLedger();
    let waits = 0;
    const handover = { waiting: () => waits, waitingOccurrences: () => waits, oldestWaitingMs: () => undefined };
    metrics.observe(sources({ ledger, handover }));
    const read = async () => samplesOf(await metrics.text(), 'kagent_hooks_ledger_difference')[''];
    ledger.saw();
    expect(await read()).toBe(1);
    waits = 1;
    expect(await read()).toBe(0);
    waits = 0;
    ledger.ended('incident-failed');
    expect(await read()).toBe(0);
    expect(samplesOf(await metrics.text(), 'kagent_hooks_occurrences_seen_total')).toEqual({ '': 1 });
  });

  it('has how often and how long nobody watched, and what became of Kubernetes Events', async () => {
    const metrics = createMetrics();
    const ledger = createLedger();
    metrics.observe(sources({ ledger }));
    ledger.gap(2);
    ledger.gap(0.5);
    metrics.eventWritten('dropped');
    expect(samplesOf(await metrics.text(), 'kagent_hooks_gaps_total')).toEqual({ '': 2 });
    expect(samplesOf(await metrics.text(), 'kagent_hooks_gap_seconds_total')).toEqual({ '': 2.5 });
    expect(samplesOf(await metrics.text(), 'kagent_hooks_events_total')).toEqual({ 'result="dropped"': 1 });
  });

  it('shows how much waits, and since when', async () => {
    const metrics = createMetrics(() => noon + 5000);
    let oldest: number | undefined = noon;
    const handover = { waiting: () => 3, waitingOccurrences: () => 3, oldestWaitingMs: () => oldest };
    metrics.observe(sources({ handover }));
    expect(samplesOf(await metrics.text(), 'kagent_hooks_queue_depth')).toEqual({ '': 3 });
    expect(samplesOf(await metrics.text(), 'kagent_hooks_queue_oldest_seconds')).toEqual({ '': 5 });
    oldest = undefined;
    expect(samplesOf(await metrics.text(), 'kagent_hooks_queue_oldest_seconds')).toEqual({ '': 0 });
  });

  it('shows the age of each watch, which grows from the start where nothing ever came', async () => {
    let nowMs = noon;
    const metrics = createMetrics(() => nowMs);
    metrics.observe(
      sources({
        watches: () => [
          { name: 'pods', seenMs: () => noon + 1000 },
          { name: 'hooks', seenMs: () => 0 },
        ],
      }),
    );
    nowMs = noon + 4000;
    expect(samplesOf(await metrics.text(), 'kagent_hooks_watch_last_seen_age_seconds')).toEqual({
      'watch="hooks"': 4,
      'watch="pods"': 3,
    });
  });

  it('forgets the types of which nothing is open any more', async () => {
    const metrics = createMetrics();
    let open = new Map([['oom-kill', 2]]);
    metrics.observe(sources({ executions: { open: () => open } }));
    expect(samplesOf(await metrics.text(), 'kagent_hooks_open_executions')).toEqual({ 'type="oom-kill"': 2 });
    open = new Map();
    expect(samplesOf(await metrics.text(), 'kagent_hooks_open_executions')).toEqual({});
  });

  it('counts what waits for people by its kind, and shows for how long', async () => {
    const metrics = createMetrics(() => noon + 90_000);
    const waits = (state: string, since: number, isOpen = true) =>
      aRow({ isOpen, state, memo: aMemo({ waiting: aWaiting({ since: at(since) }) }) });
    const rows = [waits('awaiting-approval', 30), waits('awaiting-approval', 60), waits('awaiting-answer', 80)];
    let known = [...rows, waits('running', 0), waits('awaiting-approval', 0, false), waits('input-required', 0)];
    metrics.observe(sources({ waiting: () => waitingRuns(known) }));
    const read = async (name: string) => samplesOf(await metrics.text(), `kagent_hooks_waiting_${name}`);
    expect(await read('runs')).toEqual({ 'kind="approval"': 2, 'kind="question"': 1 });
    expect(await read('oldest_seconds')).toEqual({ 'kind="approval"': 60, 'kind="question"': 10 });
    known = [];
    expect(await read('runs')).toEqual({ 'kind="approval"': 0, 'kind="question"': 0 });
    expect(await read('oldest_seconds')).toEqual({ 'kind="approval"': 0, 'kind="question"': 0 });
  });

  it('counts incidents by type and outcome', async () => {
    const metrics = createMetrics();
    metrics.ended('oom-kill', 'resolved');
    metrics.ended('oom-kill', 'failed');
    metrics.ended('oom-kill', 'resolved');
    expect(samplesOf(await metrics.text(), 'kagent_hooks_incidents_total')).toEqual({
      'outcome="failed",type="oom-kill"': 1,
      'outcome="resolved",type="oom-kill"': 2,
    });
  });
});
