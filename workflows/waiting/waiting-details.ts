/**
 * The lines of the current details about a run that waits for people: what it asks, until when, how it is answered, and how
 * earlier pauses were left. Pure.
 *
 * Everything that agents or people wrote stands in code spans.
 */
import type { PausedQuestion, PausedTool } from '../contract/agent-run.ts';
import type { Incident } from '../contract/incident.ts';
import { howToAnswer } from '../contract/plain/check-answer.ts';
import { asMarkdown, inertCode, inertText, messageLimit, nameLimit, timeOf } from '../contract/plain/inert-text.ts';
import type { IncidentRecord } from '../record/incident-record.ts';
import { decidedHere, inWords, overWords, waitingOf } from './waiting.ts';

/** What a text of JSON with twenty ids has at most. */
const howLimit = 4096;

export function waitingLines(incident: Incident, record: IncidentRecord): string[] {
  const { pause, reply } = record;
  if (pause === undefined) return [];
  const over = overWords(record);
  return [
    `**Waits** for ${pause.kind === 'approval' ? 'an approval' : 'an answer'}${untilWords(incident, record)}:`,
    '',
    asMarkdown(inertText(pause.message, messageLimit)),
    '',
    ...pause.tools.map((tool) => toolLine(tool, pause.decidable !== undefined)),
    ...(pause.questions ?? []).map(questionLine),
    '',
    ...(over === undefined ? [] : [`**Over** ${inertCode(over, messageLimit)}`, '']),
    reply === undefined
      ? `**To answer** pause ${inertCode(pause.id, nameLimit)}, update \`answer\`: ${inertCode(howToAnswer(pause), howLimit)}`
      : `**Decided** ${inertCode(inWords(decidedHere(pause, reply)), messageLimit)}; the answer is being delivered`,
    '',
  ];
}

function untilWords(incident: Incident, record: IncidentRecord): string {
  const { until, onTimeout } = waitingOf(incident, record) ?? {};
  if (until === undefined) return '';
  const then = onTimeout === 'cancel' ? 'the run is cancelled' : 'it is rejected';
  return ` until ${timeOf(until)}, then ${then}`;
}

/** Tools of pauses that were read by older workers have no ids. */
function toolLine({ id, name, arguments: text, isCut }: PausedTool, hasId: boolean): string {
  const named = hasId ? ` (${inertCode(id, nameLimit)})` : '';
  const cut = isCut === true ? ' (cut; Kagent shows all of it)' : '';
  return `- Tool ${inertCode(name, nameLimit)}${named} with ${inertCode(text, messageLimit)}${cut}`;
}

function questionLine({ question, choices, multiple }: PausedQuestion): string {
  const words = choices.map((choice) => inertCode(choice, messageLimit)).join(', ');
  const expected = choices.length === 0 ? 'any text' : `${multiple ? 'some' : 'one'} of ${words}`;
  return `- Question ${inertCode(question, messageLimit)}: ${expected}`;
}

export function decidedLines({ decided = [] }: IncidentRecord): string[] {
  if (decided.length === 0) return [];
  return [...decided.map((one) => `- Pause ${inertCode(inWords(one), messageLimit)}, at ${timeOf(one.at)}`), ''];
}
