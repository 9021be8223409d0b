/**
 * The watcher's metrics: what was seen, how it ended, and how far behind the cluster the watcher is.
 *
 * Most are read from their source when they are scraped. Labels are incident types and fixed words only.
 */
import { Counter, collectDefaultMetrics, Gauge, Registry } from '@prometheus-io/client';
import { endStates } from '../../workflows/contract/outcome.ts';
import { type Account, differenceOf, endings, refusalsOf } from '../ledger/account.ts';
import type { Written } from '../recorder/write-events.ts';
import type { OpenExecutions } from '../reporting/count-executions.ts';

/** What is read when the metrics are scraped. */
export interface Sources {
  handover: {
    waiting: () => number;
    waitingOccurrences: () => number;
    oldestWaitingMs: () => number | undefined;
  };
  ledger: { account: () => Account };
  watches: () => readonly { name: string; seenMs: () => number }[];
  executions: OpenExecutions;
  /** Agent runs that wait for people. */
  waiting: () => readonly WaitingRun[];
}

export interface WaitingRun {
  kind: 'approval' | 'question';
  sinceMs: number;
}

export interface WatcherMetrics {
  /** An execution of this incident type has ended. */
  ended: (type: string, outcome: string) => void;
  /** An occurrence of this type was not handed over. */
  refused: (type: string, reason: string) => void;
  /** A Kubernetes Event was written, or was not. */
  eventWritten: (result: Written) => void;
  /** From now on these are read. */
  observe: (sources: Sources) => void;
  /** All metrics in the text format of Prometheus. */
  text: () => Promise<string>;
}

export function createMetrics(nowMs: () => number = Date.now): WatcherMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const incidents = new Counter({
    name: 'kagent_hooks_incidents_total',
    help: `Incidents that have ended since this process started, by type and how: ${endStates.join(', ')} or other.`,
    labelNames: ['type', 'outcome'] as const,
    registers: [registry],
  });
  const refusals = new Counter({
    name: 'kagent_hooks_refusals_total',
    help: 'Occurrences that were not handed over since this process started, by type and reason.',
    labelNames: ['type', 'reason'] as const,
    registers: [registry],
  });
  const events = new Counter({
    name: 'kagent_hooks_events_total',
    help: 'Kubernetes Events since this process started, by result: written, dropped (too many), failed.',
    labelNames: ['result'] as const,
    registers: [registry],
  });
  return {
    eventWritten: (result) => events.inc({ result }),
    refused: (type, reason) => refusals.inc({ type, reason }),
    ended: (type, outcome) => incidents.inc({ type, outcome }),
    observe: (sources) => {
      measureLedger(registry, sources);
      measureHandover(registry, sources.handover, nowMs);
      measureWatches(registry, sources.watches, nowMs);
      measureExecutions(registry, sources.executions);
      measureWaiting(registry, sources.waiting, nowMs);
    },
    text: () => registry.metrics(),
  };
}

function measureLedger(registry: Registry, { ledger, handover }: Sources): void {
  const registers = [registry];
  const counter = (name: string, help: string, read: (account: Account) => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read(ledger.account()));
      },
    });
  const seenHelp = 'Occurrences that were seen since this process started, once for each Hook with their type.';
  counter('kagent_hooks_occurrences_seen_total', seenHelp, ({ seen }) => seen);
  new Counter({
    name: 'kagent_hooks_occurrences_total',
    help: `Occurrences by how each ended: ${endings.join(', ')} or refused.`,
    labelNames: ['ending'] as const,
    registers,
    collect() {
      const account = ledger.account();
      this.reset();
      for (const ending of endings) this.inc({ ending }, account[ending]);
      this.inc({ ending: 'refused' }, refusalsOf(account));
    },
  });
  new Gauge({
    name: 'kagent_hooks_ledger_difference',
    help: 'Occurrences that were seen, have not ended and do not wait; 0, or something is wrong.',
    registers,
    collect() {
      this.set(differenceOf(ledger.account(), handover.waitingOccurrences()));
    },
  });
  const gapsHelp = 'Times in which nobody watched, or a stream was interrupted, since this process started.';
  counter('kagent_hooks_gaps_total', gapsHelp, ({ gaps }) => gaps);
  counter('kagent_hooks_gap_seconds_total', 'How long those were together.', ({ gapSeconds }) => gapSeconds);
}

function measureHandover(registry: Registry, handover: Sources['handover'], nowMs: () => number): void {
  const registers = [registry];
  new Gauge({
    name: 'kagent_hooks_queue_depth',
    help: 'Occurrences, and ends of states, that wait for Temporal to take them.',
    registers,
    collect() {
      this.set(handover.waiting());
    },
  });
  new Gauge({
    name: 'kagent_hooks_queue_oldest_seconds',
    help: 'Time since the oldest of those that wait has happened; 0 when nothing waits.',
    registers,
    collect() {
      const sinceMs = handover.oldestWaitingMs();
      this.set(sinceMs === undefined ? 0 : Math.max(0, nowMs() - sinceMs) / 1000);
    },
  });
}

function measureWatches(registry: Registry, watches: Sources['watches'], nowMs: () => number): void {
  const startedMs = nowMs();
  new Gauge({
    name: 'kagent_hooks_watch_last_seen_age_seconds',
    help: 'Time since the API server last sent something by this watch; about a minute at most where all is well.',
    labelNames: ['watch'] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const { name, seenMs } of watches())
        this.set({ watch: name }, Math.max(0, nowMs() - (seenMs() || startedMs)) / 1000);
    },
  });
}

function measureExecutions(registry: Registry, executions: OpenExecutions): void {
  new Gauge({
    name: 'kagent_hooks_open_executions',
    help: 'Incidents that are being handled, by type, as Temporal listed them last.',
    labelNames: ['type'] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const [type, count] of executions.open()) this.set({ type }, count);
    },
  });
}

function measureWaiting(registry: Registry, waiting: Sources['waiting'], nowMs: () => number): void {
  const labelNames = ['kind'] as const;
  const registers = [registry];
  const of = (expected: WaitingRun['kind']) => waiting().filter(({ kind }) => kind === expected);
  new Gauge({
    name: 'kagent_hooks_waiting_runs',
    help: 'Agent runs that wait for people, by what for: approval or question.',
    labelNames,
    registers,
    collect() {
      for (const kind of ['approval', 'question'] as const) this.set({ kind }, of(kind).length);
    },
  });
  new Gauge({
    name: 'kagent_hooks_waiting_oldest_seconds',
    help: 'How long the longest of those has waited; 0 when none does.',
    labelNames,
    registers,
    collect() {
      for (const kind of ['approval', 'question'] as const) {
        const ages = of(kind).map(({ sinceMs }) => nowMs() - sinceMs);
        this.set({ kind }, Math.max(0, ...ages) / 1000);
      }
    },
  });
}
