/**
 * What an execution knows about its incident: counts, newest occurrences, transitions, the agent run.
 *
 * Called by the workflow only; pure functions over plain values, so that a continued run carries the record as input.
 */
import type { Incident, Occurrence, ResolvedSignal } from './contract/incident.ts';
import type { AgentRun, IncidentMemo, IncidentState, Transition } from './contract/outcome.ts';

/** Plain data: it travels through continue-as-new. Times in `…Ms` are workflow time, the others the cluster's. */
export interface IncidentRecord {
  /** The run id of the first run of this episode; with the workflow id it identifies the agent run. */
  askRun: string;
  firstSeen: string;
  lastSeen: string;
  count: number;
  known: IncidentMemo['known'];
  newest: Occurrence;
  lastReceivedMs: number;
  resolved?: { atMs: number; message: string };
  startedMs: number;
  redeliveries: number;
  prompt?: string;
  agentRun?: AgentRun;
  failure?: string;
  transitions: Transition[];
}

/** Transitions kept in the memo; the whole story is in the history. */
const transitionLimit = 8;
/** Members remembered; a group larger than this falls back to the time rule of the watcher. */
const memberLimit = 50;

export function beginRecord(incident: Incident, askRun: string, nowMs: number): IncidentRecord {
  const { occurrence } = incident;
  return {
    askRun,
    firstSeen: occurrence.at,
    lastSeen: occurrence.at,
    count: occurrence.times,
    known: { [occurrence.member]: { id: occurrence.id, order: occurrence.order } },
    newest: occurrence,
    lastReceivedMs: nowMs,
    startedMs: nowMs,
    redeliveries: 0,
    transitions: [{ state: 'delivering', at: isoSeconds(nowMs) }],
  };
}

/** Takes a further occurrence; false when it, or a later one of the same member, is known already. */
export function takeOccurrence(record: IncidentRecord, occurrence: Occurrence, nowMs: number): boolean {
  const known = record.known[occurrence.member];
  if (known !== undefined && (known.id === occurrence.id || occurrence.order < known.order)) return false;
  record.known[occurrence.member] = { id: occurrence.id, order: occurrence.order };
  forgetOldestMembers(record);
  record.count += occurrence.times;
  record.newest = occurrence;
  record.lastReceivedMs = nowMs;
  if (occurrence.at > record.lastSeen) record.lastSeen = occurrence.at;
  delete record.resolved;
  return true;
}

/** Takes the end of a state; false when it speaks of an occurrence that is not the newest of any member. */
export function takeResolved(record: IncidentRecord, signal: ResolvedSignal, nowMs: number): boolean {
  const isNewest = Object.values(record.known).some((known) => known.id === signal.occurrenceId);
  if (!isNewest || record.resolved !== undefined) return false;
  record.resolved = { atMs: nowMs, message: signal.message };
  return true;
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

export function memoOf(incident: Incident, record: IncidentRecord): IncidentMemo {
  return {
    clusterUid: incident.cluster.uid,
    hookUid: incident.hook.uid,
    hookGeneration: incident.hook.generation,
    subjectUid: incident.subject.uid,
    nature: incident.nature,
    ...(incident.container !== undefined && { container: incident.container }),
    firstSeen: record.firstSeen,
    lastSeen: record.lastSeen,
    count: record.count,
    known: record.known,
    ...(record.agentRun !== undefined && { agentRun: record.agentRun.executionId }),
    ...(record.failure !== undefined && { failure: record.failure }),
    transitions: record.transitions,
  };
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
