/**
 * The worker's metrics: the calls to the agent platform, the process itself, and what Temporal's SDK counts.
 *
 * Labels hold agents' names and fixed words, never anything a server wrote.
 */
import { Counter, Histogram, Registry } from '@prometheus-io/client';
import type { CallObserver } from '../../activities/agents/call-observer.ts';
import { errorTypes } from '../../activities/agents/error-type.ts';
import { collectProcessMetrics } from '../../runtime/process-metrics.ts';
import { countRuns } from './run-metrics.ts';

export type WorkerMetrics = ReturnType<typeof createMetrics>;

export interface MetricsOptions {
  /** The metrics of Temporal's SDK as text; rejects while there are none. */
  temporal: () => Promise<string>;
  /** Distinct values of `agent_id`; further agents are counted together as `other`. */
  agentLimit?: number;
  nowMs?: () => number;
}

/** Seconds; calls last up to the nine minutes that a timeout may have. */
const callBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** Seconds; from at once to the day for which deliveries are repeated. */
const latencyBuckets = [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600, 14_400, 86_400];

export function createMetrics({ temporal, agentLimit = 200, nowMs = Date.now }: MetricsOptions) {
  const registry = new Registry();
  collectProcessMetrics(registry);
  const labelOf = bounded(agentLimit);
  return {
    /** To be given to the adapter that calls agents. */
    calls: countCalls(registry, labelOf, nowMs),
    /** To be given to the activities that start and follow agent runs. */
    runs: countRuns(registry, labelOf),
    /** In the format of Prometheus; what this process knows itself must be read also while Temporal's part cannot be. */
    text: async () => (await registry.metrics()) + (await temporal().catch(() => '# Temporal SDK metrics: none now\n')),
  };
}

function countCalls(registry: Registry, labelOf: (name: string) => string, nowMs: () => number): CallObserver {
  const { calls, durations, errors, latency } = instruments([registry]);
  for (const error_type of Object.keys(errorTypes)) errors.inc({ error_type }, 0);
  return {
    ended: ({ delivery, agentId }, { durationMs, result }) => {
      const agent_id = labelOf(agentId);
      const isGood = 'agentRun' in result;
      calls.inc({ agent_id, status: isGood ? 'success' : 'error' });
      durations.observe({ agent_id }, durationMs / 1000);
      if (!isGood) {
        errors.inc({ error_type: result.errorType });
        return;
      }
      const happenedMs = Date.parse(delivery.context.eventTime);
      // A node's clock may be ahead of ours.
      if (!Number.isNaN(happenedMs)) latency.observe(Math.max(0, nowMs() - happenedMs) / 1000);
    },
  };
}

function instruments(registers: Registry[]) {
  const kinds = Object.entries(errorTypes).map(([type, meaning]) => `${type} (${meaning})`);
  return {
    calls: new Counter({
      name: 'kagent_api_calls_total',
      help: 'HTTP attempts to run an agent; success: the agent has started.',
      labelNames: ['status', 'agent_id'] as const,
      registers,
    }),
    durations: new Histogram({
      name: 'kagent_api_call_duration_seconds',
      help: 'Time from sending one attempt to its whole answer, or to giving up.',
      labelNames: ['agent_id'] as const,
      buckets: callBuckets,
      registers,
    }),
    errors: new Counter({
      name: 'kagent_api_errors_total',
      help: `Attempts that failed: ${kinds.join(', ')}.`,
      labelNames: ['error_type'] as const,
      registers,
    }),
    latency: new Histogram({
      name: 'kagent_hooks_event_to_agent_seconds',
      help: 'Time from what happened in the cluster to an agent that has started, all retries and pauses included.',
      buckets: latencyBuckets,
      registers,
    }),
  };
}

/** The first so many names as they are; `other` for all that come later, so that Hooks cannot fill a metrics store. */
function bounded(limit: number): (name: string) => string {
  const known = new Set<string>();
  return (name) => {
    if (known.has(name)) return name;
    if (known.size >= limit) return 'other';
    known.add(name);
    return name;
  };
}
