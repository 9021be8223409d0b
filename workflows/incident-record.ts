/**
 * What an execution knows about its incident: counts, newest occurrences, transitions, the agent run.
 *
 * Called by the workflow only; pure functions over plain values, so that a continued run carries the record as input.
 */
import type { AgentRun, RunEnding, RunPause } from './contract/agent-run.ts';
import type { Decided, Reply } from './contract/answer.ts';
import type { Incident, Occurrence, ResolvedSignal } from './contract/incident.ts';
import { inertText } from './contract/inert-text.ts';
import { memberLimit, shownAnswerChars } from './contract/names.ts';
import type { IncidentMemo, IncidentState, Recovery, Transition, UnsentRequest } from './contract/outcome.ts';

/** Plain data: it travels through continue-as-new. Times in `…Ms` are workflow time, the others the cluster's. */
export interface IncidentRecord {
  /** The run id of the first run of this episode, and of a repeated ask its number; with the workflow id it identifies the agent run. */
  askRun: string;
  /** How many agent runs were wanted: 1, and one more for each time that the incident still fired after `repeatAfter`. */
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
  /** What the newest run waits for. */
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
  /** Set when the trouble was over before the run was. */
  recovery?: Recovery;
  firstSeen: string;
  lastSeen: string;
  count: number;
  /** Occurrences that were handed over to this episode, also those that it knew. */
  received: number;
  /** Signals, and occurrences in them, that were not of the watcher's shape. */
  dropped?: number;
  known: IncidentMemo['known'];
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

/** Transitions kept in the memo; the whole story is in the history. */
const transitionLimit = 8;

export function beginRecord(incident: Incident, askRun: string, nowMs: number): IncidentRecord {
  const { occurrence } = incident;
  return {
    askRun,
    asks: 1,
    firstSeen: occurrence.at,
    lastSeen: occurrence.at,
    count: occurrence.times,
    received: incident.follows === undefined ? 1 + (occurrence.merged ?? 0) : 0,
    known: { [occurrence.member]: memberOf(occurrence) },
    newest: occurrence,
    lastReceivedMs: nowMs,
    askingSinceMs: nowMs,
    redeliveries: 0,
    transitions: [{ state: 'delivering', at: isoSeconds(nowMs) }],
  };
}

/** Takes a further occurrence; false when it, or a later one of the same member, is known already. */
export function takeOccurrence(record: IncidentRecord, occurrence: Occurrence, nowMs: number): boolean {
  record.received += 1 + (occurrence.merged ?? 0);
  const known = Object.hasOwn(record.known, occurrence.member) ? record.known[occurrence.member] : undefined;
  if (known?.id === occurrence.id) return learnMore(record, occurrence);
  if (known !== undefined && occurrence.order < known.order) return false;
  delete record.known[occurrence.member]; // put at the end: the oldest are forgotten first
  record.known[occurrence.member] = memberOf(occurrence);
  forgetOldestMembers(record);
  record.count += occurrence.times;
  record.newest = occurrence;
  record.lastReceivedMs = nowMs;
  if (occurrence.at > record.lastSeen) record.lastSeen = occurrence.at;
  delete record.resolved;
  delete record.recovery;
  return true;
}

/** The same occurrence told again, with a better cause: the kubelet may learn of an OOM kill late. */
function learnMore(record: IncidentRecord, occurrence: Occurrence): boolean {
  if (record.newest.id !== occurrence.id || record.newest.cause === occurrence.cause) return false;
  record.newest = occurrence;
  return true;
}

function memberOf({ id, order, objectName }: Occurrence): IncidentMemo['known'][string] {
  return { id, order, name: objectName };
}

/** Takes the end of a state; false when it speaks of an occurrence that is not the newest of any member. */
export function takeResolved(record: IncidentRecord, signal: ResolvedSignal, nowMs: number): boolean {
  const isNewest = Object.values(record.known).some((known) => known.id === signal.occurrenceId);
  if (!isNewest || record.resolved !== undefined) return false;
  record.resolved = { atMs: nowMs, message: signal.message };
  return true;
}

export function takeAnswer(record: IncidentRecord, agentRun: AgentRun, nowMs: number): void {
  record.agentRun = { ...agentRun };
  delete record.agentRun.ending; // kept apart, and shorter
  record.askedMs = nowMs;
  delete record.failure;
  delete record.mayHaveStarted;
}

/** Whether there is a run that goes on, as far as anybody knows. The REST API says nothing of its runs. */
export function isRunning({ agentRun, ending }: IncidentRecord): boolean {
  return agentRun?.protocol !== undefined && agentRun.protocol !== 'rest' && ending === undefined;
}

/** The run has ended; the incident may be over already. */
export function takeEnding(incident: Incident, record: IncidentRecord, { ending, nowMs }: Ended): void {
  const { answer } = ending;
  record.ending = { ...ending, ...(answer !== undefined && { answer: inertText(answer, shownAnswerChars) }) };
  record.endedMs = nowMs;
  forgetPause(record);
  const isOver = (msUntilOver(incident, record, nowMs) ?? Infinity) <= 0 || record.resolved !== undefined;
  if (isOver) record.recovery = 'recovered while the agent ran';
}

interface Ended {
  ending: RunEnding;
  nowMs: number;
}

/** How the ends of trouble and run lay to each other, as far as it is known; undefined before the run has ended. */
export function recoveryOf({ nature }: Incident, record: IncidentRecord): Recovery | undefined {
  const { endedMs, lastReceivedMs, recovery } = record;
  if (endedMs === undefined) return undefined;
  if (recovery !== undefined) return recovery;
  return nature === 'edge' && lastReceivedMs > endedMs ? 'still firing when it answered' : 'recovered after it';
}

/** Makes room for the next agent run of the same episode: a new key, a new prompt, the whole redelivery limit again. */
export function toAskAgain(record: IncidentRecord, nowMs: number): void {
  record.asks += 1;
  record.askRun = `${record.askRun.split('/')[0]}/${record.asks}`;
  record.askingSinceMs = nowMs;
  record.redeliveries = 0;
  delete record.agentRun;
  delete record.prompt;
  delete record.ending;
  delete record.endedMs;
  delete record.waitedMs;
  delete record.decided;
  forgetPause(record);
  delete record.recovery;
}

function forgetPause(record: IncidentRecord): void {
  delete record.pause;
  delete record.waiting;
  delete record.reply;
}

export function addTransition(record: IncidentRecord, transition: Transition): void {
  record.transitions = [...record.transitions, transition].slice(-transitionLimit);
}

/** Milliseconds until the incident is over; undefined while a state is still true, which is never over. */
export function msUntilOver(incident: Incident, record: IncidentRecord, nowMs: number): number | undefined {
  const { quietWindowMs } = incident.timing;
  if (incident.nature === 'edge') return record.lastReceivedMs + quietWindowMs - nowMs;
  if (record.resolved === undefined) return undefined;
  return record.resolved.atMs + quietWindowMs - nowMs;
}

/**
 * Milliseconds until the agent is asked again about an incident that keeps firing; undefined where it is not. An edge
 * keeps firing when it occurred since the agent was asked last, a state while it is true.
 */
export function msUntilRepeat(incident: Incident, record: IncidentRecord, nowMs: number): number | undefined {
  const { repeatAfterMs } = incident.timing;
  const { askedMs, lastReceivedMs, resolved } = record;
  if (repeatAfterMs === undefined || askedMs === undefined || isRunning(record)) return undefined;
  const isFiring = incident.nature === 'edge' ? lastReceivedMs > askedMs : resolved === undefined;
  return isFiring ? askedMs + repeatAfterMs - nowMs : undefined;
}

export function transition(state: IncidentState, nowMs: number, note?: string): Transition {
  return { state, at: isoSeconds(nowMs), ...(note !== undefined && { note }) };
}

function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function forgetOldestMembers(record: IncidentRecord): void {
  const members = Object.keys(record.known);
  for (const member of members.slice(0, Math.max(0, members.length - memberLimit))) delete record.known[member];
}
