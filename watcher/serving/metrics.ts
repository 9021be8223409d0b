/**
 * The watcher's metrics: what was seen, how it ended, and how far behind the cluster the watcher is.
 *
 * Most are read from their source when they are scraped. Labels are incident types and fixed words only.
 */
import { Counter, Gauge, Registry } from '@prometheus-io/client';
import { collectProcessMetrics } from '../../runtime/process-metrics.ts';
import { endStates } from '../../workflows/contract/outcome.ts';
import { differenceOf, endings, refusalsOf } from '../ledger/account.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Written } from '../recorder/write-events.ts';
import type { OpenExecutions } from '../reporting/count-executions.ts';
import type { OpenHandover } from '../starting/handover.ts';

/** What is read when the metrics are scraped. */
export interface Sources {
  handover: Pick<OpenHandover, 'waiting' | 'waitingOccurrences' | 'oldestWaitingMs'>;
  ledger: Pick<Ledger, 'account'>;
  watches: () => readonly { name: string; seenMs: () => number }[];
  executions: OpenExecutions;
  /** Agent runs that wait for people. */
  waiting: () => readonly WaitingRun[];
}

export interface WaitingRun {
  kind: 'approval' | 'question';
  sinceMs: number;
}

export type WatcherMetrics = ReturnType<typeof createMetrics>;

export function createMetrics(nowMs: () => number = Date.now) {
  const registry = new Registry();
  const registers = [registry];
  collectProcessMetrics(registry);
  const incidents = new Counter({
    name: 'kagent_hooks_incidents_total',
    help: `Incidents that have ended since this process started, by type and how: ${endStates.join(', ')} or other.`,
    labelNames: ['type', 'outcome'] as const,
    registers,
  });
  const refusals = new Counter({
    name: 'kagent_hooks_refusals_total',
    help: 'Occurrences that were not handed over since this process started, by type and reason.',
    labelNames: ['type', 'reason'] as const,
    registers,
  });
  const events = new Counter({
    name: 'kagent_hooks_events_total',
    help: 'Kubernetes Events since this process started, by result: written, dropped (too many), failed.',
    labelNames: ['result'] as const,
    registers,
  });
  return {
    eventWritten: (result: Written) => events.inc({ result }),
    refused: (type: string, reason: string) => refusals.inc({ type, reason }),
    ended: (type: string, outcome: string) => incidents.inc({ type, outcome }),
    /** From now on these are read. */
    observe: (sources: Sources) => {
      for (const each of countersOf(sources)) show(Counter, registers, each);
      const measured = [...gaugesOf(sources, nowMs), ...waitingGaugesOf(sources, nowMs)];
      for (const each of measured) show(Gauge, registers, each);
    },
    /** All metrics in the text format of Prometheus. */
    text: () => registry.metrics(),
  };
}

/** A metric that is read from its source when it is scraped. */
interface Read {
  name: string;
  help: string;
  labelNames?: [string];
  /** By the word of the label, where it has one. */
  read: () => number | Record<string, number>;
}

type Metric = Pick<Counter<string>, 'reset' | 'inc'>;
type MetricOptions = Omit<Read, 'read'> & { registers: Registry[]; collect: () => void };

function show(Kind: new (options: MetricOptions) => Metric, registers: Registry[], { read, ...shown }: Read): void {
  const [label = ''] = shown.labelNames ?? [];
  const collect = () => {
    metric.reset();
    const values = read();
    if (typeof values === 'number') return metric.inc(values);
    for (const [word, value] of Object.entries(values)) metric.inc({ [label]: word }, value);
  };
  const metric = new Kind({ ...shown, registers, collect });
}

function countersOf({ ledger }: Sources): Read[] {
  return [
    {
      name: 'kagent_hooks_occurrences_seen_total',
      help: 'Occurrences that were seen since this process started, once for each Hook with their type.',
      read: () => ledger.account().seen,
    },
    {
      name: 'kagent_hooks_occurrences_total',
      help: `Occurrences by how each ended: ${endings.join(', ')} or refused.`,
      labelNames: ['ending'],
      read: () => {
        const account = ledger.account();
        const counts = Object.fromEntries(endings.map((ending) => [ending, account[ending]]));
        return { ...counts, refused: refusalsOf(account) };
      },
    },
    {
      name: 'kagent_hooks_gaps_total',
      help: 'Times in which nobody watched, or a stream was interrupted, since this process started.',
      read: () => ledger.account().gaps,
    },
    {
      name: 'kagent_hooks_gap_seconds_total',
      help: 'How long those were together.',
      read: () => ledger.account().gapSeconds,
    },
  ];
}

function gaugesOf({ ledger, handover, watches, executions }: Sources, nowMs: () => number): Read[] {
  const startedMs = nowMs();
  const secondsSince = (ms = nowMs()) => Math.max(0, nowMs() - ms) / 1000;
  return [
    {
      name: 'kagent_hooks_ledger_difference',
      help: 'Occurrences that were seen, have not ended and do not wait; 0, or something is wrong.',
      read: () => differenceOf(ledger.account(), handover.waitingOccurrences()),
    },
    {
      name: 'kagent_hooks_queue_depth',
      help: 'Occurrences, and ends of states, that wait for Temporal to take them.',
      read: handover.waiting,
    },
    {
      name: 'kagent_hooks_queue_oldest_seconds',
      help: 'Time since the oldest of those that wait has happened; 0 when nothing waits.',
      read: () => secondsSince(handover.oldestWaitingMs()),
    },
    {
      name: 'kagent_hooks_watch_last_seen_age_seconds',
      help: 'Time since the API server last sent something by this watch; about a minute at most where all is well.',
      labelNames: ['watch'],
      read: () => Object.fromEntries(watches().map(({ name, seenMs }) => [name, secondsSince(seenMs() || startedMs)])),
    },
    {
      name: 'kagent_hooks_open_executions',
      help: 'Incidents that are being handled, by type, as Temporal listed them last.',
      labelNames: ['type'],
      read: () => Object.fromEntries(executions.open()),
    },
  ];
}

function waitingGaugesOf({ waiting }: Sources, nowMs: () => number): Read[] {
  const ofEachKind = (read: (runs: WaitingRun[]) => number) => {
    const of = (expected: WaitingRun['kind']) => read(waiting().filter(({ kind }) => kind === expected));
    return { approval: of('approval'), question: of('question') };
  };
  return [
    {
      name: 'kagent_hooks_waiting_runs',
      help: 'Agent runs that wait for people, by what for: approval or question.',
      labelNames: ['kind'],
      read: () => ofEachKind((runs) => runs.length),
    },
    {
      name: 'kagent_hooks_waiting_oldest_seconds',
      help: 'How long the longest of those has waited; 0 when none does.',
      labelNames: ['kind'],
      read: () => ofEachKind((runs) => Math.max(0, ...runs.map(({ sinceMs }) => (nowMs() - sinceMs) / 1000))),
    },
  ];
}
