/**
 * The way from seeing to starting: one queue per incident, in order, until Temporal has it or refuses it for good.
 *
 * Called by observe. Nothing is dropped: what Temporal does not take now is tried again, and while too much waits, the
 * streams of the cluster are paused. Kept in memory only, because the checkpoint never passes what waits here.
 */
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Incident, Occurrence, ResolvedSignal } from '../../workflows/contract/incident.ts';
import { createBackoff, pause } from '../backoff.ts';
import { type StartResult, signalResolved, startOrJoin } from '../start.ts';
import { createGate, type Gate } from './gate.ts';

export interface Handover {
  /** Takes an occurrence; resolves when there is room for more, not when Temporal has it. A paused one starts nothing. */
  occurred: (workflowId: string, incident: Incident, isPaused?: boolean) => Promise<void>;
  /** Takes the end of a state; in order behind the occurrences of the same incident. */
  resolved: (workflowId: string, signal: ResolvedSignal) => Promise<void>;
  /** The moment up to which nothing waits, in milliseconds: edges count by when they happened; undefined when nothing waits. */
  oldestWaitingMs: () => number | undefined;
  /** How many occurrences ended in which way since the start of the process. */
  counts: () => Record<string, number>;
  /** Resolves when nothing waits any more. */
  settled: () => Promise<void>;
}

/** What people may want to know of the queues. */
export interface OpenHandover extends Handover {
  /** How many occurrences and ends of states wait. */
  waiting: () => number;
  /** Whether so many wait that the streams are paused. */
  isFull: () => boolean;
}

type Item = { sinceMs: number } & (
  | { kind: 'occurred'; incident: Incident; isPaused: boolean }
  | { kind: 'resolved'; signal: ResolvedSignal }
);

interface Line {
  items: Item[];
  /** When the last signal went out, for coalescing. */
  handedOverMs: number;
  wake: () => void;
}

export interface HandoverOptions {
  client: Client;
  log: Logger;
  signal: AbortSignal;
  /** At most one signal per incident in this many milliseconds; a storm joins as one signal. */
  coalesceMs: number;
  /** How long to wait for an answer before asking again, which does no harm; a server that hangs must not block the gate. */
  callLimitMs?: number;
  onResult?: (workflowId: string, incident: Incident, result: StartResult) => void;
}

/** Waiting occurrences above which the streams are paused. */
const roomFor = 1000;
/** Calls to Temporal at once. */
const parallel = 20;
/** Occurrences in one signal. */
const batchSize = 50;

export function createHandover(options: HandoverOptions): OpenHandover {
  const lines = new Map<string, Line>();
  const gate = createGate(parallel);
  const tally: Record<string, number> = {};
  const book = { lines, gate, tally, options };

  async function add(workflowId: string, item: Item): Promise<void> {
    const line = lines.get(workflowId);
    if (line === undefined) {
      const fresh: Line = { items: [item], handedOverMs: Number.NEGATIVE_INFINITY, wake: () => undefined };
      lines.set(workflowId, fresh);
      void serve(book, workflowId, fresh);
    } else {
      line.items.push(item);
      line.wake();
    }
    while (waiting(lines) > roomFor && !options.signal.aborted) await pause(50, options.signal);
  }

  return {
    occurred: (workflowId, incident, isPaused = false) =>
      add(workflowId, { kind: 'occurred', incident, isPaused, sinceMs: sinceMs(incident) }),
    resolved: (workflowId, signal) => add(workflowId, { kind: 'resolved', signal, sinceMs: Date.now() }),
    oldestWaitingMs: () => {
      const since = [...lines.values()].flatMap(({ items }) => items.map((item) => item.sinceMs));
      return since.length === 0 ? undefined : since.reduce((a, b) => Math.min(a, b));
    },
    counts: () => ({ ...tally }),
    waiting: () => waiting(lines),
    isFull: () => waiting(lines) > roomFor,
    settled: async () => {
      while (waiting(lines) > 0 && !options.signal.aborted) await pause(20, options.signal);
    },
  };
}

