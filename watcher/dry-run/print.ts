/**
 * What a dry run found, for people and for programs.
 *
 * Returns text; writes nothing. What a recording holds reaches the terminal without control characters.
 */
import { inertText } from '../../workflows/contract/plain/inert-text.ts';
import type { DryIncident } from './collect-incidents.ts';
import type { FirstPrompt } from './first-prompt.ts';
import type { NotFired } from './not-fired.ts';
import type { Played } from './play.ts';

/** One object a line. */
export function printJson({ incidents }: Played): string {
  return incidents.map((incident) => `${JSON.stringify(incident).replaceAll(unseen, escaped)}\n`).join('');
}

/** What JSON may hold as it is and a terminal acts upon. */
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu;

function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** One line for a terminal; blanks at its beginning stay. */
export function terminalLine(line: string): string {
  return inertText(line, lineLimit).replaceAll('\n', ' ');
}

const lineLimit = 16_384;
/** As long as a prompt may be. */
const promptLimit = 262_144;

export function printText({ incidents, notFired }: Played): string {
  const fired = incidents.length === 0 ? ['No incident.'] : incidents.flatMap(linesOf);
  const not = notFired.length === 0 ? [] : ['', 'Not fired:', ...new Set(notFired.map(lineOf))];
  return `${[...fired, ...not].map(terminalLine).join('\n')}\n`;
}

function linesOf(incident: DryIncident): string[] {
  const { incidentType, kind, namespace, name, container, members, firstSeen, lastSeen, occurrences } = incident;
  const place = namespace === '' ? name : `${namespace}/${name}`;
  const where = container === null ? '' : ` (${container})`;
  const cause = [incident.cause, incident.confidence].filter((word) => word !== null).join(', ');
  const time = firstSeen === lastSeen ? `at ${firstSeen}` : `from ${firstSeen} to ${lastSeen}`;
  const times = occurrences === 1 ? 'once' : `${occurrences} times`;
  return [
    `${incidentType} ${kind} ${place}${where}`,
    `  seen     ${times}, ${time}`,
    ...(cause === '' ? [] : [`  cause    ${cause}`]),
    ...(members.length === 1 && members[0] === name ? [] : [`  members  ${members.join(', ')}`]),
    ...(incident.hooks.length === 0 ? [] : [`  asked by ${incident.hooks.join(', ')}`]),
    ...incident.prompts.flatMap(promptLines),
  ];
}

function promptLines({ hook, agent, prompt }: FirstPrompt): string[] {
  const lines = inertText(prompt, promptLimit).trimEnd().split('\n');
  return [`  prompt   for ${agent} by ${hook}:`, ...lines.map((line) => `    | ${line}`)];
}

function lineOf({ what, hook, reason, message }: NotFired): string {
  return `  ${what}${hook === '' ? '' : `, Hook ${hook}`}: ${reason}. ${message}`;
}
