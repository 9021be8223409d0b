/** What real Kagents were recorded to answer, sent once more over the wire to the client. */
import { v4 as uuidv4 } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dialect03 } from '../../activities/agents/a2a/dialect.ts';
import { probeRun } from '../../activities/agents/a2a/probe-run.ts';
import type { DeliveryError } from '../../activities/agents/delivery-error.ts';
import { createKagent0Directory } from '../../activities/agents/kagent/kagent-0-directory.ts';
import type { Liveness } from '../../activities/agents/port.ts';
import type { AgentRun } from '../../workflows/contract/agent-run.ts';
import { anAdapter, aWire, runOf, theAgent } from '../a2a/an-adapter.ts';
import { type RecordedServer, startRecordedServer } from '../a2a/recorded-server.ts';
import { rows } from '../a2a/rows.ts';
import { aDelivery } from '../fake-kagent/a-delivery.ts';
import { readTranscript } from '../transcripts/read-transcript.ts';

let server: RecordedServer;
beforeAll(async () => (server = await startRecordedServer()));
afterAll(() => server.stop());
const adapter = () => anAdapter('kagent-0', { url: server.url });

it.each(
  rows<Liveness>([
    ['41b-{}-agent-KILL-orphan-resubscribe 41b-{}-agent-TERM-orphan-resubscribe', 'gone'],
    ['85-v0.8.6-{}-agent-resub-orphan 09-{}-agent-03-resub-unknown', 'gone'],
    ['85-v0.8.6-{}-agent-resub-live 20-{}-agent-03-resubscribe 17-{}-agent-03-stream', 'alive'],
    ['23-byo-agent-03-send 40c-{}-agent-KILL-send-while-down', 'absent'],
    ['40-{}-agent-KILL-blocking-while-agent-dies 65-byo-03-503 65-byo-03-html 23-ghost-agent-03-send', 'unclear'],
    ['06-unknown-agent-03 60-trusted-proxy-no-header 45d-db-down-session-tasks', 'unclear'],
  ]),
)('%s shows that the run is %s', async (name, expected) => {
  server.answerAs([['POST', name]]);
  const call = { agent: 'kagent/a', path: '/', dialect: dialect03, taskId: 't', trustsSilence: true, listenMs: 400 };
  expect(await probeRun(aWire({ url: server.url }), { ...call, signal: new AbortController().signal })).toBe(expected);
});

it.each(
  rows<string>([
    ['14-{}-agent-03-api-task-after 85-v0.8.6-{}-agent-03-api-task-other-user', 'ended'],
    ['11-{}-agent-[]-api-task-early', 'working'],
    ['59b-api-task-after-agent-deleted', 'working'],
    ['15c-{}-agent-[]-task-other-user', 'missing'],
    ['45e-db-down-api-task', 'AgentUnavailable'],
    ['61-trusted-proxy-unauth-sessions', 'Unauthorized'],
    ['04f-root', 'EndpointNotFound'],
  ]),
)('%s, asked for a task, reads %s', async (name, expected) => {
  server.answerAs([['GET', name]]);
  const id = readTranscript(name).request.path.split('/').at(-1) || 'x';
  const looked = adapter().look(runOf(id));
  expect(
    await looked.then(
      ({ state }) => state,
      (error: DeliveryError) => error.reason,
    ),
  ).toBe(expected);
});

it.each(
  rows<string>([
    ['14-{}-agent-[]-sess-tasks-after', 'a run that is AgentRunCompleted'],
    ['11-{}-agent-[]-sess-tasks-early', 'a run that goes on'],
    ['27d-{}-agent-session-tasks-empty 14c-{}-agent-[]-sess-tasks-unknown 15b-{}-agent-[]-sess-other-user', 'no run'],
    ['45d-db-down-session-tasks', 'AgentUnavailable'],
  ]),
)('%s, asked for what was started, reads as %s', async (name, expected) => {
  server.answerAs([['GET', name]]);
  const found = adapter().find({ ...runOf('x'), idempotencyKey: uuidv4() });
  const wordsFor = (run: AgentRun) => `a run that ${run.ending ? `is ${run.ending.outcome}` : 'goes on'}`;
  const words = found.then((run) => (run === undefined ? 'no run' : wordsFor(run)));
  expect(await words.catch((error: DeliveryError) => error.reason)).toEqual(expected);
});

