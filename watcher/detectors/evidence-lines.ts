/**
 * What speaks for a finding, as a few short lines: conditions, records, Events.
 *
 * Pure; the lines go into Temporal's history, so they are bounded here.
 */
import { isoSeconds } from '../../workflows/contract/plain/rfc3339.ts';
import type { EventView } from '../views/event-view.ts';
import type { Condition } from '../views/metadata.ts';
import type { Termination } from '../views/pod-view.ts';

const mostLines = 8;
/** Characters of one line. */
const longestLine = 300;

/** Newest last; of more than eight the newest stay. */
export function boundedLines(lines: readonly (string | undefined)[]): string[] {
  return lines.flatMap((line) => (line === undefined || line === '' ? [] : [cut(line, longestLine)])).slice(-mostLines);
}

export function conditionLine(type: string, condition: Condition | undefined): string | undefined {
  if (condition === undefined) return undefined;
  return [`${type}=${condition.status}`, condition.reason, condition.message].filter((part) => part !== '').join(' ');
}

/** Its age as times, which stay the same however often it is looked at. */
export function eventLine(event: EventView): string {
  const head = `${event.reason} x${event.count}: `;
  const tail = ageOf(event);
  return head + cut(event.message, Math.max(0, longestLine - head.length - tail.length)) + tail;
}

/** Nothing where the Event has no times. */
function ageOf({ firstMs, lastMs }: EventView): string {
  if (lastMs === 0) return '';
  const last = isoSeconds(lastMs);
  return firstMs === lastMs ? ` (at ${last})` : ` (from ${isoSeconds(firstMs)} to ${last})`;
}

/** The newest Events; as few as leave room for the conditions and records in front of them. */
export function eventLines(events: readonly EventView[]): string[] {
  return joined(events)
    .slice(2 - mostLines)
    .map(eventLine);
}

/** The newest Events about one container. */
export function eventLinesOf(container: string, events: readonly EventView[]): string[] {
  return eventLines(events.filter((event) => event.container === container));
}

/** A scheduler that is started again, or two of its tries, write the same words as several Events. */
function joined(events: readonly EventView[]): EventView[] {
  const byWords = new Map<string, EventView>();
  for (const event of events) {
    const key = `${event.reason}\n${event.message}`;
    const known = byWords.get(key);
    byWords.delete(key);
    byWords.set(key, known === undefined ? event : withFormer(event, known));
  }
  return [...byWords.values()];
}

function withFormer(event: EventView, former: EventView): EventView {
  const firstMs = Math.min(event.firstMs, former.firstMs);
  return { ...event, firstMs, lastMs: Math.max(event.lastMs, former.lastMs), count: event.count + former.count };
}

export function terminationLine({ exitCode, reason, finishedAt, message }: Termination): string {
  const said = message === '' ? '' : `: ${message}`;
  return `exit code ${exitCode} (${reason})${finishedAt === undefined ? '' : ` at ${finishedAt}`}${said}`;
}

/** Never cut within a character. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const start = text.slice(0, Math.max(0, limit - 1));
  return `${start.isWellFormed() ? start : start.slice(0, -1)}…`;
}
