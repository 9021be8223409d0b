/**
 * Evaluates an expression of a checked template, within the budget of the prompt that is being filled.
 *
 * Evaluating a node costs a step, and so do some characters that a function makes; a spent budget throws.
 */
import { isValueMap, type Operand, type Rows, textOf, valueFunctions } from './functions.ts';
import type { PromptBudget } from './limits.ts';
import type { Position } from './problem.ts';
import type { Expression, LoopName } from './steps.ts';
import type { ValueMap } from './values/values.ts';

/** Characters made by a function that cost as much as evaluating a node. */
const charsPerStep = 64;

/** A prompt that is being filled. */
export interface Filling {
  all: ValueMap;
  members: Rows;
  budget: PromptBudget;
  steps: number;
  chars: number;
  parts: string[];
  /** What `this` means, the innermost last. */
  frames: Operand[];
  loop: Record<LoopName, Operand>;
  /** Where the step at work stands. */
  at: Position;
}

export class BudgetSpent extends Error {
  readonly at: Position;
  constructor(at: Position, message: string) {
    super(message);
    this.at = at;
  }
}

export function evaluate(filling: Filling, expression: Expression): Operand {
  spend(filling, 1);
  if ('index' in expression) return inFrame(filling, expression);
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'value':
      return filling.all.get(expression.name);
    case 'all':
      return filling.all;
    case 'members':
      return filling.members;
    case 'loop':
      return filling.loop[expression.name];
    case 'lookup':
      return filling.all.get(textOf(evaluate(filling, expression.name)));
    case 'call':
      return call(filling, expression);
  }
}

/** What `this` means in a block, or a value of the row that it is. */
function inFrame(filling: Filling, expression: Extract<Expression, { index: number }>): Operand {
  const frame = filling.frames[expression.index];
  if (expression.kind !== 'field') return frame;
  return isValueMap(frame) ? frame.get(expression.name) : undefined;
}

function call(filling: Filling, { name, args, at }: Extract<Expression, { kind: 'call' }>): Operand {
  const operands = args.map((arg) => evaluate(filling, arg));
  const result = valueFunctions[name].apply(operands);
  if (typeof result === 'string') {
    checkLength(filling, result.length, at);
    spend(filling, Math.ceil(result.length / charsPerStep));
  }
  return result;
}

export function spend(filling: Filling, steps: number): void {
  filling.steps += steps;
  const { maxSteps } = filling.budget;
  if (filling.steps > maxSteps)
    throw new BudgetSpent(
      filling.at,
      `The prompt takes more than ${maxSteps} steps to make; nest fewer {{#each}} blocks.`,
    );
}

export function checkLength({ budget }: Filling, chars: number, at: Position): void {
  const { maxOutputChars } = budget;
  if (chars > maxOutputChars)
    throw new BudgetSpent(
      at,
      `The prompt gets longer than ${maxOutputChars} characters; shorten values with {{truncate .Message 1000}}.`,
    );
}
