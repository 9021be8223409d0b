import { describe, expect, it } from 'vitest';
import type { Trouble } from '../../deploy/local/demo/make-trouble.ts';
import type { Account } from '../../deploy/local/demo/read-account.ts';
import { objections } from '../../deploy/local/demo/verdict.ts';
import { aChapter, anAnsweredChapter, aRequest, aRun } from './a-chapter.ts';

const troubles: Trouble[] = [
  { type: 'oom-kill', pod: 'a', how: '' },
  { type: 'pod-pending', pod: 'b', how: '' },
];
const other = { type: 'pod-pending', pod: 'b' };

interface Case {
  what: string;
  account: Account;
  says: RegExp[];
}

function expectObjections({ account, says }: Case): void {
  const found = objections(account, troubles);
  expect(found).toHaveLength(says.length);
  for (const [n, pattern] of says.entries()) expect(found[n]).toMatch(pattern);
}

describe('by the REST API', () => {
  const chapters = [aChapter(), aChapter(other)];
  const asks = [aRequest(), aRequest(other)];
  const good = { chapters, asks, areAnswersWanted: false };
  const failed = aChapter({ ...other, went: ['failed'], memo: { agentRun: undefined, failure: 'AgentNotFound' } });

  it('has nothing against one execution for each trouble and one answered ask for each execution', () => {
    expect(objections(good, troubles)).toEqual([]);
  });

  it.each<Case>([
    {
      what: 'a trouble without an execution',
      account: { ...good, chapters: [aChapter()], asks: [aRequest()] },
      says: [/^pod-pending of b has 0 executions; expected one/],
    },
    {
      what: 'a trouble with two executions',
      account: { ...good, chapters: [...chapters, aChapter({ workflowId: 'twin' })] },
      says: [/^oom-kill of a has 2 executions; expected one/],
    },
    {
      what: 'an execution that nobody made trouble for, although its agent was asked once',
      account: {
        ...good,
        chapters: [...chapters, aChapter({ type: 'pod-restart', workflowId: 'extra' })],
        asks: [...asks, aRequest({ type: 'pod-restart' })],
      },
      says: [/^Nothing that was done explains the execution extra/],
    },
    {
      what: 'an agent that was asked twice about one incident',
      account: { ...good, asks: [...asks, aRequest()] },
      says: [/asked 2 times about oom-kill of a \(200, 200\)/],
    },
    {
      what: 'an agent that was never asked, whatever the execution says',
      account: { ...good, asks: [aRequest()] },
      says: [/asked 0 times about pod-pending of b \(-\)/],
    },
    {
      what: 'an ask that was not answered well',
      account: { ...good, asks: [aRequest(), aRequest({ ...other, answered: '503' })] },
      says: [/asked 1 times about pod-pending of b \(503\)/],
    },
    {
      what: 'an ask that belongs to no execution',
      account: { ...good, asks: [...asks, aRequest({ pod: 'stranger' })] },
      says: [/was asked about oom-kill of stranger, which no execution handles/],
    },
    {
      what: 'an execution that has failed',
      account: { ...good, chapters: [aChapter(), failed] },
      says: [/^pod-pending of b did not reach its agent: AgentNotFound/],
    },
  ])('objects to $what', expectObjections);
});

describe('by A2A', () => {
  const second = { taskId: 'run-2', contextId: 'context-2' };
  const chapters = [anAnsweredChapter(), anAnsweredChapter({ ...other, memo: { agentRun: 'run-2' } })];
  const asks = [aRun(), aRun(second)];
  const good = { chapters, asks, areAnswersWanted: true };
  const withOther = (chapter: ReturnType<typeof aChapter>) => ({ ...good, chapters: [anAnsweredChapter(), chapter] });

  it('has nothing against one run for each execution, and an answer to each', () => {
    expect(objections(good, troubles)).toEqual([]);
  });

  it.each<Case>([
    {
      what: 'a second run in the session of an execution',
      account: { ...good, asks: [...asks, aRun({ taskId: 'run-3' })] },
      says: [/asked 2 times about oom-kill of a \(run-1, run-3\); expected one/],
    },
    {
      what: 'a run in a session of its own, of which no execution knows',
      account: { ...good, asks: [...asks, aRun({ taskId: 'run-3', contextId: 'context-3' })] },
      says: [/^demo\/memory-analyzer has started run run-3, of which no execution knows/],
    },
    {
      what: 'a run that no agent has started, whatever the execution says',
      account: { ...good, asks: [aRun()] },
      says: [/asked 0 times about pod-pending of b/],
    },
    {
      what: 'a run whose end nobody waits for',
      account: withOther(aChapter({ ...other, memo: { agentRun: 'run-2' } })),
      says: [/^pod-pending of b was not answered: it is asked/],
    },
    {
      what: 'a run that goes on',
      account: withOther(aChapter({ ...other, went: ['asked', 'running'], memo: { agentRun: 'run-2' } })),
      says: [/^pod-pending of b was not answered: it is running/],
    },
    {
      what: 'a run that has failed',
      account: withOther(anAnsweredChapter({ ...other, memo: { agentRun: 'run-2', outcome: 'AgentRunFailed' } })),
      says: [/^pod-pending of b was not answered: AgentRunFailed/],
    },
  ])('objects to $what', expectObjections);
});

describe('with a Kagent of the user, at which nobody can look', () => {
  const own = { asks: undefined, areAnswersWanted: undefined };

  it('judges by the executions alone, and wants answers where runs are followed', () => {
    expect(objections({ ...own, chapters: [aChapter(), aChapter(other)] }, troubles)).toEqual([]);
    expect(objections({ ...own, chapters: [anAnsweredChapter(), anAnsweredChapter(other)] }, troubles)).toEqual([]);
    const failed = aChapter({ ...other, memo: { agentRun: undefined, failure: 'Forbidden' } });
    expect(objections({ ...own, chapters: [aChapter(), failed] }, troubles)).toHaveLength(1);
    const running = aChapter({ ...other, went: ['asked', 'running'] });
    expect(objections({ ...own, chapters: [aChapter(), running] }, troubles)).toHaveLength(1);
  });
});
