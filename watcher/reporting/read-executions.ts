/**
 * The picture of all executions, from which the status of Hooks is made: read as a whole, and by what has changed.
 *
 * Both ways of reading stand alone: each completes the picture whatever becomes of the other.
 */
import type { LiveHook } from '../hooks/live-hook.ts';
import type { NewsRecorder } from '../recorder/record-news.ts';
import { createCursor } from './cursor.ts';
import type { Executions } from './executions.ts';
import type { ExecutionRow } from './hook-status.ts';

export interface PictureOptions {
  executions: Executions;
  hooks: () => LiveHook[];
  /** Told of every row; makes Kubernetes Events of what is new. */
  recorder: NewsRecorder;
}

export interface Picture {
  /** The newest run of each execution. */
  rows: () => Iterable<ExecutionRow>;
  /** Everything of interest, so that nothing that was missed stays missing. */
  readAll: () => Promise<void>;
  readChanges: () => Promise<void>;
}

/** How far back a fresh picture reaches. */
const horizonMs = 24 * 60 * 60_000;
/** Executions kept per picture; the oldest closed ones go first. */
const keptLimit = 10_000;

export function createPicture({ executions, hooks, recorder }: PictureOptions): Picture {
  const picture = new Map<string, ExecutionRow>();
  const cursor = createCursor();

  async function read(found: AsyncIterable<ExecutionRow>): Promise<void> {
    const begunMs = cursor.begin();
    const byUid = new Map(hooks().map((hook) => [hook.uid, hook]));
    for await (const row of found) {
      cursor.see(row);
      recorder.see(row, byUid.get(row.hookUid));
      const known = picture.get(row.workflowId);
      if (known === undefined || isNewer(row, known)) picture.set(row.workflowId, row);
    }
    cursor.read(begunMs);
    forgetOldest(picture);
  }

  const horizon = () => Date.now() - horizonMs;
  return {
    rows: () => picture.values(),
    readAll: () => read(executions.since(horizon())),
    readChanges: () => read(executions.changedSince(cursor.fromMs() ?? horizon())),
  };
}

function forgetOldest(picture: Map<string, ExecutionRow>): void {
  const surplus = picture.size - keptLimit;
  if (surplus <= 0) return;
  const closed = [...picture.values()].filter(({ isOpen }) => !isOpen);
  const oldestFirst = closed.toSorted((a, b) => (a.closedMs ?? 0) - (b.closedMs ?? 0));
  for (const { workflowId } of oldestFirst.slice(0, surplus)) picture.delete(workflowId);
}

/** A later run wins; of one run the closed picture wins over the open one, and of open ones the later change. */
function isNewer(row: ExecutionRow, known: ExecutionRow): boolean {
  if (row.runId !== known.runId) return row.startedMs >= known.startedMs;
  if (row.isOpen && known.isOpen) return (row.changedMs ?? 0) >= (known.changedMs ?? 0);
  return !row.isOpen;
}
