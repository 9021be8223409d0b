/**
 * The line of one incident: what waits for Temporal to take it, in the order in which it was seen.
 *
 * Kept by handover.ts, one for each incident. Says what goes next and when; sends nothing.
 */
import type { Incident, ResolvedSignal } from '../../workflows/contract/incident.ts';
import { pause } from '../backoff.ts';

/** Occurrences in one signal. */
const batchSize = 50;

export type Item = { sinceMs: number } & (
  | { kind: 'occurred'; incident: Incident; isPaused: boolean; isUpdate: boolean }
  | { kind: 'resolved'; signal: ResolvedSignal }
);

export interface Line {
  items: Item[];
  /** When the last signal went out, for coalescing. */
  handedOverMs: number;
  wake: () => void;
}

/** The next watcher judges edges by the time at which they happened, which may be long before they were seen. */
export function sinceMs({ nature, occurrence }: Incident): number {
  const happenedMs = nature === 'edge' ? Date.parse(occurrence.at) : Number.NaN;
  return Number.isNaN(happenedMs) ? Date.now() : Math.min(happenedMs, Date.now());
}

export function waiting(lines: Map<string, Line>): number {
  let count = 0;
  for (const { items } of lines.values()) count += items.length;
  return count;
}

/** After a hand-over, waits a little for more to come along; the end of a state does not wait. */
export async function coalesce(line: Line, coalesceMs: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const leftMs = line.handedOverMs + coalesceMs - Date.now();
    if (leftMs <= 0 || signal.aborted || line.items.some(({ kind }) => kind === 'resolved')) return;
    const woken = Promise.withResolvers<void>();
    line.wake = woken.resolve;
    await Promise.race([pause(leftMs, signal), woken.promise]);
  }
}

/** The occurrences at the head of the line that are to be treated alike, or one end of a state. */
export function nextBatch(items: Item[]): Item[] {
  const [head] = items;
  const end = items.findIndex((item) => item.kind === 'resolved' || isPaused(item) !== isPaused(head));
  if (head?.kind === 'resolved') return items.slice(0, 1);
  return items.slice(0, Math.min(end < 0 ? items.length : end, batchSize));
}

export function isPaused(item: Item | undefined): boolean {
  return item?.kind === 'occurred' && item.isPaused;
}

export function isCounted(item: Item): boolean {
  return item.kind === 'occurred' && !item.isUpdate;
}
