/** Executions and asks for the tests of the demo: of an incident that went well, but for what a test says. */

import type { AskRequest, AskRun } from '../../deploy/local/demo/incidents/read-asks.ts';
import type { IncidentExecution } from '../../deploy/local/demo/incidents/read-snapshot.ts';
import type { IncidentState } from '../../workflows/contract/outcome.ts';

type Memo = IncidentExecution['memo'];

interface Over extends Partial<Omit<IncidentExecution, 'memo'>> {
  memo?: Partial<Memo>;
  /** The states that it went through, a second apart. */
  went?: IncidentState[];
}

/** An agent was asked by the REST API, which says nothing more. */
export function anExecution({ memo = {}, went = ['delivering', 'asked'], ...over }: Over = {}): IncidentExecution {
  return {
    workflowId: 'demo/oom-kill/a',
    runId: 'run',
    type: 'oom-kill',
    pod: 'a',
    hook: 'demo/crashes',
    agent: 'demo/memory-analyzer',
    state: went.at(-1) ?? '',
    ...over,
    memo: {
      clusterUid: '',
      hookUid: '',
      hookGeneration: 1,
      subjectUid: '',
      subjectKind: 'Pod',
      nature: 'edge',
      firstSeen: '2026-01-01T00:00:00Z',
      lastSeen: '2026-01-01T00:00:00Z',
      count: 1,
      received: 1,
      known: {},
      agentRun: 'run-1',
      transitions: went.map((state, n) => ({ state, at: `2026-01-01T00:00:0${n}Z` })),
      ...memo,
    },
  };
}

/** An agent was asked by A2A, and has answered. */
export function anAnsweredExecution({ memo, ...over }: Over = {}): IncidentExecution {
  const ending = { outcome: 'AgentRunCompleted', answer: 'Raise the limit.' };
  return anExecution({ went: ['delivering', 'asked', 'running', 'answered'], ...over, memo: { ...ending, ...memo } });
}

export function aRequest(over: Partial<AskRequest> = {}): AskRequest {
  const how = 'POST /v1/agents/x/execute';
  return { kind: 'request', type: 'oom-kill', pod: 'a', how, answered: '200', prompt: 'Look.', ...over };
}

export function aRun(over: Partial<AskRun> = {}): AskRun {
  const ids = { agent: 'demo/memory-analyzer', taskId: 'run-1', contextId: 'context-1' };
  const how = 'session and message/send at /api/a2a/demo/memory-analyzer/';
  return { kind: 'run', ...ids, how, answered: '200', prompt: 'Look.', ...over };
}
