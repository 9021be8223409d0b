/**
 * Problems of a prompt template and where they are in the user's own text.
 *
 * Lines end where Handlebars' parser ends them: at CR LF, LF or CR.
 */

/** Both counted from 1; columns in UTF-16 units. */
export interface Position {
  line: number;
  column: number;
}

/** One thing that is wrong with a template, as a sentence for its author. */
export interface Problem extends Position {
  message: string;
}

/** The same by its offset in the text: UTF-16 units, from 0. */
export interface OffsetProblem {
  offset: number;
  message: string;
}

/** Longest quotation of the author's text in a message. */
const quoteChars = 60;

export function linesOf(source: string): string[] {
  return source.split(/\r\n?|\n/);
}

export function problemAt(source: string, { offset, message }: OffsetProblem): Problem {
  const lines = linesOf(source.slice(0, offset));
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1, message };
}

/** The author's own words for a message, shortened. */
export function quote(text: string): string {
  return text.length <= quoteChars ? text : `${text.slice(0, quoteChars)}…`;
}
