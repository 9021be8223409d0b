/**
 * Checks tags by themselves: Go's forms, forbidden constructs, and blocks that do not match or go too deep.
 *
 * Comes before Handlebars' parser, whose recursion and copying the depth limits keep short.
 */
import { templateLimits } from '../limits.ts';
import { type OffsetProblem, quote, refuseAt, refuseIfAny } from '../problem.ts';
import { goFormIn } from './go-forms.ts';
import type { Tag } from './read-tags.ts';

interface OpenBlock {
  offset: number;
  name: string;
  /** An `else if`, which ends with the block that it belongs to. */
  isElse: boolean;
}

export function checkTags(tags: readonly Tag[]): void {
  // A Go-style {{end}} leaves every block open; saying so as well would only hide the cause.
  refuseIfAny(tags.flatMap((tag) => formOf(tag) ?? []));
  checkBlocks(tags);
}

function formOf(tag: Tag): OffsetProblem | undefined {
  const form = goFormIn(tag);
  if (form !== undefined) return form;
  const message = forbiddenMark(tag) ?? wrongBraces(tag);
  return message === undefined ? deepParentheses(tag) : { offset: tag.start, message };
}

function forbiddenMark({ mark }: Tag): string | undefined {
  if (mark.endsWith('>')) return 'Partials ({{> …}}) are not supported; write the text where it is needed.';
  return mark.endsWith('*') ? 'Decorators ({{* …}}) are not supported.' : undefined;
}

function wrongBraces({ mark, close }: Tag): string | undefined {
  const opened = mark === '{' ? 3 : 2;
  const closed = close.replace('~', '').length;
  if (mark.startsWith('!') || opened === closed) return undefined;
  return `This tag opens with ${opened} braces and closes with ${closed}; put a blank before a brace that belongs to the text.`;
}

function deepParentheses(tag: Tag): OffsetProblem | undefined {
  let depth = 0;
  for (const { text, start } of tag.tokens) {
    if (text === '(') depth++;
    if (text === ')') depth--;
    const message = `Parentheses may be nested ${templateLimits.parentheses} deep; this is one more.`;
    if (depth > templateLimits.parentheses) return { offset: start, message };
  }
  return undefined;
}

function checkBlocks(tags: readonly Tag[]): void {
  const open: OpenBlock[] = [];
  for (const tag of tags) {
    takeTag(open, tag);
    if (open.length > templateLimits.blocks)
      refuseAt(tag.start, `Blocks may be nested ${templateLimits.blocks} deep; this is one more.`);
  }
  refuseIfAny(
    open
      .filter(({ isElse }) => !isElse)
      .map(({ offset, name }) => ({
        offset,
        message: `The block {{#${name}}} that opens here is not closed: {{/${name}}} is missing.`,
      })),
  );
}

function takeTag(open: OpenBlock[], { mark, start, tokens }: Tag): void {
  const words = tokens.filter(({ kind }) => kind !== 'blank').map(({ text }) => text);
  const name = quote(words[0]);
  if (mark === '#' || (mark === '^' && words.length > 0)) {
    open.push({ offset: start, name, isElse: false });
  } else if (mark === '/') {
    closeBlock(open, start, name);
  } else if (mark === '^' || (mark === '' && name === 'else')) {
    if (open.length === 0) refuseAt(start, '{{else}} belongs inside a block: {{#if .Reason}}…{{else}}…{{/if}}.');
    if (words.length > 1) open.push({ offset: start, name, isElse: true });
  }
}

function closeBlock(open: OpenBlock[], start: number, name: string): void {
  const last = open.findLastIndex(({ isElse }) => !isElse);
  if (last === -1) refuseAt(start, `{{/${name}}} closes no block: none is open here.`);
  open.splice(last);
}
