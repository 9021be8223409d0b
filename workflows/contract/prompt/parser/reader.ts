/**
 * What the readers of the syntax tree share: the author's text, the problems found, and what `this` means at a place.
 *
 * Problems are collected, so that an author sees all of them; nothing is thrown.
 */
import { templateLimits } from '../limits.ts';
import { linesOf, type Position, type Problem } from '../problem.ts';
import type { Expression } from '../steps.ts';
import type { Node } from './handlebars-syntax.ts';

export interface Reader {
  /** Of the author's text, with its dots. */
  lines: readonly string[];
  problems: Problem[];
}

/** What a frame stands for: all values, one of them, or a row of Members. */
export type Frame = 'all' | 'one' | 'row';

/** The frames, the innermost last. All values are flat, so that it is known of each name whether it exists in a frame. */
export interface Scope {
  frames: readonly Frame[];
  inLoop: boolean;
}

export function newReader(source: string): Reader {
  return { lines: linesOf(source), problems: [] };
}

/** Where a node begins in the author's text, its leading dot included. */
export function positionOf(reader: Reader, node: Node): Position {
  const { line, column } = node.loc.start;
  return { line, column: hasLeadingDot(reader, node) ? column : column + 1 };
}

/** Whether the author wrote `.name`, which is a value and never a function. */
export function hasLeadingDot(reader: Reader, node: Node): boolean {
  if (node.type !== 'PathExpression') return false;
  const { line, column } = node.loc.start;
  return reader.lines[line - 1]?.[column - 1] === '.';
}

/** Notes a problem; the tree is read in the order of the text, so the first ones are the ones to keep. */
export function refuse(reader: Reader, node: Node, message: string): void {
  if (reader.problems.length === templateLimits.problems) return;
  reader.problems.push({ ...positionOf(reader, node), message });
}

/** Stands in for an expression that was refused; its template is never filled. */
export const nothing: Expression = { kind: 'literal', value: undefined };

export function refused(reader: Reader, node: Node, message: string): Expression {
  refuse(reader, node, message);
  return nothing;
}
