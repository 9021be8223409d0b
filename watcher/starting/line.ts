/**
 * The line of one incident: what waits for Temporal to take it, in the order in which it was seen.
 *
 * Says what goes next and when; sends nothing.
 */
import type { Incident, ResolvedSignal } from '../../workflows/contract/incident.ts';
import { pause } from '../loops/backoff.ts';

/** Occurrences in one signal. */
const batchSize = 50;

/** Waiting items above which the streams are paused. */
const roomFor = 1000;
/** Those of one namespace that count towards that room: one with much trouble leaves the rest to the others. */
const shareOfOne = 250;
/** Items of all together that memory has room for, whosoever they are. */
const mostItems = 10_000;
/** From here on what only adds to a waiting occurrence of the same object is merged with it. */
const mergeAbove = 200;

export interface Occurred {
  kind: 'occurred';
  sinceMs: number;
  incident: Incident;
  isPaused: boolean;
  isUpdate: boolean;
}

export type Item = Occurred | { kind: 'resolved'; sinceMs: number; signal: ResolvedSignal };

export interface Line {
  /** Of the Hook. */
  namespace: string;
  items: Item[];
  /** When the last signal went out, for coalescing. */
  handedOverMs: number;
  wake: () => void;
}

export function newLine(namespace: string, first: Item): Line {
  return { namespace, items: [first], handedOverMs: Number.NEGATIVE_INFINITY, wake: () => undefined };
}

/** For the next watcher, the time at which an edge happened decides, which may be long before it was seen. */
export function sinceMs({ nature, occurrence }: Incident): number {
  const happenedMs = nature === 'edge' ? Date.parse(occurrence.at) : Number.NaN;
  return Number.isNaN(happenedMs) ? Date.now() : Math.min(happenedMs, Date.now());
}

export function waiting(lines: Map<string, Line>): number {
  return [...lines.values()].reduce((sum, { items }) => sum + items.length, 0);
}

/** Whether so many wait that the streams have to be paused. */
export function isFull(lines: Map<string, Line>): boolean {
  const total = waiting(lines);
  if (total <= roomFor || total > mostItems) return total > roomFor;
  const counts = new Map<string, number>();
  for (const { namespace, items } of lines.values()) {
    counts.set(namespace, (counts.get(namespace) ?? 0) + items.length);
  }
  return [...counts.values()].reduce((taken, count) => taken + Math.min(count, shareOfOne), 0) > roomFor;
}

/** Takes an item at the end of the line; in a long line it may become one with a waiting one of the same object. */
export function append({ items }: Line, item: Item): void {
  // The first batch may be on its way already.
  const at =
    items.length < mergeAbove ? -1 : items.findLastIndex((other, n) => n >= batchSize && isSameAgain(other, item));
  const before = items[at];
  if (at < 0 || before?.kind !== 'occurred' || item.kind !== 'occurred') {
    items.push(item);
    return;
  }
  const { occurrence } = item.incident;
  const old = before.incident.occurrence;
  const times = old.times + occurrence.times;
  const merged = (old.merged ?? 0) + 1;
  items[at] = {
    ...item,
    incident: { ...item.incident, occurrence: { ...occurrence, times, merged } },
    sinceMs: Math.min(before.sinceMs, item.sinceMs),
  };
}

/** A later occurrence of the same object, to be treated alike. */
function isSameAgain(before: Item, item: Item): boolean {
  if (!isCounted(before) || !isCounted(item)) return false;
  const [old, now] = [before.incident.occurrence, item.incident.occurrence];
  return old.member === now.member && old.order <= now.order && before.isPaused === item.isPaused;
}

/** After a hand-over, waits a little for more to come along; a full batch and the end of a state do not wait. */
export async function coalesce(line: Line, coalesceMs: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const leftMs = line.handedOverMs + coalesceMs - Date.now();
    if (leftMs <= 0 || signal.aborted || isUrgent(line)) return;
    const woken = Promise.withResolvers<void>();
    line.wake = woken.resolve;
    await Promise.race([pause(leftMs, signal), woken.promise]);
  }
}

function isUrgent({ items }: Line): boolean {
  return items.length >= batchSize || items.some(({ kind }) => kind === 'resolved');
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

/** How many occurrences the item stands for. */
export function countOf(item: Item): number {
  return isCounted(item) ? 1 + (item.incident.occurrence.merged ?? 0) : 0;
}

export function isCounted(item: Item): item is Occurred {
  return item.kind === 'occurred' && !item.isUpdate;
}
