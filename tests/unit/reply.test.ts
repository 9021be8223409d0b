/** Answers in the words of the agents that asked, held against what real Kagents were recorded to take. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Dialect, dialect03, dialect10 } from '../../activities/agents/a2a/dialect.ts';
import { askedBy, humanInTheLoop } from '../../activities/agents/pauses/asked.ts';
import { pauseOf } from '../../activities/agents/pauses/pause.ts';
import { replyTo } from '../../activities/agents/pauses/reply.ts';
import { Task } from '../../activities/agents/runs/task.ts';
import { answerOf } from '../a2a/a-paused-run.ts';
import { rows } from '../a2a/rows.ts';
import { readTranscript } from '../transcripts/read-transcript.ts';

const Envelope = z.looseObject({ result: z.unknown() });
const Sent = z.looseObject({
  params: z.looseObject({
    message: z.looseObject({
      messageId: z.string(),
      taskId: z.string(),
      contextId: z.string(),
      parts: z.array(Part()),
    }),
  }),
});
function Part() {
  return z.looseObject({ text: z.string().optional(), data: z.looseObject({}).optional() });
}

/** The task that a recorded exchange has shown. */
const taskIn = (name: string) => Task.parse(Envelope.parse(readTranscript(name).response.body).result);

/** What people see of a conversation, and empty metadata, are left open: they decide nothing. */
const essence = (body: unknown) => {
  const { params } = Sent.parse(body);
  const parts = params.message.parts.flatMap(({ kind, data }) => (data === undefined ? [] : [{ kind, data }]));
  return { ...params, message: { ...params.message, parts } };
};

const mixed = (ids: readonly string[]) => ({
  decisions: { [ids[0] ?? '']: 'approve', [ids[1] ?? '']: 'reject' },
  reasons: { [ids[1] ?? '']: 'not that one' },
});

describe('the request is the one that was recorded', () => {
  it.each(
    rows<(ids: string[]) => object>([
      ['[]-approve', () => ({ decision: 'approve' })],
      ['[]-reject', () => ({ decision: 'reject', why: 'too dangerous' })],
      ['[]-batch', mixed],
    ]).flatMap(([name, sent]) => ['tool-agent', 'py-tool-agent'].map((agent) => [`${agent}-${name}`, sent] as const)),
  )('%s', (name, sent) => {
    const dialect: Dialect = name.includes('-03-') ? dialect03 : dialect10;
    const task = taskIn(`31-${name}-paused`);
    expectRecorded(task, `32-${name}-reply`, { dialect, sent });
  });

  it.each(['tool-agent', 'py-tool-agent'])('%s, asked questions', (agent) => {
    const sent = () => ({ answers: ['a', 'because it is broken'] });
    expectRecorded(taskIn(`35-${agent}-ask-user-paused`), `35b-${agent}-ask-user-answer`, { dialect: dialect03, sent });
  });
});

function expectRecorded(
  task: Task,
  recorded: string,
  { dialect, sent }: { dialect: Dialect; sent: (ids: string[]) => object },
): void {
  const { body } = readTranscript(recorded).request;
  const { messageId } = Sent.parse(body).params.message;
  const pause = pauseOf(task);
  const answer = answerOf(pause, sent(pause.tools.map(({ id }) => id)));
  const content = replyTo(askedBy(task), answer);
  const params = dialect.sendParams({ messageId, taskId: task.id, contextId: task.contextId ?? '', ...content });
  expect(essence({ params })).toEqual(essence(body));
}

const confirmation = (name: string, more: { id?: string; args?: unknown; payload?: unknown } = {}) => ({
  data: {
    name: 'adk_request_confirmation',
    id: `adk-${name}`,
    args: {
      originalFunctionCall: { name, id: more.id, args: more.args ?? {} },
      toolConfirmation: { confirmed: false, hint: `${name}?`, payload: more.payload ?? null },
    },
  },
});
const ask = (id: string, ...questions: unknown[]) => confirmation('ask_user', { id, args: { questions } });
const aTask = (parts: unknown[], metadata?: unknown) =>
  Task.parse({
    id: 'task-1',
    contextId: 'context-1',
    status: { state: 'input-required', message: { messageId: 'm', role: 'agent', parts, metadata } },
  });
const why = { question: 'Why?', choices: null };
const nested = (...tools: string[]) => ({
  hitl_parts: tools.map((name) => ({
    name: 'adk_request_confirmation',
    originalFunctionCall: { name, id: name, args: {} },
  })),
});

