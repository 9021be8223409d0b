/** Answers to runs that wait, on every release of Kagent and both of its runtimes: each arrives once, and no tool runs that nobody approved. */
import { describe, expect, it } from 'vitest';
import type { AgentPort } from '../../activities/agents/port.ts';
import { createRestAgent } from '../../activities/agents/rest/rest.ts';
import type { AgentRun, Answered } from '../../workflows/contract/agent-run.ts';
import type { RunAnswer } from '../../workflows/contract/plain/answer.ts';
import { answerOf, aPausedRun, kinds, untilPaused } from '../a2a/a-paused-run.ts';
import { of, runOf } from '../a2a/an-adapter.ts';
import { someCredentials } from '../fake-kagent/a-delivery.ts';
import { send } from '../kagent-double/ask-double.ts';
import type { ScriptStep } from '../kagent-double/start-kagent-double.ts';

type Fault = NonNullable<ScriptStep['fault']>;

const deletion = (db: string) => `[[tool=delete_thing:{"name":"${db}"}]]`;
const one = deletion('db-1');
const two = `${one}[[tool=drop_table:{"name":"t"}]]`;
const asked = '[[ask=Which node?]][[ask=Why?]]';
const chosen = '[[tool=ask_user:{"questions":[{"question":"Which?","choices":["a","b"],"multiple":true}]}]]';
const answering = (agent: AgentPort, run: AgentRun, answer: RunAnswer, isRepeat = false): Promise<Answered> =>
  agent.answer({ ...of(run), answer, isRepeat });

/** Tries as Temporal does, until one try comes back. */
async function untilAnswered(agent: AgentPort, run: AgentRun, answer: RunAnswer): Promise<Answered> {
  for (let attempt = 1; attempt < 10; attempt += 1) {
    const answered = await answering(agent, run, answer, attempt > 1).catch(() => undefined);
    if (answered !== undefined) return answered;
  }
  throw new Error('Ten tries have failed.');
}

