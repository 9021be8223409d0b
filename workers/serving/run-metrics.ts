/**
 * The metrics of agent runs, apart from those of the calls: how runs end, how long they take, what they use.
 *
 * Labels hold agents' names and fixed words, never anything that an agent wrote.
 */
import { Counter, Gauge, Histogram, type Registry } from '@prometheus-io/client';
import type { RunObserver } from '../../activities/agents/runs/run-observer.ts';
import { runOutcomes } from '../../workflows/contract/agent-run.ts';

/** Seconds; from an answer in the same breath to a day. */
const runBuckets = [1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400, 86_400];

export function countRuns(registry: Registry, labelOf: (agent: string) => string): RunObserver {
  const { runs, durations, tokens, toolCalls, looks, followed } = instruments([registry]);
  for (const outcome of Object.keys(runOutcomes)) runs.inc({ outcome }, 0);
  followed.set(0);
  return {
    looked: (reading) => looks.inc({ reading }),
    following: (change) => followed.inc(change),
    ended: (agent, { outcome, usage, toolCalls: called }, durationMs) => {
      const agent_id = labelOf(agent);
      runs.inc({ outcome });
      durations.observe({ agent_id }, durationMs / 1000);
      if (usage !== undefined) {
        tokens.inc({ agent_id, kind: 'prompt' }, usage.promptTokens);
        tokens.inc({ agent_id, kind: 'completion' }, usage.completionTokens);
      }
      if (called !== undefined) toolCalls.inc({ agent_id }, called);
    },
  };
}

function instruments(registers: Registry[]) {
  const outcomes = Object.entries(runOutcomes).map(([word, meaning]) => `${word} (${meaning})`);
  return {
    runs: new Counter({
      name: 'kagent_hooks_agent_runs_total',
      help: `Agent runs that have ended, by how: ${outcomes.join(' ')}`,
      labelNames: ['outcome'] as const,
      registers,
    }),
    durations: new Histogram({
      name: 'kagent_hooks_agent_run_seconds',
      help: 'Time from asking an agent to the end of its run.',
      labelNames: ['agent_id'] as const,
      buckets: runBuckets,
      registers,
    }),
    ...reportedByAgents(registers),
    looks: new Counter({
      name: 'kagent_hooks_agent_run_polls_total',
      help: 'Looks at agent runs, by what they showed.',
      labelNames: ['reading'] as const,
      registers,
    }),
    followed: new Gauge({
      name: 'kagent_hooks_agent_runs_followed',
      help: 'Agent runs that this worker follows now.',
      registers,
    }),
  };
}

/** Left out by agents that do not report it. */
function reportedByAgents(registers: Registry[]) {
  return {
    tokens: new Counter({
      name: 'kagent_hooks_agent_tokens_total',
      help: 'Tokens of the model calls of ended runs, where agents report them.',
      labelNames: ['agent_id', 'kind'] as const,
      registers,
    }),
    toolCalls: new Counter({
      name: 'kagent_hooks_agent_tool_calls_total',
      help: 'Tools that agents called in ended runs, where they report them.',
      labelNames: ['agent_id'] as const,
      registers,
    }),
  };
}
