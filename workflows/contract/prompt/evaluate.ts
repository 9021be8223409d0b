/**
 * Evaluates an expression of a checked template, within the budget of the prompt that is being filled.
 *
 * Evaluating a node costs a step, and so do some characters that a function makes; a spent budget throws.
 */
import { isValueMap, type Operand, type Rows, textOf, valueFunctions } from './functions.ts';
import type { PromptBudget } from './limits.ts';
import type { Expression, LoopName } from './steps.ts';

/** Characters made by a function that cost as much as evaluating a node. */
const charsPerStep = 64;

export interface Filling {
  members: Rows;
  budget: PromptBudget;
  steps: number;
  chars: number;
  parts: string[];
  /** What `this` means, the innermost last; the first has all values. */
  frames: Operand[];
  loop: Record<LoopName, Operand>;
  /** Where the step at work stands. */
  at: number;
}

export class BudgetSpent extends Error {}

export function evaluate(filling: Filling, expression: Expression): Operand {
  spend(filling, 1);
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'all':
    case 'one':
    case 'row':
      return filling.frames[expression.index];
    case 'value':
      return valueOf(filling.frames[expression.index], expression.name);
    case 'members':
      return filling.members;
    case 'loop':
      return filling.loop[expression.name];
    case 'lookup':
      return valueOf(filling.frames[0], textOf(evaluate(filling, expression.name)));
    case 'call':
      return call(filling, expression);
  }
}

function valueOf(frame: Operand, name: string): Operand {
  return isValueMap(frame) ? frame.get(name) : undefined;
}

function call(filling: Filling, { name, args }: Extract<Expression, { kind: 'call' }>): Operand {
  const result = valueFunctions[name].apply(args.map((arg) => evaluate(filling, arg)));
  if (typeof result === 'string') {
    checkLength(filling, result.length);
    spend(filling, Math.ceil(result.length / charsPerStep));
  }
  return result;
}

export function spend(filling: Filling, steps: number): void {
  filling.steps += steps;
  const { maxSteps } = filling.budget;
  if (filling.steps > maxSteps)
    throw new BudgetSpent(`The prompt takes more than ${maxSteps} steps to make; nest fewer {{#each}} blocks.`);
}

export function checkLength({ budget: { maxOutputChars } }: Filling, chars: number): void {
  if (chars > maxOutputChars)
    throw new BudgetSpent(
      `The prompt gets longer than ${maxOutputChars} characters; shorten values with {{truncate .Message 1000}}.`,
    );
}
