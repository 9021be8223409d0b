/**
 * The memo of an execution, made from its record: what the watcher may know without reading the history. Pure.
 *
 * Bounded, because Temporal takes no memo of any size. What is undefined is left out where it is written as JSON.
 */
import type { Incident } from '../contract/incident.ts';
import type { IncidentMemo } from '../contract/outcome.ts';
import { inertText } from '../contract/plain/inert-text.ts';
import { statusAnswerChars } from '../contract/plain/names.ts';
import { waitingOf } from '../waiting/waiting.ts';
import type { IncidentRecord } from './incident-record.ts';

/** Characters of what the last failure said. */
const failureLimit = 4096;

export function memoOf(incident: Incident, record: IncidentRecord): IncidentMemo {
  const { agentRun, ending, failure } = record;
  return {
    clusterUid: incident.cluster.uid,
    hookUid: incident.hook.uid,
    hookGeneration: incident.hook.generation,
    subjectUid: incident.subject.uid,
    subjectKind: incident.subject.kind,
    nature: incident.nature,
    container: incident.container,
    firstSeen: record.firstSeen,
    lastSeen: record.lastSeen,
    count: record.count,
    received: record.received,
    dropped: record.dropped,
    known: record.known,
    agentRun: agentRun?.executionId,
    agentRunLink: agentRun?.link,
    outcome: ending?.outcome,
    answer: ending?.answer && inertText(ending.answer, statusAnswerChars),
    failure: failure && inertText(failure, failureLimit),
    waiting: waitingOf(incident, record),
    decided: record.decided,
    transitions: record.transitions,
  };
}
