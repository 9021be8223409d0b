/**
 * Whether what an earlier run of the same execution hands on is a record: continue-as-new carries it as input.
 *
 * Anybody with the right to start an execution may send anything in its place.
 */
import { isObject } from '../contract/plain/read-field.ts';
import type { IncidentRecord } from '../record/incident-record.ts';
import { isOccurrence } from './check-input.ts';
import { isCount, isNumber, isText, isTime, listOf, maybe, objectOf, textWithin } from './shapes.ts';

export function isCarried(value: unknown): value is IncidentRecord | undefined {
  return value === undefined || value === null || isRecord(value);
}

/** More than a prompt or an answer has. */
const isLong = textWithin(1024 * 1024);
const isYesNo = (value: unknown) => typeof value === 'boolean';

const isEnding = objectOf({
  outcome: isText,
  answer: maybe(isLong),
  why: maybe(isLong),
  usage: maybe(objectOf({ promptTokens: isCount, completionTokens: isCount })),
  toolCalls: maybe(isCount),
});
const isTool = objectOf({
  id: maybe(isLong),
  name: isLong,
  arguments: isLong,
  isCut: maybe(isYesNo),
  isRenamed: maybe(isYesNo),
});
const isPause = objectOf({
  id: isLong,
  kind: isText,
  message: isLong,
  decidable: maybe(isText),
  tools: listOf(isTool),
  questions: maybe(listOf(objectOf({ question: isLong, choices: listOf(isLong), multiple: isYesNo }))),
});
const isReply = objectOf({
  pauseId: isLong,
  verdicts: listOf(objectOf({ id: isLong, verdict: isText, reason: maybe(isLong) })),
  answers: maybe(listOf(listOf(isLong))),
  by: isLong,
  why: maybe(isLong),
  cause: isText,
  atMs: isCount,
});
const isDecided = objectOf({
  pauseId: isLong,
  at: isTime,
  what: isLong,
  cause: isText,
  by: maybe(isLong),
  why: maybe(isLong),
  tools: maybe(listOf(isLong)),
});
const isAgentRun = objectOf({
  executionId: isLong,
  message: maybe(isLong),
  estimatedDuration: maybe(isLong),
  protocol: maybe(isText),
  contextId: maybe(isLong),
  link: maybe(isLong),
});
const isKnown = objectOf({ id: isText, order: isNumber, name: maybe(isText) });
const isMember = objectOf({
  id: isText,
  name: isText,
  namespace: maybe(isText),
  container: maybe(isText),
  nodeName: maybe(isText),
  firstSeen: maybe(isTime),
  lastSeen: maybe(isTime),
  count: maybe(isNumber),
});

const isRecord = objectOf<IncidentRecord>({
  askRun: isText,
  asks: isCount,
  askedMs: maybe(isCount),
  retries: maybe(isCount),
  mayHaveStarted: maybe(isYesNo),
  ending: maybe(isEnding),
  endedMs: maybe(isCount),
  pause: maybe(isPause),
  waiting: maybe(objectOf({ sinceMs: isCount, untilMs: isCount, isTimeUp: maybe(isYesNo) })),
  waitedMs: maybe(isCount),
  reply: maybe(isReply),
  decided: maybe(listOf(isDecided)),
  isOver: maybe(isYesNo),
  recovery: maybe(isText),
  firstSeen: isTime,
  lastSeen: isTime,
  count: isCount,
  received: isCount,
  dropped: maybe(isCount),
  known: (known: unknown) => isObject(known) && listOf(isKnown)(Object.values(known)),
  members: maybe(objectOf({ more: isCount, rows: listOf(isMember) })),
  newest: isOccurrence,
  lastReceivedMs: isCount,
  resolved: maybe(objectOf({ atMs: isCount, message: isLong })),
  askingSinceMs: isCount,
  redeliveries: isCount,
  prompt: maybe(isLong),
  agentRun: maybe(isAgentRun),
  request: maybe(objectOf({ method: isText, path: isLong })),
  failure: maybe(isLong),
  transitions: listOf(objectOf({ state: isText, at: isText, note: maybe(isLong) })),
});
