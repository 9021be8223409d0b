/** All that real Kagents were recorded to answer, as the client reads it. */
import { describe, expect, it } from 'vitest';
import { sortFault } from '../../activities/agents/a2a/sort-fault.ts';
import { readRun } from '../../activities/agents/runs/read-run.ts';
import { startedRun } from '../../activities/agents/runs/started-run.ts';
import { Task } from '../../activities/agents/runs/task.ts';
import type { RunEnding } from '../../workflows/contract/agent-run.ts';
import type { DeliveryReason } from '../../workflows/contract/outcome.ts';
import { rows } from '../a2a/rows.ts';
import { answerIn, asItIs, classOf, recordedNames } from '../a2a/sort-exchange.ts';

function resultIn(name: string): unknown {
  const answer = answerIn(name);
  if (!('result' in answer)) throw new Error(`${name} holds no result.`);
  return answer.result;
}

it('sorts every recorded exchange into one class, and leaves none unsorted', () => {
  const counts: Record<string, number> = {};
  for (const name of recordedNames()) counts[classOf(name)] = (counts[classOf(name)] ?? 0) + 1;
  expect(counts).toEqual({
    summary: 13,
    'connection lost': 10,
    version: 4,
    health: 4,
    user: 1,
    agent: 3,
    agents: 4,
    card: 6,
    session: 18,
    sessions: 2,
    task: 15,
    tasks: 17,
    'error 400': 1,
    'error 404': 13,
    'error 500': 2,
    'status EndpointNotFound': 23,
    'status RequestRejected': 3,
    'status Unauthorized': 11,
    'rpc run working': 174,
    'rpc run paused': 30,
    'rpc run AgentRunCompleted': 117,
    'rpc run AgentRunFailed': 18,
    'rpc run AgentRunRejected': 2,
    'rpc run AgentRunCancelled': 16,
    'rpc message': 2,
    'rpc card': 4,
    'rpc list of tasks': 12,
    'rpc AgentNotReady': 12,
    'rpc AgentRefused': 4,
    'rpc AgentUnavailable, may have started': 100,
    'rpc EndpointNotFound': 9,
    'rpc RateLimited, may have started': 2,
    'rpc RequestRejected': 25,
    'rpc Unauthorized': 2,
    'rpc with the id of another request': 2, // numbers, which we never send
    'stream of results': 25,
    'stream that ends in AgentUnavailable, may have started': 18,
    'stream that ends in RequestRejected': 2,
    'stream without an event': 3,
  });
});

describe('a task', () => {
  const said = (answer: string, promptTokens: number, toolCalls = 0): RunEnding => ({
    outcome: 'AgentRunCompleted',
    answer,
    usage: { promptTokens, completionTokens: 7 },
    toolCalls,
  });
  const { answer, usage } = said('The disk is full.', 237);
  const silent: RunEnding = { outcome: 'AgentRunCompleted' };
  const cancelled: RunEnding = { outcome: 'AgentRunCancelled', why: 'The run was cancelled.' };
  const login = 'The agent asks for a login (auth-required), which nobody can give it here.';
  it.each(
    rows<RunEnding>([
      ['13-go-agent-[]-get-completed', said('The disk is full.', 237)],
      ['13-py-agent-[]-get-completed', said('The disk is full.', 302)],
      ['13b-go-agent-[]-get-history0', { outcome: 'AgentRunCompleted', answer, usage }],
      ['22-go-agent-[]-empty-answer', silent],
      ['19-go-agent-[]-cancel-running 19b-go-agent-[]-get-after-cancel 19e-go-agent-[]-cancel-terminal', cancelled],
      ['41c-go-agent-KILL-orphan-cancel', cancelled],
      ['65-byo-[]-rejected', { outcome: 'AgentRunRejected', why: 'policy' }],
      ['65-byo-[]-authreq', { outcome: 'AgentRunFailed', why: login }],
      ['65-byo-[]-multi', { outcome: 'AgentRunCompleted', answer: 'one\n[data]\n\n[a file]\n\n\ntwo' }],
      ['64-byo-[]-message-result', { outcome: 'AgentRunCompleted', answer: 'plain answer' }],
      [
        '30-tool-agent-03-tool-no-approval',
        {
          ...said('tool said: {"output":{"result":"echo:hi"}}', 769, 1),
          usage: { promptTokens: 769, completionTokens: 14 },
        },
      ],
      ['80-v0.9.12-go-agent-[]-get-final', said('old ok', 224)],
      ['85-v0.8.6-go-agent-03-get-final', said('old ok', 148)],
      ['80-v0.9.12-py-agent-[]-get-final 85-v0.8.6-py-agent-03-get-final', said('old ok', 290)],
      ['19d-py-agent-03-get-17s-after-cancel', said('not cancelled', 300)],
    ]),
  )('%s has ended so', (name, expected) => {
    expect(startedRun(resultIn(name), 'kagent-0', asItIs).ending).toEqual(expected);
  });

  it('counts the tokens of a message once, however often it is sent', () => {
    const { history, ...task } = Task.parse(resultIn('13-go-agent-03-get-completed'));
    const twice = readRun({ ...task, history: [...(history ?? []), ...(history ?? [])] }, asItIs);
    expect(twice).toEqual({ state: 'ended', ending: said('The disk is full.', 237) });
  });

  const model = (status: string): RegExp =>
    new RegExp(`^(OpenAI chat completion request failed: .*|Error code: )${status}`);
  it.each(
    rows<RegExp>([
      ['21b-{}-agent-[]-model-500-final', model('500')],
      ['21b-{}-agent-03-model-429-final', model('429')],
      ['21b-{}-agent-03-model-401-final', model('401')],
      ['21b-{}-agent-03-model-400-final', model('400')],
      ['25b-cross-agent-context-final', /^1 validation error for Event/],
      ['25c-odd-context-final', /^session not found/],
    ]),
  )('%s has failed for the reason that the agent gave', (name, why) => {
    const { ending } = startedRun(resultIn(name), 'kagent-0', asItIs);
    expect(ending).toMatchObject({ outcome: 'AgentRunFailed', why: expect.stringMatching(why) as unknown });
    expect(ending).not.toHaveProperty('answer');
  });

  const anyId: unknown = expect.stringMatching(/^call_\d+_\d$/);
  const deletion = (db: string) => ({
    id: anyId,
    name: 'delete_thing',
    arguments: JSON.stringify({ name: db }),
  });
  const hint = (tool: string) => `Tool '${tool}' requires approval before execution.`;
  const approval = {
    kind: 'approval',
    message: hint('delete_thing'),
    decidable: 'each',
    tools: [deletion('db-1')],
  };
  const questions = [
    { choices: ['a', 'b'], multiple: false, question: 'Which node?' },
    { choices: [], multiple: false, question: 'Why?' },
  ];
  it.each(
    rows<object>([
      ['31-tool-agent-[]-approve-paused 31-py-tool-agent-[]-approve-paused', approval],
      ['80-v0.9.12-tool-agent-[]-approve-paused 85-v0.8.6-py-tool-agent-03-reject-paused', approval],
      [
        '31-tool-agent-[]-batch-paused 31-py-tool-agent-[]-batch-paused',
        {
          ...approval,
          message: `${hint('delete_thing')} ${hint('delete_thing')}`,
          tools: ['db-1', 'db-2'].map(deletion),
        },
      ],
      [
        '35-tool-agent-ask-user-paused 35-py-tool-agent-ask-user-paused',
        {
          kind: 'question',
          message: 'Which node?; Why?',
          decidable: 'each',
          tools: [],
          questions,
        },
      ],
    ]),
  )('%s is paused for this', (name, expected) => {
    const reading = readRun(Task.parse(resultIn(name)), asItIs);
    expect(reading).toEqual({ state: 'paused', pause: { id: expect.any(String) as unknown, ...expected } });
  });

  it.each(
    rows([
      ['10-{}-agent-[]-send-nonblocking 12-{}-agent-[]-get-first 50-{}-agent-[]-prompt-10MiB', undefined],
      ['22-py-agent-[]-empty-answer 41-{}-agent-KILL-orphan-task 43-{}-agent-ctrl-KILL-5-final-task', undefined],
    ]),
  )('%s goes on, with the context that was asked for', (name) => {
    const run = startedRun(resultIn(name), 'kagent-0', asItIs);
    expect(run).toEqual({ executionId: Task.parse(taskIn(name)).id, protocol: 'kagent-0', contextId: contextIn(name) });
  });
});

