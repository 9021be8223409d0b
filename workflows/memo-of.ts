/**
 * The memo of an execution, made from its record: what the watcher may know without reading the history. Pure.
 *
 * Called by run at each write. Bounded, because Temporal takes no memo of any size.
 */
import type { Incident } from './contract/incident.ts';
import { inertText } from './contract/inert-text.ts';
import { statusAnswerChars } from './contract/names.ts';
import type { IncidentMemo } from './contract/outcome.ts';
import type { IncidentRecord } from './incident-record.ts';

/** Characters of what the last failure said. */
const failureLimit = 4096;

export function memoOf(incident: Incident, record: IncidentRecord): IncidentMemo {
  return {
    clusterUid: incident.cluster.uid,
    hookUid: incident.hook.uid,
    hookGeneration: incident.hook.generation,
    subjectUid: incident.subject.uid,
    subjectKind: incident.subject.kind,
    nature: incident.nature,
    ...(incident.container !== undefined && { container: incident.container }),
    firstSeen: record.firstSeen,
    lastSeen: record.lastSeen,
    count: record.count,
    received: record.received,
    ...(record.dropped !== undefined && { dropped: record.dropped }),
    known: record.known,
    ...(record.agentRun !== undefined && { agentRun: record.agentRun.executionId }),
    ...(record.agentRun?.link !== undefined && { agentRunLink: record.agentRun.link }),
    ...(record.ending !== undefined && { outcome: record.ending.outcome }),
    ...(record.ending?.answer !== undefined && { answer: inertText(record.ending.answer, statusAnswerChars) }),
    ...(record.failure !== undefined && { failure: inertText(record.failure, failureLimit) }),
    transitions: record.transitions,
  };
}
