/**
 * Indents what kubectl takes and the YAML library does not: quoted text and flow collections that go on at the indent of
 * their key, or left of it.
 *
 * In both, blanks at the beginning of a further line mean nothing, so that more of them change no value. Pure.
 */
import { Lexer } from 'yaml';

/** Text that is not indented enough. */
interface Shallow {
  /** Where the quoted text or the collection begins. */
  start: number;
  /** Every line that begins between these is to be indented. */
  from: number;
  end: number;
}

/** What the lexer gives for the end of a flow collection that was never closed. */
const flowBrokenOff = '\u0018';
/** Tokens that stand for no characters of the text. */
const marks = new Set(['\u0002', '\u001f', flowBrokenOff]);
const scalarMark = '\u001f';

export function deepenFlow(text: string): string {
  let deepened = text;
  for (let shallow = findShallow(text); shallow !== undefined; shallow = findShallow(deepened)) {
    const { start, from, end } = shallow;
    const blanks = ' '.repeat(start - deepened.lastIndexOf('\n', start - 1));
    const lines = deepened.slice(from, end).replaceAll(/\n[ \t]*/g, `\n${blanks}`);
    if (lines === deepened.slice(from, end)) return deepened;
    deepened = deepened.slice(0, from) + lines + deepened.slice(end);
  }
  return deepened;
}

/** The first place that the lexer breaks off because it is not indented enough. */
function findShallow(text: string): Shallow | undefined {
  let offset = 0;
  let before = '';
  const opened: number[] = [];
  for (const token of new Lexer().lex(text)) {
    const shallow = before === scalarMark ? undefined : brokenAt(text, offset, { token, start: opened[0] });
    if (shallow !== undefined) return shallow;
    if (openers.has(token)) opened.push(offset);
    if (closers.has(token)) opened.pop();
    if (!marks.has(token)) offset += token.length;
    before = token;
  }
  return undefined;
}

const openers = new Set(['{', '[']);
const closers = new Set(['}', ']']);

/** `start`: where the outermost collection begins that is open here. */
function brokenAt(
  text: string,
  offset: number,
  { token, start }: { token: string; start: number | undefined },
): Shallow | undefined {
  if (token === flowBrokenOff) return start === undefined ? undefined : brokenFlow(text, start, offset);
  return token.startsWith('"') || token.startsWith("'") ? brokenQuote(text, offset, token) : undefined;
}

/** Only its first line that is too far left: the next look finds the next one. */
function brokenFlow(text: string, start: number, offset: number): Shallow | undefined {
  const from = text.lastIndexOf('\n', offset - 1);
  const isDivided = isDocumentMark(text.slice(from + 1, from + 5));
  return from < start || isDivided ? undefined : { start, from, end: offset };
}

/** Undefined where it is whole, never closed, or divided by the mark of a document. */
function brokenQuote(text: string, start: number, token: string): Shallow | undefined {
  const whole = text[start] === '"' ? /"(?:[^"\\]|\\[^])*"/y : /'(?:[^']|'')*'/y;
  whole.lastIndex = start;
  const [quoted = ''] = whole.exec(text) ?? [];
  if (quoted.length <= token.length || quoted.split('\n').some(isDocumentMark)) return undefined;
  return { start, from: start, end: start + quoted.length };
}

function isDocumentMark(line: string): boolean {
  return /^(---|\.\.\.)(\s|$)/.test(line);
}