it.each(
  rows<boolean>([
    ['19-go-agent-03-cancel-running 19e-go-agent-03-cancel-terminal 41c-go-agent-TERM-orphan-cancel', true],
    ['39-tool-agent-cancel-while-paused 80-v0.9.12-go-agent-03-cancel 85-v0.8.6-go-agent-03-cancel', true],
    ['19-py-agent-03-cancel-running 19e-py-agent-03-cancel-terminal 41c-py-agent-KILL-orphan-cancel', false],
    ['09-{}-agent-03-cancel-unknown 85-v0.8.6-py-agent-03-cancel', false],
  ]),
)('%s, asked to cancel, is cancelled: %s', async (name, isCancelled) => {
  server.answerAs([['POST', name]]);
  expect(await adapter().cancel(runOf('t'))).toMatchObject({ isCancelled });
});

const starting = { idempotencyKey: uuidv4(), signal: new AbortController().signal };
const made = '27b-go-agent-session-create';
it.each<[sessions: string, send: string, agent: string, expected: object]>([
  [made, '10-go-agent-03-send-nonblocking', '', { executionId: '01a220a9-fb98-7450-8df3-501d5b8a4877' }],
  [made, '06-unknown-agent-03', '03d-agent-missing', { reason: 'AgentNotFound', mayHaveStarted: false }],
  [made, '06c-unknown-namespace', '03d-agent-missing', { reason: 'AgentNotFound', mayHaveStarted: false }],
  [made, '42d-ctrl-KILL-5-first-get-after-start', '03c-agent-one', { reason: 'AgentNotReady', mayHaveStarted: false }],
  [made, '05-seed-rest-execute', '', { reason: 'EndpointNotFound', mayHaveStarted: false }],
  [made, '42-go-agent-ctrl-KILL-5-blocking', '', { reason: 'ConnectionFailed', mayHaveStarted: true }],
  [made, '60-trusted-proxy-no-header', '', { reason: 'Unauthorized', mayHaveStarted: false }],
  ['27h-session-unknown-agent', '', '03d-agent-missing', { reason: 'AgentNotFound', mayHaveStarted: false }],
  ['27h-session-unknown-agent', '', '03c-agent-one', { reason: 'AgentNotReady', mayHaveStarted: false }],
  ['61-trusted-proxy-unauth-sessions', '', '', { reason: 'Unauthorized', mayHaveStarted: false }],
  ['45d-db-down-session-tasks', '', '', { reason: 'AgentUnavailable' }],
])('a session as in %s, a send as in %s, an agent as in %s', async (sessions, send, agent, expected) => {
  server.answerAs([
    ['/api/sessions', sessions],
    ['/api/a2a', send],
    ['/api/agents', agent],
  ]);
  expect(
    await adapter()
      .start(aDelivery(), starting)
      .catch((error: unknown) => error),
  ).toMatchObject(expected);
});

it.each([
  ['03c-agent-one', { verdict: { status: 'True' }, ready: { status: 'True' } }],
  ['23b-byo-agent-api', { verdict: { status: 'True' }, ready: { status: 'False' } }],
  ['03d-agent-missing', { verdict: { status: 'False', reason: 'AgentNotFound' } }],
  ['61-trusted-proxy-unauth-agents', { verdict: { status: 'Unknown', reason: 'Unauthorized' } }],
])('%s says whether an agent exists and is ready', async (name, expected) => {
  server.answerAs([['GET', name]]);
  const directory = createKagent0Directory(aWire({ url: server.url }));
  expect(await directory.find(theAgent, starting.signal)).toMatchObject(expected);
});
