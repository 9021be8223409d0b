/**
 * Finds the tags in braces of a template and splits them into tokens, in step with Handlebars' own lexer.
 *
 * Comes before Handlebars' parser, which knows no leading dots, gives no columns for its errors and takes long on some
 * hostile texts. Refuses only what it cannot read on from.
 */
import { templateLimits } from '../limits.ts';
import type { OffsetProblem } from '../problem.ts';

interface Token {
  kind: 'close' | 'open' | 'blank' | 'string' | 'segment' | 'word' | 'other';
  start: number;
  text: string;
}

export interface Tag {
  start: number;
  /** Braces with the mark after them, such as `{{`, `{{{`, `{{~#` or `{{!--`. */
  open: string;
  /** Without the closing braces; empty for comments. */
  tokens: Token[];
  close: string;
  end: number;
}

const openingBraces = /\{\{~?(?:!--|!|#>|#\*?|>|\/|\^|\{|&|\*)?/y;

/** Handlebars' own patterns; a word is what its grammar calls an ID. */
const tokenPatterns = [
  ['close', /\}{4,}|\}~?\}\}|~?\}\}/y],
  ['open', /\{\{/y],
  ['blank', /\s+/y],
  ['string', /"(?:\\"|[^"])*"|'(?:\\'|[^'])*'/y],
  ['segment', /\[(?:\\\]|[^\]])*\]/y],
  ['word', /[^\s!"#%-,./;->@[-^`{-~]+/y],
  ['other', /[^]/y],
] as const;

/** All tags up to the end, or up to the problem that makes the rest unreadable. */
export function readTags(source: string): { tags: Tag[]; broken?: OffsetProblem } {
  const tags: Tag[] = [];
  let room: number = templateLimits.tokens;
  for (let start = nextTag(source, 0); start !== -1; ) {
    if (tags.length === templateLimits.tags) {
      const message = `A template may have ${templateLimits.tags} tags; this is one more.`;
      return { tags, broken: { offset: start, message } };
    }
    const tag = readTag(source, start, room);
    if ('message' in tag) return { tags, broken: tag };
    tags.push(tag);
    room -= tag.tokens.length;
    start = nextTag(source, tag.end);
  }
  return { tags };
}

/** The mark after the braces, without a tilde: empty, `#`, `/`, `^`, `{`, `&`, `!` and so on. */
export function markOf(tag: Tag): string {
  return tag.open.replace(/^\{\{~?/, '');
}

/** One backslash before the braces makes them plain text, two are a backslash followed by a tag. */
function nextTag(source: string, from: number): number {
  let at = source.indexOf('{{', from);
  while (at > 0 && source[at - 1] === '\\' && source[at - 2] !== '\\') at = source.indexOf('{{', at + 2);
  return at;
}

/** `room` is how many tokens the template may still have. */
function readTag(source: string, start: number, room: number): Tag | OffsetProblem {
  if (source.startsWith('{{{{', start)) {
    return {
      offset: start,
      message: 'Raw blocks in four braces are not supported; write \\{{ where braces shall stay as they are.',
    };
  }
  const open = match(openingBraces, source, start);
  if (open.endsWith('!') || open.endsWith('!--')) return readComment(source, start, open);
  const tokens: Token[] = [];
  for (let at = start + open.length; at < source.length; ) {
    const token = readToken(source, at);
    at += token.text.length;
    if (token.kind === 'close') return { start, open, tokens, close: token.text, end: at };
    if (token.kind === 'open') break;
    const unclosed = unclosedQuote(token);
    if (unclosed !== undefined) return unclosed;
    if (tokens.length === room) {
      return {
        offset: token.start,
        message: `The tags may hold ${templateLimits.tokens} words and marks; this is one more.`,
      };
    }
    tokens.push(token);
  }
  return {
    offset: start,
    message: 'The tag that opens here is not closed: }} is missing. Write \\{{ where braces shall stay as they are.',
  };
}

function readComment(source: string, start: number, open: string): Tag | OffsetProblem {
  const closing = open.endsWith('--') ? /--~?\}\}/g : /\}\}/g;
  closing.lastIndex = start + open.length - (open.endsWith('--') ? 2 : 0);
  const found = closing.exec(source);
  if (found === null) {
    const end = open.endsWith('--') ? '--}}' : '}}';
    return { offset: start, message: `The comment that opens here is not closed: ${end} is missing.` };
  }
  return { start, open, tokens: [], close: found[0], end: closing.lastIndex };
}

function readToken(source: string, start: number): Token {
  for (const [kind, pattern] of tokenPatterns) {
    const text = match(pattern, source, start);
    if (text !== '') return { kind, start, text };
  }
  return { kind: 'other', start, text: source.slice(start, start + 1) };
}

function unclosedQuote({ kind, start, text }: Token): OffsetProblem | undefined {
  if (kind !== 'other' || !['"', "'", '['].includes(text)) return undefined;
  return {
    offset: start,
    message: `What opens here with ${text} is not closed: ${text === '[' ? ']' : text} is missing.`,
  };
}

function match(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? '';
}
