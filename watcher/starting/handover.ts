/**
 * The workqueue to Temporal: one line per incident, in order, until Temporal has taken it or refuses it for good.
 *
 * Nothing is dropped: what Temporal does not take now is tried again, and while too much waits, the streams of the cluster are
 * paused. Kept in memory only, because the checkpoint never passes what waits here.
 */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { IncidentType } from '../../workflows/contract/hook.ts';
import type { Incident, ResolvedSignal } from '../../workflows/contract/incident.ts';
import { createBackoff, pause } from '../loops/backoff.ts';
import { type Ended, endingsOf } from './endings-of.ts';
import { createFairLimit, type FairLimit } from './fair-limit.ts';
import { firstPromptOf } from './first-prompt.ts';
import { namespaceOf } from './identity.ts';
import {
  append,
  coalesce,
  countOf,
  type Item,
  isCounted,
  isFull,
  isPaused,
  type Line,
  newLine,
  nextBatch,
  sinceMs,
  waiting,
} from './line.ts';
import { signalResolved, startOrJoin } from './start.ts';

/** How an occurrence is handed over. */
interface Manner {
  /** It starts nothing; what runs already is joined all the same. */
  isPaused?: boolean;
  /** It was handed over before, and more is known of it now; it is counted no second time. */
  isUpdate?: boolean;
}

export interface Handover {
  /** Takes an occurrence; resolves when there is room for more, not when Temporal has it. */
  occurred: (workflowId: string, incident: Incident, manner?: Manner) => Promise<void>;
  /** Takes the end of a state; in order behind the occurrences of the same incident. */
  resolved: (workflowId: string, signal: ResolvedSignal) => Promise<void>;
  /** The moment up to which nothing waits, in milliseconds: edges count by when they happened; undefined when nothing waits. */
  oldestWaitingMs: () => number | undefined;
  /** Resolves when nothing waits any more. */
  settled: () => Promise<void>;
}

/** With what people may want to know of the queues. */
export type OpenHandover = ReturnType<typeof createHandover>;

export interface HandoverOptions {
  client: Client;
  log: Logger;
  signal: AbortSignal;
  /** At most one signal per incident in this many milliseconds; a storm joins as one signal. */
  coalesceMs: number;
  /** How long to wait for an answer before asking again, which does no harm; a server that hangs must not block the others. */
  callLimitMs?: number;
  /** Called once for each occurrence, with how it has ended. */
  onEnded?: (ended: Ended, type: IncidentType) => void;
}

/** Calls to Temporal at once. */
const parallel = 20;

export function createHandover(options: HandoverOptions) {
  const lines = new Map<string, Line>();
  const limit = createFairLimit(parallel);
  // Equal requests of one process are one; another process meets the run itself, and joins it.
  const requester = randomUUID();
  const queue = { lines, limit, requester, options };

  async function add(workflowId: string, item: Item): Promise<void> {
    const line = lines.get(workflowId);
    if (line === undefined) {
      const fresh = newLine(namespaceOf(workflowId), item);
      lines.set(workflowId, fresh);
      void serve(queue, workflowId, fresh);
    } else {
      append(line, item);
      line.wake();
    }
    while (isFull(lines) && !options.signal.aborted) await pause(50, options.signal);
  }

  const handover: Handover = {
    occurred: (workflowId, incident, { isPaused = false, isUpdate = false } = {}) =>
      add(workflowId, { kind: 'occurred', incident, isPaused, isUpdate, sinceMs: sinceMs(incident) }),
    resolved: (workflowId, signal) => add(workflowId, { kind: 'resolved', signal, sinceMs: Date.now() }),
    oldestWaitingMs: () => {
      const since = [...lines.values()].flatMap(({ items }) => items.map((item) => item.sinceMs));
      return since.length === 0 ? undefined : since.reduce((a, b) => Math.min(a, b));
    },
    settled: async () => {
      while (waiting(lines) > 0 && !options.signal.aborted) await pause(20, options.signal);
    },
  };
  return {
    ...handover,
    /** How many occurrences and ends of states wait. */
    waiting: () => waiting(lines),
    /** Occurrences alone that wait to be counted. */
    waitingOccurrences: () =>
      [...lines.values()].reduce((sum, { items }) => items.reduce((more, item) => more + countOf(item), sum), 0),
    isFull: () => isFull(lines),
  };
}

interface Queue {
  lines: Map<string, Line>;
  limit: FairLimit;
  requester: string;
  options: HandoverOptions;
}

/** Serves one incident until its line is empty and the time for coalescing has passed. */
async function serve(queue: Queue, workflowId: string, line: Line): Promise<void> {
  const { client, signal, coalesceMs, callLimitMs = 30_000, log, onEnded } = queue.options;
  const backoff = createBackoff();
  while (!signal.aborted) {
    await coalesce(line, coalesceMs, signal);
    const [head] = line.items;
    if (head === undefined) {
      queue.lines.delete(workflowId);
      return;
    }
    const batch = nextBatch(line.items);
    try {
      const call = () => client.withDeadline(Date.now() + callLimitMs, () => send(queue, workflowId, batch));
      const ends = await queue.limit(call, line.namespace);
      line.items.splice(0, batch.length); // in the same moment as it is counted
      for (const { ended, type } of ends) onEnded?.(ended, type);
      line.handedOverMs = Date.now();
      backoff.reset();
    } catch (error) {
      const waitMs = backoff.nextMs();
      log.warn({ workflowId, waitMs, error: String(error) }, 'Temporal did not take an occurrence; trying again');
      await pause(waitMs, signal);
    }
  }
}

/** How the occurrences have ended; the end of a state is none. */
async function send(queue: Queue, workflowId: string, batch: Item[]): Promise<ReturnType<typeof endingsOf>> {
  const { client, log } = queue.options;
  const [head] = batch;
  if (head?.kind === 'resolved') await signalResolved(client, workflowId, head.signal);
  if (head?.kind !== 'occurred') return [];
  const occurrences = batch.filter((item) => item.kind === 'occurred').map((item) => item.incident.occurrence);
  const { incident } = head;
  const firstPrompt = occurrences.length === 1 ? firstPromptOf(incident, Date.now()) : undefined;
  // What is learned later must not be taken for the request that started the execution: it is a signal.
  const requester = isCounted(head) ? queue.requester : `${queue.requester} update`;
  const starting = { workflowId, incident, occurrences, firstPrompt, requester, isPaused: isPaused(head) };
  const result = await startOrJoin(client, starting);
  log.info({ workflowId, occurrences: occurrences.map(({ id }) => id), ...result }, 'occurrences were handed over');
  return endingsOf(result, batch);
}
