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
  last: string;
  /** Of its last failure; empty after a success. */
  why: string;
}

export function createLoops(stopwatchMs: () => number = performance.now.bind(performance)) {
  const states: State[] = [];

  /** From now on this loop has to succeed now and then. */
  function watch(name: string, everyMs: number): Loop {
    const since = (words: string) => ({
      sinceMs: stopwatchMs(),
      last: `${words} at ${new Date().toISOString()}`,
      why: '',
    });
    const state = { name, limitMs: rounds * everyMs + graceMs, ...since('has not succeeded since it began') };
    states.push(state);
    return {
      succeeded: () => void Object.assign(state, since('last succeeded')),
      failed: (error) => void (state.why = `; it failed with: ${inertLine(String(error), errorChars)}`),
    };
  }

  const checkOf = ({ name, limitMs, sinceMs, last, why }: State): Check => ({
    name,
    ok: stopwatchMs() - sinceMs <= limitMs,
    message: last + why,
  });
  return { watch, checks: () => states.map(checkOf) };
}
