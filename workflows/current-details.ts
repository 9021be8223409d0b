/**
 * The Markdown that Temporal's Web UI shows for an execution: what happened, what was asked, what comes next.
 *
 * Costs no event in the history. Pure. Whatever came from the cluster, the Hook or the agent stands in code spans.
 */

import type { Incident } from './contract/incident.ts';
import {
  asMarkdown,
  asQuote,
  inertCode,
  inertText,
  messageLimit,
  nameLimit,
  ownerOf,
  pathOf,
  timeOf,
} from './contract/plain/inert-text.ts';
import { shownAnswerChars } from './contract/plain/names.ts';
import { isoSeconds } from './contract/plain/rfc3339.ts';
import { type IncidentRecord, isRunning } from './record/incident-record.ts';
import { namesOf } from './record/known-members.ts';
import { recoveryOf } from './record/record-run.ts';
import { deadlineOf } from './waiting/waiting.ts';
import { decidedLines, waitingLines } from './waiting/waiting-details.ts';

export function currentDetails(incident: Incident, record: IncidentRecord, next: string): string {
  return [
    `### ${inertCode(`${incident.type}: ${describeSubject(incident)}`, headingLimit)}`,
    '',
    ...whatHappened(incident, record),
    '',
    `**Asked** ${whatWasAsked(incident, record)}`,
    '',
    ...whatWasAnswered(incident, record),
    `**Next** ${next}`,
  ].join('\n');
}

/** Kind, namespace, name and container. */
const headingLimit = 900;

