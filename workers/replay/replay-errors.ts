/**
 * How the command ends, and the errors that decide it. Codes from 64 on are those of sysexits.
 */
export const exitCodes = { replays: 0, differs: 1, usage: 64, unreadable: 65, unavailable: 69 } as const;

/** The history cannot be read, or is not of our workflows. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
}

/** Temporal does not answer, or has no such execution. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}
