/**
 * What the readers of the syntax tree know at a place: the author's text, the problems found, and what `this` means there.
 *
 * Problems are collected, so that an author sees all of them; nothing is thrown.
 */
import { lineStartsOf, type OffsetProblem } from '../problem.ts';
import type { Expression, Frame } from '../steps.ts';
import type { Node } from './handlebars-syntax.ts';

export interface Reader {
  /** The author's text, with its dots. */
  source: string;
  lineStarts: readonly number[];
  problems: OffsetProblem[];
  /** The innermost last. All values are flat, so that it is known of each name whether it exists in a frame. */
  frames: readonly Frame[];
  inLoop: boolean;
}

export function newReader(source: string): Reader {
  return { source, lineStarts: lineStartsOf(source), problems: [], frames: ['all'], inLoop: false };
}

/** Where a node begins in the author's text, its leading dot included. */
export function offsetOf(reader: Reader, node: Node): number {
  const { line, column } = node.loc.start;
  const offset = (reader.lineStarts[line - 1] ?? 0) + column;
  return node.type === 'PathExpression' && reader.source[offset - 1] === '.' ? offset - 1 : offset;
}

export function refuse(reader: Reader, node: Node, message: string): void {
  reader.problems.push({ offset: offsetOf(reader, node), message });
}

/** Stands in for an expression that was refused; its template is never filled. */
export const nothing: Expression = { kind: 'literal', value: undefined };

export function refused(reader: Reader, node: Node, message: string): Expression {
  refuse(reader, node, message);
  return nothing;
}
