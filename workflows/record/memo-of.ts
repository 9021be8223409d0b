/**
 * The memo of an execution, made from its record: what the watcher may know without reading the history. Pure.
 *
 * Bounded, because Temporal takes no memo of any size.
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
  const waiting = waitingOf(incident, record);
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
    ...runOf(record),
    ...(record.failure !== undefined && { failure: inertText(record.failure, failureLimit) }),
    ...(waiting !== undefined && { waiting }),
    ...(record.decided !== undefined && { decided: record.decided }),
    transitions: record.transitions,
  };
}

function runOf({ agentRun, ending }: IncidentRecord): Partial<IncidentMemo> {
  return {
    ...(agentRun !== undefined && { agentRun: agentRun.executionId }),
    ...(agentRun?.link !== undefined && { agentRunLink: agentRun.link }),
    ...(ending !== undefined && { outcome: ending.outcome }),
    ...(ending?.answer !== undefined && { answer: inertText(ending.answer, statusAnswerChars) }),
  };
}
