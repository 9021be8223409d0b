/**
 * Whether what an earlier run of the same execution hands on is a record: continue-as-new carries it as input.
 *
 * Anybody with the right to start an execution may send anything in its place.
 */

import { isObject } from '../contract/plain/read-field.ts';
import type { IncidentRecord } from '../record/incident-record.ts';
import { isOccurrence } from './check-input.ts';
import { fits, isCount, isListOf, isNumber, isText, isTextWithin, isTime, maybe } from './shapes.ts';

export function isCarried(value: unknown): value is IncidentRecord | undefined {
  return value === undefined || value === null || fits(value, partsOfRecord);
}

/** Characters: more than a prompt or an answer has. */
const longest = 1024 * 1024;

const isLong = (text: unknown) => isTextWithin(text, longest);
const isYesNo = (value: unknown) => typeof value === 'boolean';

const isUsage = (usage: unknown) => fits(usage, { promptTokens: isCount, completionTokens: isCount });
const isEnding = (ending: unknown) =>
  fits(ending, {
    outcome: isText,
    answer: maybe(isLong),
    why: maybe(isLong),
    usage: maybe(isUsage),
    toolCalls: maybe(isCount),
  });
const isTool = (tool: unknown) =>
  fits(tool, { id: maybe(isLong), name: isLong, arguments: isLong, isCut: maybe(isYesNo), isRenamed: maybe(isYesNo) });
const isQuestion = (question: unknown) =>
  fits(question, { question: isLong, choices: (choices) => isListOf(choices, isLong), multiple: isYesNo });
const isPause = (pause: unknown) =>
  fits(pause, {
    id: isLong,
    kind: isText,
    message: isLong,
    decidable: maybe(isText),
    tools: (tools) => isListOf(tools, isTool),
    questions: maybe((questions) => isListOf(questions, isQuestion)),
  });
const isDecision = (decision: unknown) => fits(decision, { id: isLong, verdict: isText, reason: maybe(isLong) });
const isReply = (reply: unknown) =>
  fits(reply, {
    pauseId: isLong,
    verdicts: (decisions) => isListOf(decisions, isDecision),
    answers: maybe((answers) => isListOf(answers, (texts) => isListOf(texts, isLong))),
    by: isLong,
    why: maybe(isLong),
    cause: isText,
    atMs: isCount,
  });
const isDecided = (decided: unknown) =>
  fits(decided, {
    pauseId: isLong,
    at: isTime,
    what: isLong,
    cause: isText,
    by: maybe(isLong),
    why: maybe(isLong),
    tools: maybe((tools) => isListOf(tools, isLong)),
  });
const isWaiting = (waiting: unknown) => fits(waiting, { sinceMs: isCount, untilMs: isCount, isTimeUp: maybe(isYesNo) });
const isAgentRun = (run: unknown) =>
  fits(run, {
    executionId: isLong,
    message: maybe(isLong),
    estimatedDuration: maybe(isLong),
    protocol: maybe(isText),
    contextId: maybe(isLong),
    link: maybe(isLong),
  });
const isTransition = (one: unknown) => fits(one, { state: isText, at: isText, note: maybe(isLong) });
const isKnown = (known: unknown) => fits(known, { id: isText, order: isNumber, name: maybe(isText) });

const isMemberRow = (row: unknown) =>
  fits(row, {
    id: isText,
    name: isText,
    namespace: maybe(isText),
    container: maybe(isText),
    nodeName: maybe(isText),
    firstSeen: maybe(isTime),
    lastSeen: maybe(isTime),
    count: maybe(isNumber),
  });
const isMembers = (members: unknown) => fits(members, { more: isCount, rows: (rows) => isListOf(rows, isMemberRow) });

const partsOfRecord = {
  askRun: isText,
  asks: isCount,
  askedMs: maybe(isCount),
  retries: maybe(isCount),
  mayHaveStarted: maybe(isYesNo),
  ending: maybe(isEnding),
  endedMs: maybe(isCount),
  pause: maybe(isPause),
  waiting: maybe(isWaiting),
  waitedMs: maybe(isCount),
  reply: maybe(isReply),
  decided: maybe((all) => isListOf(all, isDecided)),
  isOver: maybe(isYesNo),
  recovery: maybe(isText),
  firstSeen: isTime,
  lastSeen: isTime,
  count: isCount,
  received: isCount,
  dropped: maybe(isCount),
  known: (known: unknown) => isObject(known) && isListOf(Object.values(known), isKnown),
  members: maybe(isMembers),
  newest: isOccurrence,
  lastReceivedMs: isCount,
  resolved: maybe((resolved) => fits(resolved, { atMs: isCount, message: isLong })),
  askingSinceMs: isCount,
  redeliveries: isCount,
  prompt: maybe(isLong),
  agentRun: maybe(isAgentRun),
  request: maybe((request) => fits(request, { method: isText, path: isLong })),
  failure: maybe(isLong),
  transitions: (transitions: unknown) => isListOf(transitions, isTransition),
};
