/**
 * The door to Handlebars: Go's leading dots made readable for its parser, its syntax tree, and the place of its errors.
 *
 * Uses the parser only; `compile` makes code and is never called, and no tree from outside is taken.
 */
import Handlebars from 'handlebars';
import { lineStartsOf, quote, refuseAt } from '../problem.ts';
import type { Tag } from './read-tags.ts';

export type Node = hbs.AST.Node;
export type Program = hbs.AST.Program;
export type Block = hbs.AST.BlockStatement;
type Mustache = hbs.AST.MustacheStatement;
export type Path = hbs.AST.PathExpression;
export type Hash = hbs.AST.Hash;
type Call = hbs.AST.SubExpression;
type Content = hbs.AST.ContentStatement;
type Literal = Node & { value: string | number | boolean | null | undefined };

export const isContent = (node: Node): node is Content => node.type === 'ContentStatement';
export const isMustache = (node: Node): node is Mustache => node.type === 'MustacheStatement';
export const isBlock = (node: Node): node is Block => node.type === 'BlockStatement';
export const isPath = (node: Node): node is Path => node.type === 'PathExpression';
export const isCall = (node: Node): node is Call => node.type === 'SubExpression';
export const isLiteral = (node: Node): node is Literal => node.type.endsWith('Literal');

/** The syntax tree with Handlebars' own whitespace control applied; refuses what the parser stumbles over. */
export function parseSyntax(source: string, tags: readonly Tag[]): Program {
  const text = blankDots(source, tags);
  try {
    return Handlebars.parse(text);
  } catch (error) {
    return refuseSyntax(text, error);
  }
}

/** Words that mean something else to Handlebars once their dot is gone; with the dot they are a syntax error. */
const reserved = new Set(['else', 'true', 'false', 'null', 'undefined', 'this', 'as']);

/**
 * `{{.Reason}}` becomes `{{ Reason}}`, of the same length, so that all positions stay. Dots in strings, comments, `[…]`
 * segments, `./`, `../`, `a.b` and a dot that stands alone are left.
 */
function blankDots(source: string, tags: readonly Tag[]): string {
  const dots = new Set(tags.flatMap(leadingDots));
  return source.replaceAll('.', (dot, at: number) => (dots.has(at) ? ' ' : dot));
}

function leadingDots(tag: Tag): number[] {
  return tag.tokens
    .filter(({ text }, index) => {
      if (text !== '.') return false;
      const before = tag.tokens[index - 1];
      const after = tag.tokens[index + 1];
      const leads = before === undefined || before.kind === 'blank' || ['(', '='].includes(before.text);
      if (!leads || after === undefined) return false;
      return after.kind === 'segment' || (after.kind === 'word' && isName(after.text));
    })
    .map(({ start }) => start);
}

function isName(word: string): boolean {
  return !reserved.has(word) && !/^-?[0-9]/.test(word);
}

/** Errors about the meaning of a tag carry their place; errors of the grammar leave it in the parser's lexer. */
function refuseSyntax(text: string, error: unknown): never {
  const lineStarts = lineStartsOf(text);
  const offsetAt = (line: unknown, column: unknown) => (lineStarts[Number(line) - 1] ?? 0) + Number(column ?? 0);
  const line = field(error, 'lineNumber');
  if (line !== undefined) refuseAt(offsetAt(line, field(error, 'column')), meaningOf(field(error, 'message')));
  const lexer = field(field(Handlebars, 'Parser'), 'lexer');
  const place = field(lexer, 'yylloc');
  const token = field(lexer, 'match');
  return refuseAt(
    offsetAt(field(place, 'first_line'), field(place, 'first_column')),
    `Handlebars' grammar does not allow ${typeof token === 'string' && token !== '' ? quote(token) : 'the template to end'} here.`,
  );
}

/** Such as "if doesn't match each - 1:3", without the place. */
function meaningOf(message: unknown): string {
  const words = String(message).replace(/ - \d+:\d+$/, '');
  const [opened = '', closed] = words.split(" doesn't match ");
  if (closed === undefined) return `${quote(words)}.`;
  return `The block {{#${quote(opened)}}} that opens here is closed by {{/${quote(closed)}}}.`;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