describe.each(kinds)('on $release, $runtime', (kind) => {
  it.each<[what: string, prompt: string, sent: (ids: string[]) => object, toolsRun: string[], said: RegExp]>([
    ['approved', one, () => ({ decision: 'approve' }), ['delete_thing'], /delete_thing done/],
    [
      'rejected',
      one,
      () => ({ decision: 'reject', why: 'too dangerous' }),
      [],
      /rejected by user\. Reason: too dangerous/,
    ],
    [
      'decided for each tool',
      two,
      ([a = '', b = '']) => ({ decisions: { [a]: 'reject', [b]: 'approve' }, why: 'not that one' }),
      ['drop_table'],
      /not that one[\s\S]*drop_table done/,
    ],
    ['approved for all tools', two, () => ({ decision: 'approve' }), ['delete_thing', 'drop_table'], /done[\s\S]*done/],
    ['rejected for all tools', two, () => ({ decision: 'reject', why: 'no' }), [], /Reason: no[\s\S]*Reason: no/],
    ['answered', asked, () => ({ answers: ['a', 'it is broken'] }), ['ask_user'], /"a"[\s\S]*"it is broken"/],
    ['answered by choices', chosen, () => ({ answers: [['a', 'b']] }), ['ask_user'], /\["a","b"\]/],
  ])('a run that is %s ends as the recorded ones do', async (_what, prompt, sent, toolsRun, said) => {
    const paused = await aPausedRun(kind, prompt);
    const { agent, run, pause, double } = paused;
    const answer = answerOf(pause, sent(pause.tools.map(({ id }) => id)));
    expect(await answering(agent, run, answer)).toBe('taken');
    expect(await paused.ended()).toMatchObject({
      outcome: 'AgentRunCompleted',
      answer: expect.stringMatching(said) as unknown,
    });
    expect(double.runs).toMatchObject([
      { taskId: run.executionId, toolsRun, followUps: [{ taskId: run.executionId }] },
    ]);
  });

  it('a question that is declined runs nothing else, and the run goes on', async () => {
    const paused = await aPausedRun(kind, asked);
    const declined = answerOf(paused.pause, { decision: 'reject', why: 'ask me tomorrow' });
    expect(await answering(paused.agent, paused.run, declined)).toBe('taken');
    expect(await paused.ended()).toMatchObject({
      outcome: 'AgentRunCompleted',
      answer: expect.stringContaining('ask me tomorrow') as unknown,
    });
  });

  it('an answer that is sent again is sent once, whatever has become of it', async () => {
    const { agent, run, pause, double, ended } = await aPausedRun(kind, one);
    const answer = answerOf(pause, { decision: 'approve' });
    expect(await answering(agent, run, answer)).toBe('taken');
    expect(await answering(agent, run, answer, true)).toBe('taken');
    await ended();
    expect(await answering(agent, run, answer, true)).toBe('taken');
    expect(double.runs).toMatchObject([{ toolsRun: ['delete_thing'], followUps: [{}] }]);
  });

  it('another answer after the first is not taken', async () => {
    const { agent, run, pause, double, ended } = await aPausedRun(kind, one);
    expect(await answering(agent, run, answerOf(pause, { decision: 'reject', why: 'no' }))).toBe('taken');
    expect(await answering(agent, run, answerOf(pause, { decision: 'approve' }))).toBe('not-wanted');
    expect(await ended()).toMatchObject({ answer: expect.stringContaining('rejected by user') as unknown });
    expect(double.runs).toMatchObject([{ toolsRun: [], followUps: [{}] }]);
  });

  it('an answer to another pause is not taken', async () => {
    const { agent, run, pause, double } = await aPausedRun(kind, one);
    const answer = { ...answerOf(pause, { decision: 'approve' }), pauseId: '0000000000000000' };
    expect(await answering(agent, run, answer)).toBe('not-wanted');
    expect(await untilPaused(agent, run)).toEqual(pause);
    expect(double.runs).toMatchObject([{ toolsRun: [], followUps: [] }]);
  });

  it('an answer to a run that is not there is not taken', async () => {
    const { agent, run, pause, toolsRun } = await aPausedRun(kind, one);
    const other = { ...run, executionId: crypto.randomUUID() };
    expect(await answering(agent, other, answerOf(pause, { decision: 'approve' }))).toBe('not-wanted');
    expect(toolsRun()).toEqual([]);
  });

  it('an agent that was killed and started again while it waited takes the answer', async () => {
    const { agent, run, pause, double, ended, toolsRun } = await aPausedRun(kind, one);
    double.agent('kagent', 'memory-analyzer').kill();
    const answer = answerOf(pause, { decision: 'approve' });
    await expect(answering(agent, run, answer)).rejects.toThrow();
    double.agent('kagent', 'memory-analyzer').start();
    expect(await answering(agent, run, answer, true)).toBe('taken');
    expect(await ended()).toMatchObject({ outcome: 'AgentRunCompleted' });
    expect(toolsRun()).toEqual(['delete_thing']);
  });

  it('a Kagent that is away and comes back takes it', async () => {
    const { agent, run, pause, double, toolsRun, ended } = await aPausedRun(kind, one);
    await double.controller.stop();
    const answer = answerOf(pause, { decision: 'approve' });
    await expect(answering(agent, run, answer)).rejects.toThrow();
    await double.controller.start();
    expect(await untilAnswered(agent, run, answer)).toBe('taken');
    await ended();
    expect(toolsRun()).toEqual(['delete_thing']);
  });

  it.each<[what: string, fault: Fault]>([
    ['is cut before it is taken', { kind: 'cut-before' }],
    ['is taken and cut', { kind: 'cut-after' }],
    ['is answered by half', { kind: 'cut-mid-reply' }],
    ['is never taken', { kind: 'hang' }],
    ['is taken and never answered', { kind: 'hang', isHandled: true }],
    ['has the answer of another call', { kind: 'wrong-id' }],
    ['is answered with nothing', { kind: 'empty-200', isHandled: true }],
    ['is answered with a page and 502', { kind: 'html', status: 502, isHandled: true }],
    ['is masked', { kind: 'masked' }],
    ['meets a limit', { kind: 'answer', status: 429, body: 'slow down' }],
  ])('a decision that %s is taken once', async (_what, fault) => {
    const { agent, run, pause, double, ended } = await aPausedRun(kind, two);
    const [a = '', b = ''] = pause.tools.map(({ id }) => id);
    const rpc = kind.release === '1.0' ? 'SendMessage' : 'message/send';
    double.script([{ on: { rpc }, fault }]);
    const answer = answerOf(pause, { decisions: { [a]: 'approve', [b]: 'reject' }, why: 'no' });
    expect(await untilAnswered(agent, run, answer)).toBe('taken');
    expect(await ended()).toMatchObject({ outcome: 'AgentRunCompleted' });
    expect(double.runs).toMatchObject([{ toolsRun: ['delete_thing'], followUps: [{}] }]);
  });
});

it.each(kinds.filter(({ release }) => release !== '1.0'))(
  "what is decided in Kagent's own UI on $release, $runtime is not decided again",
  async (kind) => {
    const { agent, run, pause, double, ended } = await aPausedRun(kind, one);
    const data = { decision_type: 'reject', rejection_reason: 'in the UI' };
    await send(double, '', { taskId: run.executionId, contextId: run.contextId ?? '', data });
    expect(await answering(agent, run, answerOf(pause, { decision: 'approve' }))).toBe('not-wanted');
    expect(await ended()).toMatchObject({ answer: expect.stringContaining('in the UI') as unknown });
    expect(double.runs).toMatchObject([{ toolsRun: [], followUps: [{}] }]);
  },
);

it('what speaks no A2A is not answered', async () => {
  const rest = createRestAgent({
    readCredentials: () => someCredentials({ baseUrl: 'http://localhost' }),
    version: '1',
  });
  const answer = { pauseId: 'p', verdicts: [], by: 'alice' };
  expect(await rest.answer({ ...runOf('x'), answer, isRepeat: false })).toBe('not-wanted');
});