function taskIn(name: string): unknown {
  const result = resultIn(name);
  return typeof result === 'object' && result !== null && 'task' in result ? result.task : result;
}

function contextIn(name: string): unknown {
  return Task.parse(taskIn(name)).contextId;
}

describe('an answer that is no run', () => {
  const unsure = (reason: DeliveryReason) => ({ reason });
  const never = (reason: DeliveryReason) => ({ reason, mayHaveStarted: false });
  it.each(
    rows<ReturnType<typeof sortFault>>([
      ['23-byo-agent-[]-send 23-ghost-agent-[]-send', never('AgentNotReady')],
      ['40c-{}-agent-KILL-send-while-down 40c-{}-agent-TERM-send-while-down', never('AgentNotReady')],
      ['80-v0.9.12-{}-agent-get-while-agent-down 85-v0.8.6-{}-agent-get-while-agent-down', never('AgentNotReady')],
      ['40-{}-agent-KILL-blocking-while-agent-dies 65-byo-[]-close', unsure('AgentUnavailable')],
      ['09-go-agent-[]-unknown-taskid-on-send 09-go-agent-[]-no-messageid', unsure('AgentUnavailable')],
      ['45-db-down-tasks-get 45b-db-down-GetTask 45c-db-down-tasks-list 45f-db-down-send', unsure('AgentUnavailable')],
      ['51-go-agent-[]-ctl-nul 62-trusted-proxy-send-agent-without-token', unsure('AgentUnavailable')],
      ['65-byo-[]-503 65-byo-[]-html 42-{}-agent-ctrl-TERM-5-blocking', unsure('AgentUnavailable')],
      ['81-v0.9.12-{}-agent-blocking-200s', unsure('AgentUnavailable')],
      ['85-v0.8.6-{}-agent-03-unknown-task 15-go-agent-[]-get-other-user', unsure('AgentUnavailable')],
      ['65-byo-[]-429', { ...unsure('RateLimited'), retryAfterMs: 30_000 }],
      ['65-byo-[]-401', never('Unauthorized')],
      ['65-byo-[]-rpcerr', never('AgentRefused')],
      ['07-[]-no-params 07-[]-malformed-json 09-py-agent-[]-bad-role', never('RequestRejected')],
      ['07-[]-unknown-method 85-v0.8.6-{}-agent-03-list', never('EndpointNotFound')],
    ]),
  )('%s is sorted so', (name, expected) => {
    const answer = answerIn(name);
    expect('fault' in answer && sortFault(answer.fault)).toEqual(expected);
  });
});
