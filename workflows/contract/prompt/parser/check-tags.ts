/**
 * Checks tags by themselves: Go's forms, forbidden constructs, and blocks that do not match or go too deep.
 *
 * Comes before Handlebars' parser, whose recursion and copying the depth limits keep short.
 */

import { templateLimits } from '../limits.ts';
import { type OffsetProblem, quote } from '../problem.ts';
import { goFormIn } from './go-forms.ts';
import { markOf, type Tag } from './read-tags.ts';

interface OpenBlock {
  offset: number;
  name: string;
  /** An `else if`, which ends with the block that it belongs to. */
  isElse: boolean;
}

export function checkTags(tags: readonly Tag[]): OffsetProblem[] {
  const forms = tags.map(formOf).filter((problem) => problem !== undefined);
  // A Go-style {{end}} leaves every block open; saying so as well would only hide the cause.
  return forms.length > 0 ? forms : checkBlocks(tags);
}

function formOf(tag: Tag): OffsetProblem | undefined {
  return goFormIn(tag) ?? forbiddenMark(tag) ?? wrongBraces(tag) ?? deepParentheses(tag);
}

function forbiddenMark(tag: Tag): OffsetProblem | undefined {
  const mark = markOf(tag);
  if (mark.endsWith('>'))
    return { offset: tag.start, message: 'Partials ({{> …}}) are not supported; write the text where it is needed.' };
  if (mark.endsWith('*')) return { offset: tag.start, message: 'Decorators ({{* …}}) are not supported.' };
  return undefined;
}

function wrongBraces(tag: Tag): OffsetProblem | undefined {
  if (tag.open.startsWith('{{!') || tag.open.startsWith('{{~!')) return undefined;
  const opened = markOf(tag) === '{' ? 3 : 2;
  const closed = tag.close.replace('~', '').length;
  if (opened === closed) return undefined;
  const message = `This tag opens with ${opened} braces and closes with ${closed}; put a blank before a brace that belongs to the text.`;
  return { offset: tag.start, message };
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

function checkBlocks(tags: readonly Tag[]): OffsetProblem[] {
  const open: OpenBlock[] = [];
  for (const tag of tags) {
    const problem = takeTag(open, tag);
    if (problem !== undefined) return [problem];
    if (open.length > templateLimits.blocks) {
      return [{ offset: tag.start, message: `Blocks may be nested ${templateLimits.blocks} deep; this is one more.` }];
    }
  }
  return open
    .filter(({ isElse }) => !isElse)
    .map(({ offset, name }) => ({
      offset,
      message: `The block {{#${name}}} that opens here is not closed: {{/${name}}} is missing.`,
    }));
}

function takeTag(open: OpenBlock[], tag: Tag): OffsetProblem | undefined {
  const words = tag.tokens.filter(({ kind }) => kind !== 'blank');
  const name = quote(words[0]?.text ?? '');
  const mark = markOf(tag);
  if (mark === '#' || (mark === '^' && words.length > 0)) {
    open.push({ offset: tag.start, name, isElse: false });
  } else if (mark === '/') {
    return closeBlock(open, tag, name);
  } else if (mark === '^' || (mark === '' && name === 'else')) {
    return takeElse(open, tag, words.length > 1);
  }
  return undefined;
}

function closeBlock(open: OpenBlock[], tag: Tag, name: string): OffsetProblem | undefined {
  let last = open.pop();
  while (last?.isElse === true) last = open.pop();
  if (last === undefined) return { offset: tag.start, message: `{{/${name}}} closes no block: none is open here.` };
  return undefined;
}

function takeElse(open: OpenBlock[], tag: Tag, isElseIf: boolean): OffsetProblem | undefined {
  if (open.length === 0)
    return { offset: tag.start, message: '{{else}} belongs inside a block: {{#if .Reason}}…{{else}}…{{/if}}.' };
  if (isElseIf) open.push({ offset: tag.start, name: 'else', isElse: true });
  return undefined;
}
