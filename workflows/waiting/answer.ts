/**
 * The update `answer`: a person decides about what the run waits for; the decision is delivered beside everything else.
 *
 * The validator refuses whatever is not a whole answer to this pause with a sentence that says what to send; what it refuses
 * leaves no trace in the history. The first answer counts. Delivering is one activity at a time, which delivers once.
 */
import { ApplicationFailure } from '@temporalio/common';
import { defineUpdate, isCancellation, proxyActivities, setHandler } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { AgentRun, Answered } from '../contract/agent-run.ts';
import type { Incident } from '../contract/incident.ts';
import type { Decided } from '../contract/outcome.ts';
import { type AnswerTaken, answerUpdate, type Reply } from '../contract/plain/answer.ts';
import { checkAnswer, howToAnswer } from '../contract/plain/check-answer.ts';
import { isObject } from '../contract/plain/read-field.ts';
import type { IncidentRecord } from '../record/incident-record.ts';
import { enter, type Run } from '../run.ts';
import { decidedElsewhere, decidedHere, inWords, leavePause, overWords, stateOfPause } from './waiting.ts';

/** For so long Kagent may be away; then people are asked again. */
const deliveryTimeout = '24 hours';

const answerUpdateOf = defineUpdate<AnswerTaken, [unknown]>(answerUpdate);

export function takeAnswers(run: Run): void {
  setHandler(answerUpdateOf, (sent) => take(run, sent), { validator: (sent) => refuse(run, sent) });
}

function refuse({ record }: Run, sent: unknown): void {
  const why = whyNot(record, sent);
  if (why !== undefined) throw ApplicationFailure.nonRetryable(why, 'AnswerRefused');
}

function whyNot(record: IncidentRecord, sent: unknown): string | undefined {
  const { pause, reply } = record;
  if (pause === undefined) return nothingWaits(record);
  if (reply !== undefined)
    return `It was ${inWordsWithTime(decidedHere(pause, reply))}. Nothing more can be decided about it.`;
  const checked = checkAnswer(pause, sent);
  if ('answer' in checked) return undefined;
  const last = record.decided?.at(-1);
  const isOfLast = last !== undefined && isObject(sent) && sent['pause'] === last.pauseId;
  return isOfLast
    ? `It was ${inWordsWithTime(last)}. The agent now asks something else. ${howToAnswer(pause)}`
    : checked.refusal;
}

function nothingWaits({ decided, ending, agentRun }: IncidentRecord): string {
  const last = decided?.at(-1);
  const before = last === undefined ? '' : ` The last question was ${inWordsWithTime(last)}.`;
  if (ending !== undefined)
    return `Nothing waits for an answer: the agent run has ended as ${ending.outcome}.${before}`;
  const now = agentRun === undefined ? 'no agent run goes on' : 'the agent run goes on by itself';
  return `Nothing waits for an answer: ${now}.${before}`;
}

/** `approved by alice: why, at 2026-09-01T12:00:00Z`. */
function inWordsWithTime(decided: Decided): string {
  return `${inWords(decided)}, at ${decided.at}`;
}

function take({ record }: Run, sent: unknown): AnswerTaken {
  const { pause } = record;
  if (pause === undefined) throw ApplicationFailure.nonRetryable(nothingWaits(record), 'AnswerRefused');
  const checked = checkAnswer(pause, sent);
  if ('refusal' in checked) throw ApplicationFailure.nonRetryable(checked.refusal, 'AnswerRefused');
  const reply: Reply = { ...checked.answer, cause: 'person', atMs: Date.now() };
  record.reply = reply;
  const { what, at } = decidedHere(pause, reply);
  return { pause: pause.id, by: reply.by, what, at, note: overWords(record) };
}

export function deliverReply(run: Run): void {
  const { reply, agentRun } = run.record;
  if (reply === undefined || agentRun === undefined || run.isAnswering) return;
  run.isAnswering = true;
  const back = (answered: Run['answered']) => {
    run.isAnswering = false;
    if (answered !== undefined) run.answered = answered;
  };
  answerRun(run.incident, agentRun, reply).then(back, (error: unknown) =>
    back(isCancellation(error) ? undefined : { error }),
  );
}

function answerRun(incident: Incident, agentRun: AgentRun, reply: Reply): Promise<Answered> {
  const { cause: _, atMs: __, ...answer } = reply;
  const { answerRun: activity } = proxyActivities<Pick<Activities, 'answerRun'>>({
    startToCloseTimeout: '30 minutes', // the worker's own timeout per call is far below
    scheduleToCloseTimeout: deliveryTimeout,
    heartbeatTimeout: '10 seconds', // how long a dead worker goes unnoticed
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
    summary: `answer pause ${reply.pauseId}`,
  });
  return activity({ agent: incident.agent, run: agentRun, answer });
}

/** Reads what the activity has come back with. */
export function takeAnswered(run: Run): void {
  const { answered, record } = run;
  const { reply, pause } = record;
  if (answered === undefined) return;
  delete run.answered;
  if (reply === undefined || pause === undefined) return;
  const nowMs = Date.now();
  if (answered === 'taken') {
    const decided = decidedHere(pause, reply);
    leavePause(record, decided, nowMs);
    enter(run, 'running', { note: inWords(decided) });
  } else if (answered === 'not-wanted') {
    leavePause(record, decidedElsewhere(pause, nowMs), nowMs);
    enter(run, 'running', { note: `decided elsewhere, before the answer of ${reply.by} came` });
  } else {
    delete record.reply;
    if (reply.cause === 'timeout' && record.waiting !== undefined) record.waiting.isTimeUp = true;
    enter(run, stateOfPause(pause), {
      note: `the answer of ${reply.by} could not be delivered: ${words(answered.error)}`,
    });
  }
}

function words(error: unknown): string {
  const { message = String(error), cause } = error instanceof Error ? error : {};
  return (cause instanceof Error ? cause.message : message).slice(0, 300);
}