interface Book {
  lines: Map<string, Line>;
  gate: Gate;
  tally: Record<string, number>;
  options: HandoverOptions;
}

/** The next watcher judges edges by the time at which they happened, which may be long before they were seen. */
function sinceMs({ nature, occurrence }: Incident): number {
  const happenedMs = nature === 'edge' ? Date.parse(occurrence.at) : Number.NaN;
  return Number.isNaN(happenedMs) ? Date.now() : Math.min(happenedMs, Date.now());
}

function waiting(lines: Map<string, Line>): number {
  let count = 0;
  for (const { items } of lines.values()) count += items.length;
  return count;
}

/** Serves one incident until its line is empty and the time for coalescing has passed. */
async function serve(book: Book, workflowId: string, line: Line): Promise<void> {
  const { client, signal, coalesceMs, callLimitMs = 30_000, log } = book.options;
  const backoff = createBackoff();
  while (!signal.aborted) {
    await coalesce(line, coalesceMs, signal);
    const [head] = line.items;
    if (head === undefined) {
      book.lines.delete(workflowId);
      return;
    }
    const batch = nextBatch(line.items);
    try {
      await book.gate(() => client.withDeadline(Date.now() + callLimitMs, () => handOver(book, workflowId, batch)));
      line.items.splice(0, batch.length);
      line.handedOverMs = Date.now();
      backoff.reset();
    } catch (error) {
      const waitMs = backoff.nextMs();
      log.warn({ workflowId, waitMs, error: String(error) }, 'Temporal did not take an occurrence; trying again');
      await pause(waitMs, signal);
    }
  }
}

/** After a hand-over, waits a little for more to come along; the end of a state does not wait. */
async function coalesce(line: Line, coalesceMs: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const leftMs = line.handedOverMs + coalesceMs - Date.now();
    if (leftMs <= 0 || signal.aborted || line.items.some(({ kind }) => kind === 'resolved')) return;
    const woken = Promise.withResolvers<void>();
    line.wake = woken.resolve;
    await Promise.race([pause(leftMs, signal), woken.promise]);
  }
}

/** The occurrences at the head of the line that are to be treated alike, or one end of a state. */
function nextBatch(items: Item[]): Item[] {
  const [head] = items;
  const end = items.findIndex((item) => item.kind === 'resolved' || isPaused(item) !== isPaused(head));
  if (head?.kind === 'resolved') return items.slice(0, 1);
  return items.slice(0, Math.min(end < 0 ? items.length : end, batchSize));
}

function isPaused(item: Item | undefined): boolean {
  return item?.kind === 'occurred' && item.isPaused;
}

async function handOver(book: Book, workflowId: string, batch: Item[]): Promise<void> {
  const { client, onResult, log } = book.options;
  const [head] = batch;
  if (head?.kind === 'resolved') {
    await signalResolved(client, workflowId, head.signal);
    return;
  }
  const incidents = batch.flatMap((item) => (item.kind === 'occurred' ? [item.incident] : []));
  const [incident] = incidents;
  if (incident === undefined) return;
  const occurrences: Occurrence[] = incidents.map(({ occurrence }) => occurrence);
  const result = await startOrJoin(client, { workflowId, incident, occurrences, isPaused: isPaused(head) });
  count(book.tally, result, occurrences.length);
  log.info({ workflowId, occurrences: occurrences.map(({ id }) => id), ...result }, 'occurrences were handed over');
  onResult?.(workflowId, incident, result);
}

/** The first of a batch starts; the others join what it started. */
function count(tally: Record<string, number>, { outcome }: StartResult, occurrences: number): void {
  const first = tally[outcome] ?? 0;
  if (outcome !== 'started') {
    tally[outcome] = first + occurrences;
    return;
  }
  tally['started'] = first + 1;
  if (occurrences > 1) tally['joined'] = (tally['joined'] ?? 0) + occurrences - 1;
}
