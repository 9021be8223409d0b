/**
 * The door to Handlebars: its parser, its syntax tree, and the place of its errors.
 *
 * Uses the parser only; `compile` makes code and is never called, and no tree from outside is taken.
 */
import Handlebars from 'handlebars';
import { type Problem, quote } from '../problem.ts';

export type Node = hbs.AST.Node;
export type Program = hbs.AST.Program;
export type Block = hbs.AST.BlockStatement;
type Mustache = hbs.AST.MustacheStatement;
export type Path = hbs.AST.PathExpression;
export type Hash = hbs.AST.Hash;
type Call = hbs.AST.SubExpression;
type Content = hbs.AST.ContentStatement;
type Literal = hbs.AST.StringLiteral | hbs.AST.NumberLiteral | hbs.AST.BooleanLiteral;

export const isContent = (node: Node): node is Content => node.type === 'ContentStatement';
export const isMustache = (node: Node): node is Mustache => node.type === 'MustacheStatement';
export const isBlock = (node: Node): node is Block => node.type === 'BlockStatement';
export const isPath = (node: Node): node is Path => node.type === 'PathExpression';
export const isCall = (node: Node): node is Call => node.type === 'SubExpression';
export const isLiteral = (node: Node): node is Literal =>
  ['StringLiteral', 'NumberLiteral', 'BooleanLiteral'].includes(node.type);

/** The syntax tree with Handlebars' own whitespace control applied, or what the parser stumbled over. */
export function parseSyntax(text: string): { program: Program } | { problem: Problem } {
  try {
    return { program: Handlebars.parse(text) };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

/** Errors about the meaning of a tag carry their place; errors of the grammar leave it in the parser's lexer. */
function problemOf(error: unknown): Problem {
  const line = field(error, 'lineNumber');
  const column = field(error, 'column');
  if (typeof line === 'number' && typeof column === 'number') {
    return { line, column: column + 1, message: meaningOf(field(error, 'message')) };
  }
  const lexer = field(field(Handlebars, 'Parser'), 'lexer');
  const place = field(lexer, 'yylloc');
  const tokenLine = field(place, 'first_line');
  const tokenColumn = field(place, 'first_column');
  const token = field(lexer, 'match');
  return {
    line: typeof tokenLine === 'number' ? tokenLine : 1,
    column: typeof tokenColumn === 'number' ? tokenColumn + 1 : 1,
    message:
      typeof token === 'string' && token !== ''
        ? `Handlebars' grammar does not allow ${quote(token)} here.`
        : "Handlebars' grammar does not allow the template to end here.",
  };
}

/** Such as "if doesn't match each - 1:3", without the place. */
function meaningOf(message: unknown): string {
  const words = String(message).replace(/ - \d+:\d+$/, '');
  const [opened, closed] = words.split(" doesn't match ");
  if (opened === undefined || closed === undefined) return `${quote(words)}.`;
  return `The block {{#${quote(opened)}}} that opens here is closed by {{/${quote(closed)}}}.`;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
