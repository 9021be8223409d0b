/**
 * How a process begins, and when it is to end.
 *
 * Decides nothing about its work.
 */
import { messageOf } from './message-of.ts';
import { configExitCode } from './read-environment.ts';

/** What `prepare` makes; where it throws, the process writes why, and ends as one whose configuration is wrong. */
export function prepareOrExit<Prepared>(prepare: () => Prepared): Prepared {
  try {
    return prepare();
  } catch (error) {
    console.error(messageOf(error));
    process.exit(configExitCode);
  }
}

/** Aborted by the first SIGTERM or SIGINT. */
export function abortOnSignals(): AbortController {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
  return stop;
}
