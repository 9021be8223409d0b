/**
 * The value Evidence of a prompt: what speaks for an occurrence, as a block quote of whole, bounded lines.
 *
 * Takes whatever a signal may hold.
 */
import type { Occurrence } from '../../incident.ts';
import { blockquoteOf, inertLine } from '../../plain/inert-text.ts';

/** Together with the marks and line breaks less than 8,192 characters. */
const evidenceLimits = { lines: 16, lineChars: 500 } as const;

/** Empty where nothing is known: executions that older watchers started carry no evidence. */
export function evidenceText(occurrence: Occurrence): string {
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
