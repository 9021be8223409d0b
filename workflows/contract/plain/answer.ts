/**
 * What a person sends to a run that waits, and what becomes of it: a decision about every tool, or answers to questions.
 *
 * Types, limits and words only; `check-answer.ts` reads what was sent. Temporal carries it: it holds no secret.
 */

/** The update by which a waiting execution is answered. */
export const answerUpdate = 'answer';

/** Characters that people may write; what is longer is refused, not cut. */
export const answerLimits = { by: 100, why: 1_000, answer: 4_000 } as const;

export type Decision = 'approve' | 'reject';

/** A whole answer to one pause of one run. */
export interface RunAnswer {
  pauseId: string;
  /** The decision about each tool, in the order of the pause; the names of the fields stand in histories. */
  verdicts: { id: string; verdict: Decision; reason?: string | undefined }[];
  /** One for each question, each with one text or several choices; left out where the questions are declined. */
  answers?: string[][];
  by: string;
  why?: string | undefined;
}

/** Who or what decides: a person, the list of the Hook, or its time limit. */
export type AnswerCause = 'person' | 'auto-approve' | 'timeout';

export interface Reply extends RunAnswer {
  cause: AnswerCause;
  atMs: number;
}

/** What an accepted update answers. */
export interface AnswerTaken {
  pause: string;
  what: string;
  by: string;
  at: string;
  /** What the one who decides should know. */
  note?: string | undefined;
}

/** In one word or two: `approved`, `rejected`, `1 of 2 approved`, `answered`. */
export function whatWasDecided({ verdicts: decisions, answers }: Pick<RunAnswer, 'verdicts' | 'answers'>): string {
  const approved = decisions.filter(({ verdict }) => verdict === 'approve').length;
  if (decisions.length === 0) return answers === undefined ? 'rejected' : 'answered';
  if (approved === 0) return 'rejected';
  return approved === decisions.length ? 'approved' : `${approved} of ${decisions.length} approved`;
}
