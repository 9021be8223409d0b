import { describe, expect, it } from 'vitest';
import { checkSnapshot } from '../../deploy/local/demo/incidents/check-snapshot.ts';
import type { Trouble } from '../../deploy/local/demo/incidents/make-trouble.ts';
import type { Snapshot } from '../../deploy/local/demo/incidents/read-snapshot.ts';
import { anAnsweredExecution, anExecution, aRequest, aRun } from './an-execution.ts';

const troubles: Trouble[] = [
  { type: 'oom-kill', pod: 'a', how: '' },
  { type: 'pod-pending', pod: 'b', how: '' },
];
const other = { type: 'pod-pending', pod: 'b' };

interface Case {
  what: string;
  snapshot: Snapshot;
  says: RegExp[];
}

function expectProblems({ snapshot, says }: Case): void {
  const found = checkSnapshot(snapshot, troubles);
  expect(found).toHaveLength(says.length);
  for (const [n, pattern] of says.entries()) expect(found[n]).toMatch(pattern);
}

describe('by the REST API', () => {
  const executions = [anExecution(), anExecution(other)];
  const asks = [aRequest(), aRequest(other)];
  const good = { executions, asks, hasAnswers: false };
  const failed = anExecution({ ...other, went: ['failed'], memo: { agentRun: undefined, failure: 'AgentNotFound' } });

  it('has nothing against one execution for each trouble and one answered ask for each execution', () => {
    expect(checkSnapshot(good, troubles)).toEqual([]);
  });

  it.each<Case>([
    {
      what: 'a trouble without an execution',
      snapshot: { ...good, executions: [anExecution()], asks: [aRequest()] },
      says: [/^pod-pending of b has 0 executions; expected one/],
    },
    {
      what: 'a trouble with two executions',
      snapshot: { ...good, executions: [...executions, anExecution({ workflowId: 'twin' })] },
      says: [/^oom-kill of a has 2 executions; expected one/],
    },
    {
      what: 'an execution that nobody made trouble for, although its agent was asked once',
      snapshot: {
        ...good,
        executions: [...executions, anExecution({ type: 'pod-restart', workflowId: 'extra' })],
        asks: [...asks, aRequest({ type: 'pod-restart' })],
      },
      says: [/^Nothing that was done explains the execution extra/],
    },
    {
      what: 'an agent that was asked twice about one incident',
      snapshot: { ...good, asks: [...asks, aRequest()] },
      says: [/asked 2 times about oom-kill of a \(200, 200\)/],
    },
    {
      what: 'an agent that was never asked, whatever the execution says',
      snapshot: { ...good, asks: [aRequest()] },
      says: [/asked 0 times about pod-pending of b \(-\)/],
    },
    {
      what: 'an ask that was not answered well',
      snapshot: { ...good, asks: [aRequest(), aRequest({ ...other, answered: '503' })] },
      says: [/asked 1 times about pod-pending of b \(503\)/],
    },
    {
      what: 'an ask that belongs to no execution',
      snapshot: { ...good, asks: [...asks, aRequest({ pod: 'stranger' })] },
      says: [/was asked about oom-kill of stranger, which no execution handles/],
    },
    {
      what: 'an execution that has failed',
      snapshot: { ...good, executions: [anExecution(), failed] },
      says: [/^pod-pending of b did not reach its agent: AgentNotFound/],
    },
  ])('objects to $what', expectProblems);
});

describe('by A2A', () => {
  const second = { taskId: 'run-2', contextId: 'context-2' };
  const executions = [anAnsweredExecution(), anAnsweredExecution({ ...other, memo: { agentRun: 'run-2' } })];
  const asks = [aRun(), aRun(second)];
  const good = { executions, asks, hasAnswers: true };
  const withOther = (execution: ReturnType<typeof anExecution>) => ({
    ...good,
    executions: [anAnsweredExecution(), execution],
  });

  it('has nothing against one run for each execution, and an answer to each', () => {
    expect(checkSnapshot(good, troubles)).toEqual([]);
  });

  it.each<Case>([
    {
      what: 'a second run in the session of an execution',
      snapshot: { ...good, asks: [...asks, aRun({ taskId: 'run-3' })] },
      says: [/asked 2 times about oom-kill of a \(run-1, run-3\); expected one/],
    },
    {
      what: 'a run in a session of its own, of which no execution knows',
      snapshot: { ...good, asks: [...asks, aRun({ taskId: 'run-3', contextId: 'context-3' })] },
      says: [/^demo\/memory-analyzer has started run run-3, of which no execution knows/],
    },
    {
      what: 'a run that no agent has started, whatever the execution says',
      snapshot: { ...good, asks: [aRun()] },
      says: [/asked 0 times about pod-pending of b/],
    },
    {
      what: 'a run that is not followed',
      snapshot: withOther(anExecution({ ...other, memo: { agentRun: 'run-2' } })),
      says: [/^pod-pending of b was not answered: it is asked/],
    },
    {
      what: 'a run that goes on',
      snapshot: withOther(anExecution({ ...other, went: ['asked', 'running'], memo: { agentRun: 'run-2' } })),
      says: [/^pod-pending of b was not answered: it is running/],
    },
    {
      what: 'a run that has failed',
      snapshot: withOther(anAnsweredExecution({ ...other, memo: { agentRun: 'run-2', outcome: 'AgentRunFailed' } })),
      says: [/^pod-pending of b was not answered: AgentRunFailed/],
    },
  ])('objects to $what', expectProblems);
});

describe('with a Kagent of the user, at which nobody can look', () => {
  const own = { asks: undefined, hasAnswers: undefined };

  it('checks the executions alone, and expects answers where runs are followed', () => {
    expect(checkSnapshot({ ...own, executions: [anExecution(), anExecution(other)] }, troubles)).toEqual([]);
    expect(
      checkSnapshot({ ...own, executions: [anAnsweredExecution(), anAnsweredExecution(other)] }, troubles),
    ).toEqual([]);
    const failed = anExecution({ ...other, memo: { agentRun: undefined, failure: 'Forbidden' } });
    expect(checkSnapshot({ ...own, executions: [anExecution(), failed] }, troubles)).toHaveLength(1);
    const running = anExecution({ ...other, went: ['asked', 'running'] });
    expect(checkSnapshot({ ...own, executions: [anExecution(), running] }, troubles)).toHaveLength(1);
  });
});
