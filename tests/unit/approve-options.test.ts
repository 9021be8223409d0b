/** What people type after `npm run approve --`, and what they see. */
import { describe, expect, it } from 'vitest';
import { isAnswer, readOptions, sentBy } from '../../watcher/approve/options.ts';
import { listLines, showLines } from '../../watcher/approve/print.ts';
import { findPause, type WaitingExecution, waitingQuery } from '../../watcher/approve/waiting-list.ts';
import { userName } from '../../watcher/config.ts';
import { checkAnswer } from '../../workflows/contract/plain/check-answer.ts';
import { expectNoControls, hostileTexts } from '../hostile-text.ts';
import { aPause, aWaiting } from '../make.ts';

const questions = [
  { question: 'Which?', choices: ['a', 'b'], multiple: true },
  { question: 'Why?', choices: [], multiple: false },
];

describe('an answer that is typed', () => {
  it.each<[args: string[], sent: object]>([
    [['p', '--approve'], { pause: 'ab', decision: 'approve' }],
    [['p', '--approve', '--by', 'alice', '--why', 'x'], { pause: 'ab', decision: 'approve', by: 'alice', why: 'x' }],
    [['p', '--reject', 'too dangerous'], { pause: 'ab', decision: 'reject', why: 'too dangerous' }],
    [
      ['p', '--tool', 'call_1=approve', '--tool', 'a=b=reject', '--why', 'no'],
      { pause: 'ab', decisions: { call_1: 'approve', 'a=b': 'reject' }, why: 'no' },
    ],
    [['p', '--answer', 'a, b', '--answer', 'x, y'], { pause: 'ab', answers: [['a', 'b'], 'x, y'] }],
    [['p', '--approve', '--answer', 'a'], { pause: 'ab', decision: 'approve', answers: [['a']] }],
  ])('%j', (args, sent) => {
    const options = readOptions(args);
    expect(isAnswer(options)).toBe(true);
    expect(sentBy(options, { id: 'ab', questions })).toEqual(sent);
  });

  it('is one that is taken', () => {
    const options = readOptions(['p', '--approve', '--by', 'alice']);
    expect(checkAnswer(aPause(), sentBy(options, aPause()))).toHaveProperty('answer');
  });

  it.each([[[]], [['p']], [['p', '--json']]])('%j is none', (args) => {
    expect(isAnswer(readOptions(args))).toBe(false);
  });

  it.each([
    [['--approve'], /names no PAUSE/],
    [['p', '--approve', '--reject', 'x'], /three answers/],
    [['p', '--approve', '--tool', 'a=approve'], /three answers/],
    [['p', 'q'], /q is too much/],
    [['p', '--yes'], /--yes/],
    [['p', '--reject'], /--reject/],
  ])('%j is refused', (args, why) => {
    expect(() => readOptions(args)).toThrow(why);
  });

  it.each(['approve', '=approve', ''])('--tool %j is refused', (text) => {
    expect(() => sentBy(readOptions(['p', '--tool', text]), { id: 'ab' })).toThrow(/expected ID=approve/);
  });

  it('is from whom the shell says', () => {
    expect(userName({ USER: 'alice' })).toBe('alice');
    expect(userName({ USER: '' })).toBeUndefined();
    expect(userName({})).toBeUndefined();
  });
});

const anExecution = (over: Partial<WaitingExecution> = {}): WaitingExecution => ({
  workflowId: 'w',
  type: 'oom-kill',
  object: 'Pod shop/web-0',
  agent: 'shop/memory-analyzer',
  waiting: aWaiting(),
  ...over,
});

describe('one that waits', () => {
  const all = ['abc1', 'abd2', 'xyz3'].map((pause) => anExecution({ waiting: aWaiting({ pause }) }));

  it.each([
    ['abc', 'abc1'],
    ['x', 'xyz3'],
    ['abd2', 'abd2'],
  ])('is named by %s', (beginning, pause) => {
    expect(findPause(all, beginning)).toMatchObject({ waiting: { pause } });
  });

  it.each([
    ['ab', /2 pauses/],
    ['q', /No run waits/],
    ['', /No run waits/],
  ])('is not named by %j', (beginning, problem) => {
    expect(findPause(all, beginning)).toMatchObject({ problem: expect.stringMatching(problem) as unknown });
  });

  it.each([
    [{}, '--approve, or --reject WHY'],
    [{ decidable: 'reject' as const }, "--reject WHY, or in Kagent's own UI"],
    [{ decidable: 'nothing' as const }, "only in Kagent's own UI"],
    [{ tools: [], questions }, '--answer TEXT --answer TEXT, or --reject WHY'],
    [{ questions: [questions[1]!] }, '--approve --answer TEXT, or --reject WHY'],
  ])('that is %j is answered so', (over, words) => {
    expect(showLines(anExecution({ waiting: aWaiting(over) })).at(-1)).toBe(`  answer     ${words}`);
  });

  it('says that its incident is over, and that it is decided', () => {
    const waiting = aWaiting({ over: 'The incident is over: it is ready.', answeredBy: 'alice', onTimeout: 'cancel' });
    const text = listLines([anExecution({ waiting })]).join('\n');
    for (const words of ['it is ready', 'by alice', 'then the run is cancelled']) expect(text).toContain(words);
  });
});

it('the query names the installation and both states', () => {
  expect(waitingQuery('prod')).toMatch(/Installation='prod'.*'awaiting-approval', 'awaiting-answer'/);
});

it.each(hostileTexts)('%s is inert where it is listed', (_, evil) => {
  const tools = [{ id: evil, name: evil, arguments: evil }];
  const asked = [{ question: evil, choices: [evil], multiple: false }];
  const waiting = aWaiting({
    pause: evil,
    message: evil,
    tools,
    questions: asked,
    until: evil,
    over: evil,
    answeredBy: evil,
  });
  const one = anExecution({ workflowId: evil, type: evil, object: evil, agent: evil, link: evil, waiting });
  for (const line of [...listLines([one]), ...showLines(one)]) {
    expectNoControls(line);
    expect(line).not.toContain('\n');
  }
});