describe('what can be decided', () => {
  it.each<[what: string, parts: unknown[], decidable: string, tools: string[]]>([
    ['two tools', [confirmation('a', { id: '1' }), confirmation('b', { id: '2' })], 'each', ['a', 'b']],
    ['tools of one id', [confirmation('a', { id: '1' }), confirmation('b', { id: '1' })], 'whole', ['a', 'b']],
    ['tools without ids', [confirmation('a'), confirmation('b', { id: '2' })], 'whole', ['a', 'b']],
    ['the tools of an agent below', [confirmation('k8s', { id: '1', payload: nested('x', 'y') })], 'whole', ['x', 'y']],
    ['an agent below, not all of it read', [confirmation('k8s', { payload: { hitl_parts: [7] } })], 'reject', ['k8s']],
    ['a tool and a question', [confirmation('a', { id: '1' }), ask('2', why)], 'each', ['a']],
    ['two calls that ask', [ask('1', why), ask('2', why)], 'reject', []],
    ['a question without words', [ask('1', { choices: [] })], 'reject', []],
    ['too many choices', [ask('1', { ...why, choices: Array.from({ length: 21 }, String) })], 'reject', []],
    [
      'more tools than can be shown',
      Array.from({ length: 21 }, (_, n) => confirmation('a', { id: `${n}` })),
      'reject',
      Array.from({ length: 20 }, () => 'a'),
    ],
    [
      'a confirmation that is none',
      [confirmation('a', { id: '1' }), { data: { name: 'adk_request_confirmation' } }],
      'reject',
      ['a'],
    ],
    ['data of another form', [{ data: { interrupt_type: 'tool_approval' } }], 'nothing', []],
    ['words', [{ text: 'Which node?' }], 'each', []],
    ['nothing', [], 'each', []],
  ])('about %s', (_what, parts, decidable, tools) => {
    const pause = pauseOf(aTask(parts));
    expect(pause).toMatchObject({ decidable, kind: tools.length > 0 ? 'approval' : 'question' });
    expect(pause.tools.map(({ name }) => name)).toEqual(tools);
    expect(new Set(pause.tools.map(({ id }) => id)).size).toBe(tools.length);
  });

  it('about an extension of another form is nothing', () => {
    expect(pauseOf(aTask([{ text: 'x' }], { [humanInTheLoop]: { type: 'other' } }))).toMatchObject({
      decidable: 'nothing',
    });
  });

  it('has an id that changes with everything that is asked', () => {
    const asks = [
      [confirmation('a', { id: '1' })],
      [confirmation('a', { id: '2' })],
      [confirmation('b', { id: '1' })],
      [confirmation('a', { id: '1', args: { name: 'db-2' } })],
      [confirmation('a', { id: '1', payload: nested('x') })],
      [confirmation('a', { id: '1', payload: nested('y') })],
      [confirmation('a', { id: '1' }), confirmation('b')],
      [{ text: 'Which?' }],
      [{ text: 'Why?' }],
    ];
    const ids = asks.map((parts) => pauseOf(aTask(parts)).id);
    expect(new Set(ids).size).toBe(asks.length);
    expect(ids).toEqual(asks.map((parts) => pauseOf(aTask(parts)).id));
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each([
    ['a name with a mark that nobody sees', 'get_pods\u200b', { name: 'get_pods', isRenamed: true }],
    ['a plain name', 'get_pods', { name: 'get_pods' }],
  ])('shows whether it was renamed: %s', (_what, name, expected) => {
    const { id: _, arguments: __, ...tool } = pauseOf(aTask([confirmation(name, { id: '1' })])).tools[0]!;
    expect(tool).toEqual(expected);
  });

  it('shows ids by which they can be named, whatever the agent calls its calls', () => {
    const pause = pauseOf(aTask([confirmation('a', { id: '"; rm' }), confirmation('b', { id: '__proto__' })]));
    expect(pause.tools.map(({ id }) => id)).toEqual(['tool-1', 'tool-2']);
    const content = replyTo(
      askedBy(aTask([confirmation('a', { id: '"; rm' }), confirmation('b', { id: '__proto__' })])),
      answerOf(pause, { decisions: { 'tool-1': 'reject', 'tool-2': 'approve' }, why: 'no' }),
    );
    const [part] = content.parts;
    expect(JSON.stringify(part)).toContain('"decisions":{"\\"; rm":"reject","__proto__":"approve"}');
  });
});

describe('a reply', () => {
  const dataOf = (parts: unknown[], sent: object) => {
    const task = aTask(parts);
    const [part] = replyTo(askedBy(task), answerOf(pauseOf(task), sent)).parts;
    return part !== undefined && 'data' in part ? part.data : part;
  };

  it('that rejects a tool declines the question beside it, for what a batch leaves out runs', () => {
    const parts = [confirmation('a', { id: '1' }), ask('2', why), confirmation('b', { id: '3' })];
    expect(dataOf(parts, { decisions: { 1: 'approve', 3: 'reject' }, why: 'no' })).toEqual({
      decision_type: 'batch',
      decisions: { 1: 'approve', 2: 'reject', 3: 'reject' },
      rejection_reasons: { 2: 'no', 3: 'no' },
    });
  });

  it('with different reasons names each', () => {
    const parts = [confirmation('a'), confirmation('b')];
    const sent = { decisions: { 'tool-1': 'reject', 'tool-2': 'reject' }, reasons: { 'tool-1': 'x', 'tool-2': 'y' } };
    expect(dataOf(parts, sent)).toEqual({ decision_type: 'reject', rejection_reason: 'x; y' });
  });

  it('to a question that is declined is a rejection', () => {
    expect(dataOf([ask('1', why)], { decision: 'reject', why: 'ask me tomorrow' })).toEqual({
      decision_type: 'reject',
      rejection_reason: 'ask me tomorrow',
    });
  });

  it('to words is words', () => {
    expect(dataOf([{ text: 'Which node?' }], { answer: 'node-a' })).toEqual({ text: 'node-a' });
    expect(dataOf([{ text: 'Which node?' }], { decision: 'reject', why: 'none' })).toEqual({
      text: 'Rejected by alice: none',
    });
  });
});
