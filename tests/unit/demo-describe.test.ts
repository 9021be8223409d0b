import { describe, expect, it } from 'vitest';
import { describeIncident, type Surroundings } from '../../deploy/local/demo/incidents/describe-incident.ts';
import { asksOf, type IncidentExecution, isSettled } from '../../deploy/local/demo/incidents/read-snapshot.ts';
import type { IncidentState } from '../../workflows/contract/outcome.ts';
import { anAnsweredExecution, anExecution, aRequest, aRun } from './an-execution.ts';

const surroundings: Surroundings = {
  trouble: { type: 'oom-kill', pod: 'a', how: 'somebody killed it' },
  asks: [aRun()],
  uiUrl: 'http://ui',
  namespace: 'default',
  paint: (_, text) => text,
};

function textOf(execution: IncidentExecution, over: Partial<Surroundings> = {}): string {
  return describeIncident(execution, { ...surroundings, ...over });
}

describe('describeIncident', () => {
  it('ends with what the agent answered, and how long it took', () => {
    expect(textOf(anAnsweredExecution())).toBe(`■ oom-kill of Pod a: somebody killed it
  seen     once, at 2026-01-01T00:00:00Z
  matched  Hook demo/crashes → agent demo/memory-analyzer
  started  demo/oom-kill/a
  asked    session and message/send at /api/a2a/demo/memory-analyzer/ → 200, agent run run-1
  prompt   Look.
  answered after 2 s, AgentRunCompleted:
           Raise the limit.
  now      delivering → asked → running → answered
  Web UI   http://ui/namespaces/default/workflows/demo%2Foom-kill%2Fa/run/history
`);
  });

  it('shows of an ask by the REST API the request and the id of the run, and no answer', () => {
    const text = textOf(anExecution({ memo: { agentRun: 'exec-1' } }), { asks: [aRequest()] });
    expect(text).toContain('asked    POST /v1/agents/x/execute → 200, agent run exec-1');
    expect(text).not.toContain('answered');
  });

  it('shows a long answer in lines of at most 100 characters, and what it hides as nothing', () => {
    const address = `https://kagent.example/${'x'.repeat(120)}`;
    const answer = `${'word '.repeat(60)}${address} end\u001b[2J\u202e\n  - second line`;
    const lines = textOf(anAnsweredExecution({ memo: { answer } })).split('\n');
    const shown = lines.slice(lines.findIndex((line) => line.includes('answered')) + 1, -3).map((l) => l.slice(11));
    expect(shown.slice(0, 3)).toEqual([...Array<string>(3).fill('word '.repeat(20).trim())]);
    expect(shown.slice(3)).toEqual([`${address}`, 'end[2J', '  - second line']);
  });

  it('says so where the answer is empty', () => {
    expect(textOf(anAnsweredExecution({ memo: { answer: undefined } }))).toMatch(/AgentRunCompleted:\n +\(nothing\)\n/);
  });

  it('says why a run did not complete, and what a run waits for', () => {
    const note = 'AgentRunFailed: the model\nis away';
    const ending = { state: 'run-failed', at: '2026-01-01T00:00:09Z', note } as const;
    const failed = anExecution({
      memo: { outcome: 'AgentRunFailed', transitions: [asked, ending] },
      state: 'run-failed',
    });
    expect(textOf(failed)).toContain('  ended    after 9 s, AgentRunFailed: the model is away\n');
    const pause = {
      state: 'awaiting-approval',
      at: '2026-01-01T00:00:03Z',
      note: 'pause ab: May I delete it?',
    } as const;
    const paused = anExecution({ memo: { transitions: [asked, pause] }, state: 'awaiting-approval' });
    expect(textOf(paused)).toContain('  waits    for people, pause ab: May I delete it?\n');
  });

  it('says the same of an incident that was over before its run had ended', () => {
    const at = '2026-01-01T00:00:09Z';
    const states = ['running', 'running', 'run-failed', 'resolved'] as const;
    const rest = states.map((state) => ({ state, at, note: `note of ${state}` }));
    const execution = anExecution({
      state: 'resolved',
      memo: { outcome: 'AgentLostRun', transitions: [asked, ...rest] },
    });
    expect(textOf(execution)).toContain(`  ended    after 9 s, note of run-failed
  now      asked → running → run-failed → resolved
`);
  });

  it('links to the run in Kagent where that is known', () => {
    const agentRunLink = 'https://kagent.example/agents/demo/x/chat/1';
    expect(textOf(anAnsweredExecution({ memo: { agentRunLink } }))).toContain(`  Kagent   ${agentRunLink}\n`);
  });
});

const asked = { state: 'asked', at: '2026-01-01T00:00:00Z' } as const;

describe('isSettled', () => {
  const own = { executions: [], asks: undefined, hasAnswers: undefined };

  it.each<{ state: IncidentState; rest: boolean; a2a: boolean }>([
    { state: 'delivering', rest: false, a2a: false },
    { state: 'redelivering', rest: false, a2a: false },
    { state: 'asked', rest: true, a2a: false },
    { state: 'running', rest: false, a2a: false },
    { state: 'awaiting-approval', rest: true, a2a: true },
    { state: 'awaiting-answer', rest: true, a2a: true },
    { state: 'answered', rest: true, a2a: true },
    { state: 'run-failed', rest: true, a2a: true },
    { state: 'failed', rest: true, a2a: true },
    { state: 'resolved', rest: true, a2a: true },
  ])('$state: by REST $rest, by A2A $a2a', ({ state, rest, a2a }) => {
    const execution = anExecution({ went: [state] });
    expect(isSettled(execution, { ...own, hasAnswers: false })).toBe(rest);
    expect(isSettled(execution, { ...own, hasAnswers: true })).toBe(a2a);
    expect(isSettled(execution, own)).toBe(rest);
  });

  it('is false for one that waits for people where nobody stays', () => {
    const execution = anExecution({ went: ['running', 'awaiting-approval'] });
    expect(isSettled(execution, own, { isOnce: true })).toBe(false);
    expect(isSettled(execution, own, { isOnce: false })).toBe(true);
  });

  it('is false for an execution that has said nothing yet', () => {
    expect(isSettled(anExecution({ went: [] }), own)).toBe(false);
  });
});

describe('asksOf', () => {
  it('finds no run for an execution that knows none, whatever else was asked', () => {
    expect(asksOf(anExecution({ memo: { agentRun: undefined } }), [aRun(), aRun({ taskId: '' })])).toEqual([]);
  });
});
