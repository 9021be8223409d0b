/**
 * Whether each of the loops has succeeded lately: a loop that only fails, or hangs, must not look like one that works.
 *
 * Times are a stopwatch's, so that a clock that is set changes nothing. Never ends or starts a loop.
 */
import type { Check } from '../../runtime/health.ts';
import { inertLine } from '../../workflows/contract/plain/inert-text.ts';

export interface Loop {
  succeeded: () => void;
  failed: (error: unknown) => void;
}

export type Loops = ReturnType<typeof createLoops>;

/** How many rounds may fail, and the time that a round may take on top. */
const rounds = 3;
const graceMs = 60_000;
const errorChars = 300;

interface State {
  name: string;
  limitMs: number;
  /** By the stopwatch: of its last success, or of its beginning. */
  sinceMs: number;
  /** The same, for people. */
  since: Date;
  hasSucceeded: boolean;
  error: string | undefined;
}

export function createLoops(stopwatchMs: () => number = performance.now.bind(performance)) {
  const states: State[] = [];

  /** From now on this loop has to succeed now and then. */
  function watch(name: string, everyMs: number): Loop {
    const state: State = {
      name,
      limitMs: rounds * everyMs + graceMs,
      sinceMs: stopwatchMs(),
      since: new Date(),
      hasSucceeded: false,
      error: undefined,
    };
    states.push(state);
    const succeeded = () =>
      void Object.assign(state, { sinceMs: stopwatchMs(), since: new Date(), hasSucceeded: true, error: undefined });
    return { succeeded, failed: (error) => void Object.assign(state, { error: inertLine(String(error), errorChars) }) };
  }

  return { watch, checks: () => states.map((state) => checkOf(state, stopwatchMs())) };
}

function checkOf({ name, limitMs, sinceMs, since, hasSucceeded, error }: State, nowMs: number): Check {
  const at = since.toISOString();
  const last = hasSucceeded ? `last succeeded at ${at}` : `has not succeeded since it began at ${at}`;
  const why = error === undefined ? '' : `; it failed with: ${error}`;
  return { name, ok: nowMs - sinceMs <= limitMs, message: last + why };
}
