/** What may be sent to a run that waits: a whole answer to its pause, or a sentence that says what to send. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunPause } from '../../workflows/contract/agent-run.ts';
import { answerLimits, whatWasDecided } from '../../workflows/contract/plain/answer.ts';
import { checkAnswer, howToAnswer } from '../../workflows/contract/plain/check-answer.ts';
import { hostileTexts } from '../hostile-text.ts';
import { aPause } from '../make.ts';

const one = aPause();
const { id } = one;
const tool = (name: string) => ({ id: name, name: 'delete_thing', arguments: '{}' });
const two = aPause({ tools: [tool('call_1'), tool('call_2')] });
const whole: RunPause = { ...two, decidable: 'whole' };
const rejectOnly: RunPause = { ...two, decidable: 'reject' };
const closed: RunPause = { ...two, decidable: 'nothing' };
const { decidable: _, ...older } = one;
const choices = ['a', 'b'];
const question = aPause({
  kind: 'question',
  tools: [],
  questions: [
    { question: 'Which node?', choices, multiple: false },
    { question: 'Why?', choices: [], multiple: false },
  ],
});
const several = aPause({ kind: 'question', tools: [], questions: [{ question: 'Which?', choices, multiple: true }] });
const free = aPause({ kind: 'question', tools: [], questions: [{ question: 'Why?', choices: [], multiple: false }] });
const mixed = aPause({ questions: [{ question: 'Why?', choices: [], multiple: false }] });
const by = 'alice';

describe('is an answer', () => {
  it.each<[what: string, pause: RunPause, sent: object, expected: object]>([
    ['an approval', one, { decision: 'approve' }, { verdicts: [{ id: 'call_1', verdict: 'approve' }] }],
    [
      'an approval with a reason',
      one,
      { decision: 'approve', why: 'a copy' },
      { verdicts: [{ id: 'call_1', verdict: 'approve' }], why: 'a copy' },
    ],
    [
      'a rejection',
      two,
      { decision: 'reject', why: 'no' },
      { verdicts: ['call_1', 'call_2'].map((name) => ({ id: name, verdict: 'reject', reason: 'no' })), why: 'no' },
    ],
    [
      'a decision about each',
      two,
      { decisions: { call_2: 'reject', call_1: 'approve' }, reasons: { call_2: 'not that one' } },
      {
        verdicts: [
          { id: 'call_1', verdict: 'approve' },
          { id: 'call_2', verdict: 'reject', reason: 'not that one' },
        ],
      },
    ],
    [
      'each, with one reason for all',
      two,
      { decisions: { call_1: 'reject', call_2: 'reject' }, reasons: { call_2: 'b' }, why: 'a' },
      {
        verdicts: [
          { id: 'call_1', verdict: 'reject', reason: 'a' },
          { id: 'call_2', verdict: 'reject', reason: 'b' },
        ],
        why: 'a',
      },
    ],
    ['the whole of what belongs together', whole, { decision: 'approve' }, {}],
    ['a rejection of what cannot all be shown', rejectOnly, { decision: 'reject', why: 'no' }, {}],
    [
      'a text for each question',
      question,
      { answers: ['a', 'broken'] },
      { verdicts: [], answers: [['a'], ['broken']] },
    ],
    ['several choices', several, { answers: [['a', 'b']] }, { answers: [['a', 'b']] }],
    ['one text for one question', free, { answer: 'broken' }, { answers: [['broken']] }],
    ['a question that is declined', question, { decision: 'reject', why: 'no' }, { verdicts: [], why: 'no' }],
    ['an approval with answers', mixed, { decision: 'approve', answers: ['x'] }, { answers: [['x']] }],
    [
      'a rejection beside a question',
      mixed,
      { decision: 'reject', why: 'no' },
      { verdicts: [{ id: 'call_1', verdict: 'reject', reason: 'no' }] },
    ],
  ])('%s', (_what, pause, sent, expected) => {
    expect(checkAnswer(pause, { pause: id, by, ...sent })).toMatchObject({ answer: { pauseId: id, by, ...expected } });
  });

  it('without answers that nobody gave', () => {
    const checked = checkAnswer(mixed, { pause: id, by, decision: 'reject', why: 'no' });
    expect(checked).not.toHaveProperty('answer.answers');
  });
});

describe('is refused, with a sentence about it', () => {
  it.each<[what: RegExp, pause: RunPause, sent: unknown]>([
    [/no object/, one, 'approve'],
    [/no object/, one, null],
    [/no object/, one, ['approve']],
    [/does not name the pause/, one, { decision: 'approve', by }],
    [/"p" is not the one that waits/, one, { pause: 'p', decision: 'approve', by }],
    [/"" is not the one that waits/, one, { pause: '', decision: 'approve', by }],
    [/"desicion" is none of its fields/, one, { pause: id, desicion: 'approve', by }],
    [/"by" is missing/, one, { pause: id, decision: 'approve' }],
    [/"by" is empty/, one, { pause: id, decision: 'approve', by: ' \n\u200b' }],
    [/"by" has more than 100/, one, { pause: id, decision: 'approve', by: 'x'.repeat(answerLimits.by + 1) }],
    [/"why" is empty/, one, { pause: id, decision: 'reject', by, why: ' ' }],
    [/"why" has more than 1000/, one, { pause: id, decision: 'reject', by, why: 'x'.repeat(answerLimits.why + 1) }],
    [/decides nothing/, one, { pause: id, by }],
    [/"decision" is "yes"; expected approve or reject/, one, { pause: id, decision: 'yes', by }],
    [/"decision" is "deny"/, one, { pause: id, decision: 'deny', by, why: 'no' }],
    [/"decision" is "Approve"/, one, { pause: id, decision: 'Approve', by }],
    [/"decision" is "true"/, one, { pause: id, decision: true, by }],
    [/needs "why"/, one, { pause: id, decision: 'reject', by }],
    [/both "decision"/, two, { pause: id, decision: 'approve', decisions: {}, by }],
    [/leaves out "call_2"/, two, { pause: id, decisions: { call_1: 'reject' }, by, why: 'no' }],
    [/leaves out "call_1", "call_2"/, two, { pause: id, decisions: {}, by }],
    [/names "call_3"/, two, { pause: id, decisions: { call_1: 'approve', call_2: 'approve', call_3: 'approve' }, by }],
    [/says "ok" of "call_2"/, two, { pause: id, decisions: { call_1: 'approve', call_2: 'ok' }, by }],
    [/no object with a word/, two, { pause: id, decisions: ['approve', 'approve'], by }],
    [/needs "why"/, two, { pause: id, decisions: { call_1: 'approve', call_2: 'reject' }, by }],
    [
      /"reasons" names "call_1", which is no rejected tool/,
      two,
      { pause: id, decisions: { call_1: 'approve', call_2: 'reject' }, reasons: { call_1: 'x' }, by, why: 'y' },
    ],
    [/no object with a text/, two, { pause: id, decision: 'reject', reasons: 'no', by, why: 'y' }],
    [/takes one decision/, whole, { pause: id, decisions: { call_1: 'approve', call_2: 'reject' }, by, why: 'no' }],
    [/cannot be approved here/, rejectOnly, { pause: id, decision: 'approve', by }],
    [
      /cannot be approved here/,
      rejectOnly,
      { pause: id, decisions: { call_1: 'reject', call_2: 'approve' }, by, why: 'no' },
    ],
    [/form that is not known/, closed, { pause: id, decision: 'reject', by, why: 'no' }],
    [/form that is not known/, older, { pause: id, decision: 'approve', by }],
    [/no question/, one, { pause: id, decision: 'approve', answers: ['x'], by }],
    [/no tools to decide/, question, { pause: id, decisions: {}, by }],
    [/questions are answered/, question, { pause: id, decision: 'approve', by }],
    [/no list with 2/, question, { pause: id, by }],
    [/no list with 2/, question, { pause: id, answers: ['a'], by }],
    [/no list with 2/, question, { pause: id, answers: 'a', by }],
    [/number 1.*is "c"; expected "a", "b"/, question, { pause: id, answers: ['c', 'x'], by }],
    [/number 1.*has 2 texts/, question, { pause: id, answers: [['a', 'b'], 'x'], by }],
    [/number 2.*is empty/, question, { pause: id, answers: ['a', ''], by }],
    [/number 2.*no text/, question, { pause: id, answers: ['a', 7], by }],
    [/number 1.*has 0 texts/, several, { pause: id, answers: [[]], by }],
    [/both "answer"/, free, { pause: id, answer: 'x', answers: ['x'], by }],
    [/needs "why"/, free, { pause: id, decision: 'reject', by }],
    [/only where nothing is rejected/, free, { pause: id, decision: 'reject', answer: 'x', why: 'no', by }],
    [/only where nothing is rejected/, mixed, { pause: id, decision: 'reject', answers: ['x'], why: 'no', by }],
    [/no list with 1/, mixed, { pause: id, decision: 'approve', by }],
  ])('%s', (what, pause, sent) => {
    const checked = checkAnswer(pause, sent);
    expect(checked).toMatchObject({ refusal: expect.stringMatching(what) as unknown });
    expect('refusal' in checked && checked.refusal.endsWith(howToAnswer(pause))).toBe(true);
  });

  it('whatever else is sent, and never with an error', () => {
    const anything = fc.oneof(
      fc.anything(),
      fc.record({ pause: fc.constant(id), by: fc.anything(), decision: fc.anything(), decisions: fc.anything() }),
    );
    fc.assert(
      fc.property(fc.constantFrom(one, two, question, mixed), anything, (pause, sent) => {
        const checked = checkAnswer(pause, sent);
        if ('answer' in checked) expect(checked.answer.verdicts).toHaveLength(pause.tools.length);
        else expect(checked.refusal).not.toBe('');
      }),
    );
  });
});

it.each([
  ['approve', one, { decision: 'approve' }],
  ['reject', two, { decision: 'reject', why: 'REASON' }],
  ['decisions', two, { decisions: { call_1: 'approve', call_2: 'approve' } }],
  ['answers', question, { answers: ['TEXT', 'TEXT'] }],
])('what it says about %s is what it takes', (_what, pause, sent) => {
  const said = howToAnswer(pause).match(/\{"pause.*?"YOUR NAME"\}/g) ?? [];
  const read = (json: string): unknown => JSON.parse(json);
  expect(said.map(read)).toContainEqual({ pause: id, ...sent, by: 'YOUR NAME' });
});

it.each(hostileTexts)('%s from people is inert', (_, evil) => {
  const checked = checkAnswer(free, { pause: id, by: evil.slice(0, 100), answer: evil.slice(0, 4000) });
  const controls = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Co}]/u;
  expect(JSON.stringify(checked)).not.toMatch(controls);
});

it.each([
  [['approve'], 'approved'],
  [['reject', 'reject'], 'rejected'],
  [['approve', 'reject'], '1 of 2 approved'],
] as const)('%j is %s', (decisions, word) => {
  expect(whatWasDecided({ verdicts: decisions.map((verdict) => ({ id: 'x', verdict })) })).toBe(word);
});
