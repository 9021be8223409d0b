/**
 * The memo of an execution: what other processes may know of it without replaying it. Pure.
 *
 * Written by the workflow with each change of state.
 */
import type { Incident } from './contract/incident.ts';
import { inertText } from './contract/inert-text.ts';
import { statusAnswerChars } from './contract/names.ts';
import type { IncidentMemo } from './contract/outcome.ts';
import type { IncidentRecord } from './incident-record.ts';
import { waitingOf } from './waiting.ts';

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
    ...(record.failure !== undefined && { failure: record.failure }),
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
