/**
 * One run of an execution: its incident, what is known of it, and what it shows to the outside.
 *
 * Signal handlers only put messages into the inbox; everything else happens between two waits, and each change of state is one
 * write of memo and search attributes.
 */
import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import {
  makeContinueAsNewFunc,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { isResolved, readOccurrences } from './checks/check-input.ts';
import { defineRawSignal, readSignal } from './checks/read-signal.ts';
import type { Answered, FollowedRun } from './contract/agent-run.ts';
import type { Incident, StartedIncident } from './contract/incident.ts';
import type { IncidentState, Outcome } from './contract/outcome.ts';
import { signalNames } from './contract/plain/names.ts';
import type { SoFar } from './contract/plain/so-far.ts';
import { currentDetails } from './current-details.ts';
import {
  addTransition,
  continueRecord,
  type IncidentRecord,
  soFarOf,
  takeOccurrence,
  takeResolved,
  transition,
} from './record/incident-record.ts';
import { memoOf } from './record/memo-of.ts';
import { recoveryOf } from './record/record-run.ts';

/** How often the memo of a firing incident is brought up to date at most; each write is an event in the history. */
const memoEveryMs = 60_000;

const stateKey = defineSearchAttributeKey('IncidentState', 'KEYWORD');
const failureReasonKey = defineSearchAttributeKey('FailureReason', 'KEYWORD');
const stateChangedAtKey = defineSearchAttributeKey('StateChangedAt', 'DATETIME');

const occurrencesSignal = defineRawSignal(signalNames.occurrences);
const resolvedSignal = defineRawSignal(signalNames.resolved);

/** As it came: whoever may signal may send anything. */
interface Message {
  kind: 'occurrences' | 'resolved';
  signal: unknown;
}

export interface Run {
  incident: StartedIncident;
  record: IncidentRecord;
  /** Signals that were not read yet. */
  inbox: Message[];
  memoWrittenMs: number;
  /** What the activity that follows the agent run has come back with, and was not read yet. */
  followed?: FollowedRun;
  /** The agent is being asked: a run may have been started of which nobody knows yet. */
  isDelivering: boolean;
  /** A transition says that the trouble is over while the agent still works. */
  isNotedOver: boolean;
  /** One activity follows the agent run. */
  isFollowing: boolean;
  /** Ends that activity, so that another one goes on with what is known now. */
  stopFollowing?: () => void;
  /** That activity is to end the run. */
  isEnding: boolean;
  /** One activity delivers an answer; what the other has come back with is read after it. */
  isAnswering: boolean;
  /** What that has come back with, and was not read yet. */
  answered?: Answered | { error: unknown };
}

export function openRun(incident: Incident, record: IncidentRecord): Run {
  const run: Run = {
    incident,
    record,
    inbox: [],
    memoWrittenMs: Date.now(),
    isDelivering: false,
    isNotedOver: false,
    isFollowing: false,
    isEnding: false,
    isAnswering: false,
  };
  setHandler(occurrencesSignal, (signal) => void run.inbox.push({ kind: 'occurrences', signal: readSignal(signal) }));
  setHandler(resolvedSignal, (signal) => void run.inbox.push({ kind: 'resolved', signal: readSignal(signal) }));
  return run;
}

/** Reads every signal that has arrived. Synchronous, so that nothing can arrive in between. */
export function drain(run: Run): void {
  let news = false;
  for (const message of run.inbox.splice(0)) news = take(run.record, message) || news;
  if (news && Date.now() - run.memoWrittenMs >= memoEveryMs) writeMemo(run);
}

/**
 * What is known now, with what the signals say that are still on their way or were not read yet. They stay unread: to read
 * them here would write the memo earlier than executions of older versions did, which would not replay.
 */
export function soFar({ incident, record, inbox }: Run): SoFar {
  const copy = continueRecord(record);
  if (record.asks === 1) for (const occurrence of incident.along ?? []) takeOccurrence(copy, occurrence, Date.now());
  for (const message of inbox) take(copy, message);
  return soFarOf(copy, Date.now());
}

function take(record: IncidentRecord, message: Message): boolean {
  const nowMs = Date.now();
  if (message.kind === 'resolved' && isResolved(message.signal)) return takeResolved(record, message.signal, nowMs);
  const { occurrences, dropped } =
    message.kind === 'occurrences' ? readOccurrences(message.signal) : { occurrences: [], dropped: 1 };
  if (dropped > 0) record.dropped = (record.dropped ?? 0) + dropped;
  let news = dropped > 0;
  for (const occurrence of occurrences) news = takeOccurrence(record, occurrence, nowMs) || news;
  return news;
}

/** Starts the next run of the same episode with everything known; called right after a look at the inbox. */
export function continueRun(run: Run): Promise<never> {
  const { incident, record } = run;
  // Without it the next run would show the memo that the first was started with.
  const memo = { ...workflowInfo().memo, incident: memoOf(incident, record) };
  const next = makeContinueAsNewFunc<(incident: Incident, carried: IncidentRecord) => Promise<Outcome>>({ memo });
  return next(incident, record);
}

/** A state that is passed through: it shows in the story, and costs no write. */
export function passThrough(run: Run, state: IncidentState, note: string): void {
  addTransition(run.record, transition(state, Date.now(), note));
}

type Entering = { note?: string | undefined; failureReason?: string };

export function enter(run: Run, state: IncidentState, { note, failureReason }: Entering = {}): void {
  addTransition(run.record, transition(state, Date.now(), note));
  writeMemo(run, [
    { key: stateKey, value: state },
    ...(failureReason === undefined ? [] : [{ key: failureReasonKey, value: failureReason }]),
  ]);
}

function writeMemo(run: Run, attributes: SearchAttributeUpdatePair[] = []): void {
  run.memoWrittenMs = Date.now();
  upsertMemo({ incident: memoOf(run.incident, run.record) });
  upsertSearchAttributes([...attributes, { key: stateChangedAtKey, value: new Date() }]);
}

export function show(run: Run, next: string): void {
  setCurrentDetails(currentDetails(run.incident, run.record, next));
}

export function outcomeOf({ incident, record }: Run): Outcome {
  const recovery = recoveryOf(incident, record);
  return {
    state: 'resolved',
    ...(record.agentRun !== undefined && { agentRun: record.agentRun }),
    ...(record.ending !== undefined && { ending: record.ending }),
    ...(recovery !== undefined && { recovery }),
    ...(record.request !== undefined && { request: record.request }),
    ...(record.asks > 1 && { asks: record.asks }),
    occurrences: record.count,
    firstSeen: record.firstSeen,
    lastSeen: record.lastSeen,
  };
}
