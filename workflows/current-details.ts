/**
 * The Markdown that Temporal's Web UI shows for an execution: what happened, what was asked, what comes next.
 *
 * Called by the workflow after each change; costs no event in the history. Pure.
 */
import type { Incident } from './contract/incident.ts';
import type { IncidentRecord } from './incident-record.ts';

export function currentDetails(incident: Incident, record: IncidentRecord, next: string): string {
  return [
    `### ${incident.type}: ${describeSubject(incident)}`,
    '',
    ...whatHappened(incident, record),
    '',
    `**Asked** ${whatWasAsked(incident, record)}`,
    '',
    `**Next** ${next}`,
  ].join('\n');
}

/** One line, at most 200 bytes: what Temporal shows in its lists. */
function describeSubject(incident: Incident): string {
  const { kind, namespace, name } = incident.group ?? incident.subject;
  const container = incident.container === undefined ? '' : `, container ${incident.container}`;
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}${container}`;
}

/** What an execution that has told its agent waits for. */
export function nextStep({ timing, nature }: Incident, { resolved }: IncidentRecord): string {
  const quiet = inWords(timing.quietWindowMs);
  if (nature === 'edge') return `over when nothing was seen for ${quiet}`;
  if (resolved !== undefined) return `${resolved.message} Over when it stays so for ${quiet}`;
  return `firing: over ${quiet} after it has stopped being true`;
}

/** A duration for people, whole minutes where it is some. */
function inWords(ms: number): string {
  return ms >= 60_000 && ms % 60_000 === 0 ? `${ms / 60_000} min` : `${Math.round(ms / 1000)} s`;
}

function whatHappened(incident: Incident, record: IncidentRecord): string[] {
  const { newest } = record;
  const { firstSeen, lastSeen } = record;
  const seen = record.count === 1 ? `once, at ${firstSeen}` : `${record.count} times, from ${firstSeen} to ${lastSeen}`;
  const code = newest.exitCode === undefined ? '' : `, exit code ${newest.exitCode}`;
  return [
    `**Happened** ${newest.reason}${code}, seen ${seen}`,
    '',
    quote(newest.message),
    '',
    `- Hook \`${incident.hook.namespace}/${incident.hook.name}\`, generation ${incident.hook.generation}`,
    ...(newest.nodeName === undefined ? [] : [`- Node \`${newest.nodeName}\``]),
    ...(incident.owner === undefined ? [] : [`- Owner ${incident.owner.kind} \`${incident.owner.name}\``]),
    ...(newest.cause === undefined ? [] : [`- Cause \`${newest.cause}\``]),
    ...members(record),
    ...(newest.evidence ?? []).map((line) => `- Evidence \`${line.replaceAll('`', "'").replaceAll('\n', ' ')}\``),
  ];
}

/** Names shown; the rest is a number. */
const namesShown = 10;

function members({ known }: IncidentRecord): string[] {
  const names = [...new Set(Object.values(known).flatMap(({ name }) => (name === undefined ? [] : [name])))];
  if (names.length < 2) return [];
  const more = names.length > namesShown ? `, and ${names.length - namesShown} more` : '';
  return [
    `- Members ${names
      .slice(-namesShown)
      .map((name) => `\`${name}\``)
      .join(', ')}${more}`,
  ];
}

function whatWasAsked(incident: Incident, record: IncidentRecord): string {
  const agent = `\`${incident.agent.namespace}/${incident.agent.name}\``;
  if (record.agentRun !== undefined) return `${answered(agent, record.agentRun)}${asksOf(record)}`;
  if (record.request !== undefined) {
    return `nobody: the Hook only observes. ${agent} would have got \`${record.request.method} ${record.request.path}\``;
  }
  if (record.failure !== undefined) return `${agent} could not be asked: ${record.failure}`;
  return `${agent}: not yet`;
}

function asksOf({ asks }: IncidentRecord): string {
  return asks > 1 ? `; ask ${asks}, because it kept firing` : '';
}

function answered(agent: string, run: NonNullable<IncidentRecord['agentRun']>): string {
  const extras = [run.message, run.estimatedDuration === undefined ? undefined : `about ${run.estimatedDuration}`];
  const said = extras.filter((extra) => extra !== undefined).join('; ');
  return `${agent}, which started \`${run.executionId}\`${said === '' ? '' : ` (${said})`}`;
}

/** Text from the cluster, shown as quoted code, so that it cannot pose as part of the page. */
function quote(text: string): string {
  return text
    .split('\n')
    .map((line) => `>     ${line}`)
    .join('\n');
}
