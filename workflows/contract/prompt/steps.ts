/**
 * The form in which a checked prompt template is kept: steps to carry out, expressions to evaluate.
 *
 * Holds only what the allow list permits, with every path resolved: a frame is what `this` means inside an `each` or `with`,
 * counted from the outermost (0, all values). It is one value, all values, or a row of Members, whose values are its fields.
 */

import type { FunctionName } from './functions.ts';
import type { Position } from './problem.ts';

export type LoopName = 'index' | 'key' | 'first' | 'last';

export type Expression =
  | { kind: 'literal'; value: string | number | boolean | null | undefined }
  | { kind: 'value'; name: string }
  | { kind: 'all' }
  | { kind: 'members' }
  | { kind: 'frame'; index: number }
  | { kind: 'row'; index: number }
  | { kind: 'field'; index: number; name: string }
  | { kind: 'loop'; name: LoopName }
  | { kind: 'lookup'; name: Expression }
  | { kind: 'call'; name: FunctionName; args: Expression[]; at: Position };

export type Step =
  | { kind: 'text'; text: string; at: Position }
  | { kind: 'print'; what: Expression; at: Position }
  | { kind: 'if'; condition: Expression; zeroIsTrue: Expression; body: Step[]; otherwise: Step[]; at: Position }
  | { kind: 'with'; what: Expression; body: Step[]; otherwise: Step[]; at: Position }
  | { kind: 'each'; over: 'all' | 'members'; body: Step[]; otherwise: Step[]; at: Position };

/** A template that was read and found good. Made only by parsePrompt. */
export interface PromptTemplate {
  readonly steps: readonly Step[];
}
