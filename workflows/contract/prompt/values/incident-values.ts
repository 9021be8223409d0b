/**
 * Which fact of an incident fills which name of a prompt template.
 *
 * Names and words become one line each, so that none of them can pose as a line of the prompt. The message stays as it came;
 * a template quotes it with blockquote.
 */
import type { Incident, Occurrence } from '../../incident.ts';
import { blockquoteOf, inertLine, nameLimit } from '../../plain/inert-text.ts';
import type { Member } from '../../plain/members.ts';
import { memberLimit } from '../../plain/names.ts';
import type { SoFar } from '../../plain/so-far.ts';
import type { PromptMember, PromptValues } from './values.ts';

export function incidentValues(incident: Incident, soFar: SoFar): PromptValues {
  const { cluster, container, hook, occurrence, owner, subject, type } = incident;
  return {
    EventType: type,
    ResourceName: line(subject.name),
    Namespace: line(subject.namespace),
    Reason: line(occurrence.reason),
    Message: occurrence.message,
    Timestamp: occurrence.at,
    EventTime: occurrence.at,
    EventMessage: occurrence.message,
    Container: line(container),
    ExitCode: occurrence.exitCode,
    RestartCount: occurrence.restartCount,
    OwnerKind: line(owner?.kind),
    OwnerName: line(owner?.name),
    NodeName: line(occurrence.nodeName),
    HookName: hook.name,
    Cluster: cluster.name,
    ResourceKind: line(subject.kind),
    FirstSeen: line(soFar.firstSeen),
    LastSeen: line(soFar.lastSeen),
    Count: soFar.count,
    AskedAt: soFar.askedAt,
    Evidence: evidenceText(soFar.newest.id === occurrence.id ? soFar.newest : occurrence),
    MoreMembers: soFar.members.more === 0 ? undefined : soFar.members.more,
    Members: soFar.members.rows.slice(-memberLimit).map((member) => memberValues(incident, member)),
  };
}

/** Pods of one workload are in one namespace; those of one node need not be, and older watchers do not say it. */
function memberValues({ group, subject }: Incident, member: Member): PromptMember {
  const common = group?.kind === 'Node' ? undefined : line(subject.namespace);
  return {
    Namespace: line(member.namespace) ?? common,
    ResourceName: line(member.name),
    Container: line(member.container),
    NodeName: line(member.nodeName),
    FirstSeen: line(member.firstSeen),
    LastSeen: line(member.lastSeen),
    Count: member.count,
  };
}

function line(text: string | undefined): string | undefined {
  return text === undefined ? undefined : inertLine(text, nameLimit);
}

/** Together with the marks and line breaks less than 8,192 characters. */
const evidenceLimits = { lines: 16, lineChars: 500 } as const;

/** What speaks for an occurrence, in whole, bounded lines. Empty where nothing is known: older watchers sent no evidence. */
function evidenceText(occurrence: Occurrence): string {
  const { cause, confidence, containerKind, image, owners = [], evidence = [] } = occurrence;
  const lines = [
    labelled('cause', cause),
    labelled('confidence', confidence),
    containerKind === 'container' ? undefined : labelled('kind of container', containerKind),
    labelled('image', image),
    labelled('owners, nearest first', owners.map(({ kind, name }) => `${kind} ${name}`).join(', ')),
    // The newest stand at the end.
    ...evidence.slice(-(evidenceLimits.lines - 5)),
  ];
  const inert = lines.map((line = '') => inertLine(line, evidenceLimits.lineChars));
  return blockquoteOf(inert.filter((line) => line !== '').join('\n'));
}

function labelled(label: string, text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : `${label}: ${text}`;
}
