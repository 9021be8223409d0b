/**
 * What speaks for a finding, as a few short lines: conditions, records, Events.
 *
 * Used by every detector. Pure; the lines go into Temporal's history, so they are bounded here.
 */

import type { EventView } from '../views/event-view.ts';
import type { Condition } from '../views/metadata.ts';
import type { Termination } from '../views/pod-view.ts';

const mostLines = 8;
/** Characters of one line. */
const longestLine = 300;

/** Newest last; of more than eight the newest stay. */
export function evidenceOf(...lines: readonly (string | undefined)[]): { evidence?: string[] } {
  const evidence = lines.flatMap((line) => (line === undefined || line === '' ? [] : [cut(line)])).slice(-mostLines);
  return evidence.length === 0 ? {} : { evidence };
}

export function conditionLine(type: string, condition: Condition | undefined): string | undefined {
  if (condition === undefined) return undefined;
  return [`${type}=${condition.status}`, condition.reason, condition.message].filter((part) => part !== '').join(' ');
}

export function eventLine({ reason, count, message }: EventView): string {
  return `${reason} x${count}: ${message}`;
}

/** The newest Events; as few as leave room for the conditions and records in front of them. */
export function eventLines(events: readonly EventView[]): string[] {
  return events.slice(2 - mostLines).map(eventLine);
}

export function terminationLine({ exitCode, reason, finishedAt }: Termination): string {
  return `exit code ${exitCode} (${reason})${finishedAt === undefined ? '' : ` at ${finishedAt}`}`;
}

function cut(line: string): string {
  if (line.length <= longestLine) return line;
  const start = line.slice(0, longestLine - 1);
  return `${start.isWellFormed() ? start : start.slice(0, -1)}…`;
}
