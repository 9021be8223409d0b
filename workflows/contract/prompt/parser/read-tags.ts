/**
 * Finds the tags in braces of a template and splits them into tokens, in step with Handlebars' own lexer.
 *
 * Comes before Handlebars' parser, which knows no leading dots, gives no columns for its errors and takes long on some
 * hostile texts. Refuses only what it cannot read on from.
 */
import { templateLimits } from '../limits.ts';
import { refuseAt } from '../problem.ts';

interface Token {
  kind: 'close' | 'open' | 'blank' | 'string' | 'segment' | 'word' | 'other';
  start: number;
  text: string;
}

export interface Tag {
  start: number;
  /** What follows the braces, without a tilde: empty, `#`, `/`, `^`, `{`, `&`, `!--` and so on. */
  mark: string;
  /** Without the closing braces; empty for comments. */
  tokens: Token[];
  close: string;
  end: number;
}

const opening = /\{\{~?(!--|!|#>|#\*?|>|\/|\^|\{|&|\*)?/y;

/** Handlebars' own patterns; a word is what its grammar calls an ID. */
const tokenPatterns = [
  ['close', /\}{4,}|\}~?\}\}|~?\}\}/y],
  ['open', /\{\{/y],
  ['blank', /\s+/y],
  ['string', /"(?:\\"|[^"])*"|'(?:\\'|[^'])*'/y],
  ['segment', /\[(?:\\\]|[^\]])*\]/y],
  ['word', /[^\s!"#%-,./;->@[-^`{-~]+/y],
] as const;

/** Refuses what makes the rest unreadable. */
export function readTags(source: string): Tag[] {
  const tags: Tag[] = [];
  let room: number = templateLimits.tokens;
  for (let start = nextTag(source, 0); start !== -1; ) {
    if (tags.length === templateLimits.tags)
      refuseAt(start, `A template may have ${templateLimits.tags} tags; this is one more.`);
    const tag = readTag(source, start, room);
    tags.push(tag);
    room -= tag.tokens.length;
    start = nextTag(source, tag.end);
  }
  return tags;
}

/** One backslash before the braces makes them plain text, two are a backslash followed by a tag. */
function nextTag(source: string, from: number): number {
  let at = source.indexOf('{{', from);
  while (at > 0 && source[at - 1] === '\\' && source[at - 2] !== '\\') at = source.indexOf('{{', at + 2);
  return at;
}

/** `room` is how many tokens the template may still have. */
function readTag(source: string, start: number, room: number): Tag {
  if (source.startsWith('{{{{', start))
    refuseAt(start, 'Raw blocks in four braces are not supported; write \\{{ where braces shall stay as they are.');
  const [open = '', mark = ''] = matchAt(opening, source, start);
  if (mark.startsWith('!')) return readComment(source, start, mark);
  const tokens: Token[] = [];
  for (let at = start + open.length; at < source.length; ) {
    const token = readToken(source, at);
    at += token.text.length;
    if (token.kind === 'close') return { start, mark, tokens, close: token.text, end: at };
    if (token.kind === 'open') break;
    if (tokens.length === room)
      refuseAt(token.start, `The tags may hold ${templateLimits.tokens} words and marks; this is one more.`);
    tokens.push(token);
  }
  return refuseAt(
    start,
    'The tag that opens here is not closed: }} is missing. Write \\{{ where braces shall stay as they are.',
  );
}

/** The dashes that open it may close it as well. */
function readComment(source: string, start: number, mark: string): Tag {
  const closing = mark === '!' ? /\}\}/g : /--~?\}\}/g;
  closing.lastIndex = source.indexOf('!', start) + 1;
  const [close] = closing.exec(source) ?? [];
  if (close === undefined)
    refuseAt(start, `The comment that opens here is not closed: ${mark === '!' ? '' : '--'}}} is missing.`);
  return { start, mark, tokens: [], close, end: closing.lastIndex };
}

function readToken(source: string, start: number): Token {
  for (const [kind, pattern] of tokenPatterns) {
    const [text = ''] = matchAt(pattern, source, start);
    if (text !== '') return { kind, start, text };
  }
  const text = source.charAt(start);
  if (['"', "'", '['].includes(text))
    refuseAt(start, `What opens here with ${text} is not closed: ${text === '[' ? ']' : text} is missing.`);
  return { kind: 'other', start, text };
}

function matchAt(pattern: RegExp, source: string, at: number): readonly string[] {
  pattern.lastIndex = at;
  return pattern.exec(source) ?? [];
}
