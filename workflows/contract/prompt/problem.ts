/**
 * Problems of a prompt template and where they are in the user's own text.
 *
 * Lines end where Handlebars' parser ends them: at CR LF, LF or CR.
 */

/** One thing that is wrong with a template, as a sentence for its author. Counted from 1; columns in UTF-16 units. */
export interface Problem {
  line: number;
  column: number;
  message: string;
}

/** The same by its offset in the text: UTF-16 units, from 0. */
export interface OffsetProblem {
  offset: number;
  message: string;
}

/** Thrown where reading cannot or need not go on. */
export class Refused extends Error {
  readonly problems: readonly OffsetProblem[];
  constructor(problems: readonly OffsetProblem[]) {
    super(problems[0]?.message);
    this.problems = problems;
  }
}

export function refuseAt(offset: number, message: string): never {
  throw new Refused([{ offset, message }]);
}

export function refuseIfAny(problems: readonly OffsetProblem[]): void {
  if (problems.length > 0) throw new Refused(problems);
}

/** Longest quotation of the author's text in a message. */
const quoteChars = 60;

/** Offsets. */
export function lineStartsOf(source: string): number[] {
  return [0, ...Array.from(source.matchAll(/\r\n?|\n/g), (end) => end.index + end[0].length)];
}

export function problemAt(source: string, { offset, message }: OffsetProblem): Problem {
  const starts = lineStartsOf(source.slice(0, offset));
  return { line: starts.length, column: offset - (starts.at(-1) ?? 0) + 1, message };
}

/** The author's own words for a message, shortened. */
export function quote(text = ''): string {
  return text.length <= quoteChars ? text : `${text.slice(0, quoteChars)}…`;
}
