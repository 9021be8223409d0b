/**
 * What an execution knows about its incident: counts, newest occurrences, transitions, the agent run.
 *
 * Pure functions over plain values, so that a continued run carries the record as input.
 */
import type { AgentRun, RunEnding, RunPause } from '../contract/agent-run.ts';
import type { Incident, Occurrence, ResolvedSignal } from '../contract/incident.ts';
import type { Decided, IncidentState, Recovery, Transition, UnsentRequest } from '../contract/outcome.ts';
import type { Reply } from '../contract/plain/answer.ts';
import { inertText } from '../contract/plain/inert-text.ts';
import { addMember, type Members, noMembers } from '../contract/plain/members.ts';
import { isoSeconds } from '../contract/plain/rfc3339.ts';
import type { SoFar } from '../contract/plain/so-far.ts';
import { type KnownMembers, membersSoFar, readMembers, rememberMember } from './known-members.ts';

/** Plain data: it travels through continue-as-new. Times in `…Ms` are workflow time, the others the cluster's. */
export interface IncidentRecord {
  /** The run id of the first run of this episode, and of a repeated ask its number; with the workflow id it identifies the agent run. */
  askRun: string;
  /** How many agent runs were expected: 1, and one more for each time that the incident still fired after `repeatAfter`. */
  asks: number;
  /** When the agent took the last one. */
  askedMs?: number;
  /** How many of the asks were made because a run was lost. */
  retries?: number;
  /** A delivery was given up that may have started a run. */
  mayHaveStarted?: boolean;
  /** How the newest run ended, its answer cut to what is shown. */
  ending?: RunEnding;
  endedMs?: number;
  pause?: RunPause;
  /** Since when and until when; left out where the pause began before people could answer here. */
  waiting?: { sinceMs: number; untilMs: number; isTimeUp?: true };
  /** How long the newest run has waited in its earlier pauses. */
  waitedMs?: number;
  /** The answer to the pause, until the agent has it. */
  reply?: Reply;
  /** How the last pauses were left, the newest at the end. */
  decided?: Decided[];
  /** Nothing was seen for the quiet window, and the run goes on. */
  isOver?: true;
  /** Set when the incident was over before the run was. */
  recovery?: Recovery;
  firstSeen: string;
  lastSeen: string;
  count: number;
  received: number;
  /** Signals, and occurrences in them, that were not of the watcher's shape. */
  dropped?: number;
  known: KnownMembers;
  /** For the prompt; left out in what runs of older versions hand on. */
  members?: Members;
  newest: Occurrence;
  lastReceivedMs: number;
  resolved?: { atMs: number; message: string };
  /** Since when the agent is to be asked; the redelivery limit counts from here. */
  askingSinceMs: number;
  redeliveries: number;
  prompt?: string;
  agentRun?: AgentRun;
  /** What would have been sent, where the agent is not to be asked. */
  request?: UnsentRequest;
  failure?: string;
  transitions: Transition[];
}

/** Transitions kept in the memo; the history has all of them. */
const transitionLimit = 8;
/** Characters of a note: whoever shows it shows less. */
const noteLimit = 2048;

export function beginRecord(incident: Incident, askRun: string, nowMs: number): IncidentRecord {
  const { occurrence } = incident;
  return {
    askRun,
    asks: 1,
    firstSeen: occurrence.at,
    lastSeen: occurrence.at,
    count: occurrence.times,
    received: incident.follows === undefined ? 1 + (occurrence.merged ?? 0) : 0,
    known: rememberMember(readMembers({}), occurrence),
    members: addMember(noMembers, occurrence),
    newest: occurrence,
    lastReceivedMs: nowMs,
    askingSinceMs: nowMs,
    redeliveries: 0,
    transitions: [{ state: 'delivering', at: isoSeconds(nowMs) }],
  };
}

/** What an earlier run of the same execution has handed on, as it came. */
export function continueRecord(carried: IncidentRecord): IncidentRecord {
  return { ...carried, known: readMembers(carried.known) };
}

/** Takes a further occurrence; false when it, or a later one of the same member, is known already. */
export function takeOccurrence(record: IncidentRecord, occurrence: Occurrence, nowMs: number): boolean {
  record.received += 1 + (occurrence.merged ?? 0);
  const known = record.known[occurrence.member];
  if (known?.id === occurrence.id) return learnMore(record, occurrence);
  if (known !== undefined && occurrence.order < known.order) return false;
  const before = membersSoFar(record);
  rememberMember(record.known, occurrence);
  record.members = addMember(before, occurrence);
  record.count += occurrence.times;
  record.newest = occurrence;
  record.lastReceivedMs = nowMs;
  if (occurrence.at > record.lastSeen) record.lastSeen = occurrence.at;
  delete record.resolved;
  delete record.recovery;
  return true;
}

/** The same occurrence again, with a better cause: the kubelet may learn of an OOM kill late. */
function learnMore(record: IncidentRecord, occurrence: Occurrence): boolean {
  if (record.newest.id !== occurrence.id || record.newest.cause === occurrence.cause) return false;
  record.newest = occurrence;
  return true;
}

/** Takes the end of a state; false when it speaks of an occurrence that is not the newest of any member. */
export function takeResolved(record: IncidentRecord, signal: ResolvedSignal, nowMs: number): boolean {
  const isNewest = Object.values(record.known).some(({ id }) => id === signal.occurrenceId);
  if (!isNewest || record.resolved !== undefined) return false;
  record.resolved = { atMs: nowMs, message: signal.message };
  return true;
}

/** For the prompt: what is known beside the first occurrence. */
export function soFarOf(record: IncidentRecord, nowMs: number): SoFar {
  const { firstSeen, lastSeen, count, newest } = record;
  return { firstSeen, lastSeen, count, members: membersSoFar(record), newest, askedAt: isoSeconds(nowMs) };
}

/** Whether there is a run that goes on, as far as anybody knows. The REST API says nothing of its runs. */
export function isRunning({ agentRun, ending }: IncidentRecord): boolean {
  return agentRun?.protocol !== undefined && agentRun.protocol !== 'rest' && ending === undefined;
}

export function addTransition(record: IncidentRecord, transition: Transition): void {
  record.transitions = [...record.transitions, transition].slice(-transitionLimit);
}

export function transition(state: IncidentState, nowMs: number, note?: string): Transition {
  return { state, at: isoSeconds(nowMs), ...(note !== undefined && { note: inertText(note, noteLimit) }) };
}

export function forgetPause(record: IncidentRecord): void {
  delete record.pause;
  delete record.waiting;
  delete record.reply;
}