function describeSubject(incident: Incident): string {
  const { kind, namespace, name } = incident.group ?? incident.subject;
  const container = incident.container === undefined ? '' : `, container ${incident.container}`;
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}${container}`;
}

/** What an execution waits for whose agent was asked. */
export function nextStep(incident: Incident, record: IncidentRecord, nowMs: number): string {
  const { timing, nature } = incident;
  const { resolved } = record;
  const quiet = inWords(timing.quietWindowMs);
  const run = isRunning(record) ? runStep(incident, record) : '';
  if (nature === 'edge') {
    const isOver = record.lastReceivedMs + timing.quietWindowMs <= nowMs;
    return isOver ? `the trouble is over${run}` : `over when nothing was seen for ${quiet}${run}`;
  }
  if (resolved !== undefined)
    return `${inertCode(resolved.message, messageLimit)} Over when it stays so for ${quiet}${run}`;
  return `firing: over ${quiet} after it has stopped being true${run}`;
}

function runStep(incident: Incident, record: IncidentRecord): string {
  const { askedMs = 0, pause, waiting } = record;
  const waits = pause === undefined ? '' : ', which waits for people';
  if (waiting !== undefined) return `, and when the agent run has ended${waits}; its own time does not pass meanwhile`;
  const until = isoSeconds(deadlineOf(incident, record, askedMs));
  return `, and when the agent run has ended${waits}; it has time until ${until}`;
}

function inWords(ms: number): string {
  return ms >= 60_000 && ms % 60_000 === 0 ? `${ms / 60_000} min` : `${Math.round(ms / 1000)} s`;
}

function whatHappened(incident: Incident, record: IncidentRecord): string[] {
  const { newest, firstSeen, lastSeen } = record;
  const [first, last] = [timeOf(firstSeen), timeOf(lastSeen)];
  const seen = record.count === 1 ? `once, at ${first}` : `${record.count} times, from ${first} to ${last}`;
  const code = newest.exitCode === undefined ? '' : `, exit code ${newest.exitCode}`;
  return [
    `**Happened** ${inertCode(newest.reason, nameLimit)}${code}, seen ${seen}`,
    '',
    asQuote(newest.message),
    '',
    `- Hook ${pathOf(incident.hook)}, generation ${incident.hook.generation}`,
    ...(newest.nodeName === undefined ? [] : [`- Node ${inertCode(newest.nodeName, nameLimit)}`]),
    ...(incident.owner === undefined ? [] : [`- Owner ${ownerOf(incident.owner)}`]),
    ...(newest.cause === undefined ? [] : [`- Cause ${inertCode(newest.cause, nameLimit)}`]),
    ...members(record),
    ...(record.dropped === undefined ? [] : [`- Dropped ${record.dropped}, signalled by others than the watcher`]),
    ...(newest.evidence ?? []).map((line) => `- Evidence ${inertCode(line, messageLimit)}`),
  ];
}

const namesShown = 10;

function members({ known }: IncidentRecord): string[] {
  const names = namesOf(known);
  if (names.length < 2) return [];
  const shown = names.slice(-namesShown).map((name) => inertCode(name, nameLimit));
  const more = names.length > namesShown ? `, and ${names.length - namesShown} more` : '';
  return [`- Members ${shown.join(', ')}${more}`];
}

function whatWasAsked(incident: Incident, record: IncidentRecord): string {
  const agent = pathOf(incident.agent);
  if (record.agentRun !== undefined) return `${answered(agent, record.agentRun)}${asksOf(record)}`;
  if (record.request !== undefined) {
    const { method, path } = record.request;
    return `nobody: the Hook only observes. ${agent} would have got ${inertCode(`${method} ${path}`, messageLimit)}`;
  }
  if (record.failure !== undefined) return `${agent} could not be asked: ${inertCode(record.failure, messageLimit)}`;
  return `${agent}: not yet`;
}

function asksOf({ asks, retries = 0 }: IncidentRecord): string {
  if (asks === 1) return '';
  return `; ask ${asks}, because ${retries > 0 ? 'a run was lost' : 'it kept firing'}`;
}

function answered(agent: string, run: NonNullable<IncidentRecord['agentRun']>): string {
  const extras = [run.message, run.estimatedDuration === undefined ? undefined : `about ${run.estimatedDuration}`];
  const said = extras.flatMap((extra) => (extra === undefined ? [] : [inertCode(extra, 300)])).join('; ');
  const link = run.link === undefined || !isPlainUrl.test(run.link) ? '' : `, [shown in Kagent](${run.link})`;
  return `${agent}, which started ${inertCode(run.executionId, nameLimit)}${said === '' ? '' : ` (${said})`}${link}`;
}

/** The agent's words are foreign: they are shown as characters, and mean nothing to the page. */
function whatWasAnswered(incident: Incident, record: IncidentRecord): string[] {
  const { ending } = record;
  const waits = [...decidedLines(record), ...waitingLines(incident, record)];
  if (ending === undefined) return waits;
  const { outcome, why, answer, usage, toolCalls } = ending;
  const used = [
    ...(usage === undefined ? [] : [`${usage.promptTokens} + ${usage.completionTokens} tokens`]),
    ...(toolCalls === undefined ? [] : [`${toolCalls} tool call(s)`]),
  ].join(', ');
  const recovery = recoveryWords(incident, record);
  return [
    ...waits,
    `**Ended** as ${inertCode(outcome, nameLimit)}${used === '' ? '' : ` (${used})`}${recovery === '' ? '' : `; ${recovery}`}`,
    '',
    ...(why === undefined ? [] : [inertCode(why, 2048), '']),
    ...(answer === undefined ? [] : ['**Answered**', '', asMarkdown(inertText(answer, shownAnswerChars)), '']),
  ];
}

/** Whether it has recovered after the answer is known only in the end. */
function recoveryWords(incident: Incident, record: IncidentRecord): string {
  const isEnded = record.transitions.at(-1)?.state === 'resolved';
  const recovery = recoveryOf(incident, record);
  if (isEnded || recovery !== 'recovered after it') return recovery ?? '';
  return incident.nature === 'state' && record.resolved === undefined ? 'still firing when it answered' : '';
}

/** Without anything that ends a link of Markdown. */
const isPlainUrl = /^https?:\/\/[\w.~:/?#@!$&'*+,;=%-]+$/;
