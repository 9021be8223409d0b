/**
 * How the demo shows its slow work: rows that are redrawn on a terminal, plain lines everywhere else.
 *
 * What is started in one go is shown together. Decides nothing.
 */
import { once } from 'node:events';
import { Listr, type ListrTask, type ListrTaskWrapper, PRESET_TIMER } from 'listr2';
import { type Progress, plainProgress } from '../progress.ts';

export interface Rows {
  /** Shows `title` until the work is done, and the progress that it reports. Rejects as the work does, or on a stop. */
  show<T>(title: string, work: (progress: Progress) => Promise<T>): Promise<T>;
  /** Resolves when everything is drawn to its end; what is printed after that stands below it. Never rejects. */
  settled(): Promise<void>;
}

/** One line when work begins, and one for each report of it. No colours, nothing redrawn. */
export function plainRows(write: (line: string) => void, signal: AbortSignal): Rows {
  const progress = plainProgress(write);
  return {
    show(title, work) {
      return untilStopped(() => {
        progress.step(title);
        return work(progress);
      }, signal);
    },
    settled: () => Promise.resolve(),
  };
}

/** Rows with a spinner each and the time they took. */
export function terminalRows(signal: AbortSignal): Rows {
  let gathered: ListrTask[] | undefined;
  let drawing = Promise.resolve();

  /** What is started in one go is one list; the next one is drawn below it. */
  function join(task: ListrTask): void {
    if (gathered === undefined) {
      const tasks: ListrTask[] = [];
      gathered = tasks;
      const previous = drawing;
      drawing = Promise.resolve().then(async () => {
        gathered = undefined;
        await previous;
        await draw(tasks);
      });
    }
    gathered.push(task);
  }

  return {
    show<T>(title: string, work: (progress: Progress) => Promise<T>): Promise<T> {
      const result = Promise.withResolvers<T>();
      join({
        title,
        task: async (_, task) => {
          untilStopped(() => work(progressOf(task)), signal).then(result.resolve, result.reject);
          await result.promise;
        },
      });
      return result.promise;
    },
    settled: () => drawing,
  };
}

/** The first row that fails ends the list; the signals are ours. */
async function draw(tasks: ListrTask[]): Promise<void> {
  const list = new Listr(tasks, {
    concurrent: true,
    registerSignalListeners: false,
    rendererOptions: { timer: PRESET_TIMER, showErrorMessage: false },
  });
  // Whoever asked for the row has the error.
  await list.run().catch(() => undefined);
}

function progressOf(task: Pick<ListrTaskWrapper<unknown, never, never>, 'title' | 'output'>): Progress {
  const below = (text: string) => {
    task.output = text;
  };
  return {
    step: below,
    detail: below,
    done: (text) => {
      task.title = text;
    },
  };
}

/** Does not begin once the user wants to end, and does not wait for what was begun before. */
async function untilStopped<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const stopped = once(signal, 'abort').then((): never => {
    throw signal.reason;
  });
  return Promise.race([work(), stopped]);
}
