/**
 * How slow work reports its progress to the user.
 *
 * Has the plain form, for logs and pipes: one line per fact, nothing redrawn.
 */

/** What slow work reports; every text is a phrase without a final line break. */
export interface Progress {
  /** A new piece of work has begun, with its expected duration where it is long. */
  step(text: string): void;
  /** Something about the current piece, said at most every few seconds. */
  detail(text: string): void;
  /** The current piece is finished. */
  done(text: string): void;
}

export function plainProgress(write: (line: string) => void): Progress {
  return {
    step: (text) => write(`${text} ...\n`),
    detail: (text) => write(`  ${text}\n`),
    done: (text) => write(`${text}\n`),
  };
}
