/**
 * Carries out a checked template: values in, prompt out, within a budget of steps and characters.
 *
 * Values are data: they are copied, never read as template, and nothing is escaped. A spent budget refuses; a prompt is never
 * cut.
 */
import Handlebars from 'handlebars';
import { BudgetSpent, checkLength, evaluate, type Filling, spend } from './evaluate.ts';
import { type Operand, textOf } from './functions.ts';
import { defaultBudget, type PromptBudget } from './limits.ts';
import type { Position } from './problem.ts';
import type { PromptTemplate, Step } from './steps.ts';
import { memberValueNames, type PromptValues, promptValueNames, valueMapOf } from './values/values.ts';

const { isEmpty } = Handlebars.Utils;

export type Filled = { ok: true; text: string } | ({ ok: false; message: string } & Position);

/** The prompt, or where and why it cannot be made. Never throws. */
export function fillPrompt(
  template: PromptTemplate,
  values: PromptValues,
  budget: PromptBudget = defaultBudget,
): Filled {
  const all = valueMapOf(promptValueNames, values);
  const members = (values.Members ?? []).map((member) => valueMapOf(memberValueNames, member));
  const loop = { index: undefined, key: undefined, first: undefined, last: undefined };
  const at = { line: 1, column: 1 };
  const filling: Filling = { all, members, budget, steps: 0, chars: 0, parts: [], frames: [all], loop, at };
  try {
    runSteps(filling, template.steps);
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error;
    return { ok: false, ...error.at, message: error.message };
  }
  return { ok: true, text: filling.parts.join('') };
}

function runSteps(filling: Filling, steps: readonly Step[]): void {
  for (const step of steps) {
    filling.at = step.at;
    runStep(filling, step);
  }
}

function runStep(filling: Filling, step: Step): void {
  spend(filling, 1);
  switch (step.kind) {
    case 'text':
      return write(filling, step.text);
    case 'print':
      return write(filling, textOf(evaluate(filling, step.what)));
    case 'if':
      return runSteps(filling, isTrue(filling, step) ? step.body : step.otherwise);
    case 'with':
      return runWith(filling, step);
    case 'each':
      return runEach(filling, step);
  }
}

/** As in Handlebars: what is empty is false, and zero unless `includeZero` makes it true. */
function isTrue(filling: Filling, step: Extract<Step, { kind: 'if' }>): boolean {
  const value = evaluate(filling, step.condition);
  return value === 0 ? Boolean(evaluate(filling, step.zeroIsTrue)) : !isEmpty(value);
}

function runWith(filling: Filling, step: Extract<Step, { kind: 'with' }>): void {
  const value = evaluate(filling, step.what);
  if (isEmpty(value)) return runSteps(filling, step.otherwise);
  filling.frames.push(value);
  runSteps(filling, step.body);
  filling.frames.pop();
}

function runEach(filling: Filling, step: Extract<Step, { kind: 'each' }>): void {
  // As in Handlebars, the key of a row is its number.
  const items: (readonly [string | number, Operand])[] =
    step.over === 'all' ? [...filling.all] : filling.members.map((row, number) => [number, row]);
  if (items.length === 0) return runSteps(filling, step.otherwise);
  const outer = filling.loop;
  for (const [index, [key, value]] of items.entries()) {
    filling.at = step.at;
    spend(filling, 1);
    filling.loop = { index, key, first: index === 0, last: index === items.length - 1 };
    filling.frames.push(value);
    runSteps(filling, step.body);
    filling.frames.pop();
  }
  filling.loop = outer;
}

function write(filling: Filling, text: string): void {
  filling.chars += text.length;
  checkLength(filling, filling.chars, filling.at);
  filling.parts.push(text);
}
