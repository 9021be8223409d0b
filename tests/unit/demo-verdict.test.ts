import { expect, it } from 'vitest';
import type { Trouble } from '../../deploy/local/demo/make-trouble.ts';
import type { Account, Ask, Chapter } from '../../deploy/local/demo/read-account.ts';
import { objections } from '../../deploy/local/demo/verdict.ts';

const troubles: Trouble[] = [
  { type: 'oom-kill', pod: 'a', how: '' },
  { type: 'pod-pending', pod: 'b', how: '' },
];

function aChapter(over: Partial<Chapter> & { failure?: string } = {}): Chapter {
  const { failure, ...rest } = over;
  const asked = failure === undefined ? { agentRun: 'exec-1' } : { failure };
  const memo = {
    clusterUid: '',
    hookUid: '',
    hookGeneration: 1,
    subjectUid: '',
    subjectKind: 'Pod',
    nature: 'edge' as const,
    firstSeen: '',
    lastSeen: '',
    count: 1,
    received: 1,
    known: {},
    transitions: [],
    ...asked,
  };
  const names = { workflowId: 'id', runId: 'run', type: 'oom-kill', pod: 'a', hook: '', agent: '', state: 'asked' };
  return { ...names, memo, ...rest };
}

function anAsk(over: Partial<Ask> = {}): Ask {
  return { type: 'oom-kill', pod: 'a', path: '/v1/agents/x/execute', answered: '200', prompt: '', ...over };
}

const other = { type: 'pod-pending', pod: 'b' };
const good: { chapters: Chapter[]; asks: Ask[] } = {
  chapters: [aChapter(), aChapter(other)],
  asks: [anAsk(), anAsk(other)],
};

it('has nothing against one execution for each trouble and one answered ask for each execution', () => {
  expect(objections(good, troubles)).toEqual([]);
});

it.each<{ what: string; account: Account; says: RegExp[] }>([
  {
    what: 'a trouble without an execution',
    account: { chapters: [aChapter()], asks: [anAsk()] },
    says: [/^pod-pending of b has 0 executions; wanted one/],
  },
  {
    what: 'a trouble with two executions',
    account: { chapters: [...good.chapters, aChapter({ workflowId: 'twin' })], asks: good.asks },
    says: [/^oom-kill of a has 2 executions; wanted one/],
  },
  {
    what: 'an execution that nobody made trouble for, although its agent was asked once',
    account: {
      chapters: [...good.chapters, aChapter({ type: 'pod-restart', workflowId: 'extra' })],
      asks: [...good.asks, anAsk({ type: 'pod-restart' })],
    },
    says: [/^Nothing that was done explains the execution extra/],
  },
  {
    what: 'an agent that was asked twice about one incident',
    account: { ...good, asks: [...good.asks, anAsk()] },
    says: [/asked 2 times about oom-kill of a \(200, 200\)/],
  },
  {
    what: 'an agent that was never asked, whatever the execution says',
    account: { ...good, asks: [anAsk()] },
    says: [/asked 0 times about pod-pending of b/],
  },
  {
    what: 'an ask that was not answered well',
    account: { ...good, asks: [anAsk(), anAsk({ ...other, answered: '503' })] },
    says: [/asked 1 times about pod-pending of b \(503\)/],
  },
  {
    what: 'an ask that belongs to no execution',
    account: { ...good, asks: [...good.asks, anAsk({ pod: 'stranger' })] },
    says: [/was asked about oom-kill of stranger, which no execution handles/],
  },
  {
    what: 'an execution that has failed',
    account: { chapters: [aChapter(), aChapter({ ...other, failure: 'AgentNotFound' })], asks: good.asks },
    says: [/^pod-pending of b did not reach its agent: AgentNotFound/],
  },
])('objects to $what', ({ account, says }) => {
  const found = objections(account, troubles);
  expect(found).toHaveLength(says.length);
  for (const [n, pattern] of says.entries()) expect(found[n]).toMatch(pattern);
});

it('judges by the executions alone where Kagent is the user’s own, and nobody can look at what it received', () => {
  const { chapters } = good;
  expect(objections({ chapters, asks: undefined }, troubles)).toEqual([]);
  const failed = [aChapter(), aChapter({ ...other, failure: 'Forbidden' })];
  expect(objections({ chapters: failed, asks: undefined }, troubles)).toHaveLength(1);
});
