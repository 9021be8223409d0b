/**
 * The watcher's metrics: what was seen, what became of it, and how far behind the cluster it is.
 *
 * Made by main, told its sources by watch, read at /metrics. Almost everything is asked at the moment of reading. Labels
 * are incident types and fixed words only.
 */
import { Counter, collectDefaultMetrics, Gauge, Registry } from '@prometheus-io/client';
import type { OpenExecutions } from '../reporting/count-executions.ts';

/** What is asked when somebody reads the metrics. */
export interface Sources {
  handover: {
    waiting: () => number;
    oldestWaitingMs: () => number | undefined;
    counts: () => Record<string, number>;
  };
  watches: () => readonly { name: string; seenMs: () => number }[];
  executions: OpenExecutions;
}

export interface WatcherMetrics {
  /** An execution of this incident type has ended. */
  ended: (type: string, outcome: string) => void;
  /** A Hook was not told of an occurrence of this type. */
  refused: (type: string, reason: string) => void;
  /** From now on these are asked. */
  observe: (sources: Sources) => void;
  /** All metrics in the text format of Prometheus. */
  text: () => Promise<string>;
}

const endings = ['started', 'joined', 'covered', 'held', 'refused'];

export function createMetrics(nowMs: () => number = Date.now): WatcherMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const incidents = new Counter({
    name: 'kagent_hooks_incidents_total',
    help: 'Incidents that have ended since this process started, by type and how: resolved, failed, cancelled, terminated or other.',
    labelNames: ['type', 'outcome'] as const,
    registers: [registry],
  });
  const refusals = new Counter({
    name: 'kagent_hooks_refusals_total',
    help: 'Occurrences of which a Hook with that type was not told since this process started, by type and reason.',
    labelNames: ['type', 'reason'] as const,
    registers: [registry],
  });
  return {
    refused: (type, reason) => refusals.inc({ type, reason }),
    ended: (type, outcome) => incidents.inc({ type, outcome }),
    observe: (sources) => {
      measureHandover(registry, sources.handover, nowMs);
      measureWatches(registry, sources.watches, nowMs);
      measureExecutions(registry, sources.executions);
    },
    text: () => registry.metrics(),
  };
}

function measureHandover(registry: Registry, handover: Sources['handover'], nowMs: () => number): void {
  const registers = [registry];
  new Counter({
    name: 'kagent_hooks_occurrences_total',
    help: 'Occurrences handed to Temporal, by how each ended: started, joined, covered, held or refused.',
    labelNames: ['ending'] as const,
    registers,
    collect() {
      const counts = handover.counts();
      this.reset();
      for (const ending of new Set([...endings, ...Object.keys(counts)])) this.inc({ ending }, counts[ending] ?? 0);
    },
  });
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
