/**
 * The form in which a checked prompt template is kept: steps to carry out, expressions to evaluate.
 *
 * Holds only what the allow list permits, with every path resolved: `index` is that of a frame, which is what `this` means
 * inside an `each` or `with`, counted from the outermost (0, all values). `at` is an offset in the source.
 */

import type { FunctionName } from './functions.ts';

export type LoopName = 'index' | 'key' | 'first' | 'last';

/** What a frame stands for: all values, one of them, or a row of Members. */
export type Frame = 'all' | 'one' | 'row';

export type Expression =
  | { kind: 'literal'; value: string | number | boolean | null | undefined }
  | { kind: Frame; index: number }
  | { kind: 'value'; index: number; name: string }
  | { kind: 'members' }
  | { kind: 'loop'; name: LoopName }
  | { kind: 'lookup'; name: Expression }
  | { kind: 'call'; name: FunctionName; args: Expression[] };

export type Step =
  | { kind: 'text'; text: string; at: number }
  | { kind: 'print'; what: Expression; at: number }
  | { kind: 'if'; what: Expression; zeroIsTrue: Expression; body: Step[]; otherwise: Step[]; at: number }
  | Framed;

/** A block in which `this` means something else. */
export type Framed = { kind: 'with' | 'each'; what: Expression; body: Step[]; otherwise: Step[]; at: number };

/** A template that was read and found good. Made only by parsePrompt. */
export interface PromptTemplate {
  readonly source: string;
  readonly steps: readonly Step[];
}
