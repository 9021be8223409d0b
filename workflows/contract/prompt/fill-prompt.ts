/**
 * Carries out a checked template: values in, prompt out, within a budget of steps and characters.
 *
 * Values are data: they are copied, never read as template, and nothing is escaped. A spent budget refuses; a prompt is never
 * cut.
 */
import Handlebars from 'handlebars';
import { BudgetSpent, checkLength, evaluate, type Filling, spend } from './evaluate.ts';
import { isRows, isValueMap, type Operand, textOf } from './functions.ts';
import { defaultBudget, type PromptBudget } from './limits.ts';
import { type Problem, problemAt } from './problem.ts';
import type { Framed, PromptTemplate, Step } from './steps.ts';
import { memberValueNames, type PromptValues, promptValueNames, valueMapOf } from './values/values.ts';

const { isEmpty } = Handlebars.Utils;

export type Filled = { ok: true; text: string } | ({ ok: false } & Problem);

/** The prompt, or where and why it cannot be made. Never throws. */
export function fillPrompt(
  { source, steps }: PromptTemplate,
  values: PromptValues,
  budget: PromptBudget = defaultBudget,
): Filled {
  const frames = [valueMapOf(promptValueNames, values)];
  const members = (values.Members ?? []).map((member) => valueMapOf(memberValueNames, member));
  const loop = { index: undefined, key: undefined, first: undefined, last: undefined };
  const filling: Filling = { members, budget, steps: 0, chars: 0, parts: [], frames, loop, at: 0 };
  try {
    runSteps(filling, steps);
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error;
    return { ok: false, ...problemAt(source, { offset: filling.at, message: error.message }) };
  }
  return { ok: true, text: filling.parts.join('') };
}

function runSteps(filling: Filling, steps: readonly Step[]): void {
  for (const step of steps) {
    filling.at = step.at;
    spend(filling, 1);
    runStep(filling, step);
  }
}

function runStep(filling: Filling, step: Step): void {
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
  const value = evaluate(filling, step.what);
  return value === 0 ? Boolean(evaluate(filling, step.zeroIsTrue)) : !isEmpty(value);
}

function runWith(filling: Filling, step: Framed): void {
  const value = evaluate(filling, step.what);
  if (isEmpty(value)) return runSteps(filling, step.otherwise);
  filling.frames.push(value);
  runSteps(filling, step.body);
  filling.frames.pop();
}

function runEach(filling: Filling, step: Framed): void {
  const items = itemsOf(evaluate(filling, step.what));
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

/** As in Handlebars, the key of a row is its number. */
function itemsOf(value: Operand): (readonly [string | number, Operand])[] {
  if (isRows(value)) return value.map((row, number) => [number, row]);
  return isValueMap(value) ? [...value] : [];
}

function write(filling: Filling, text: string): void {
  filling.chars += text.length;
  checkLength(filling, filling.chars);
  filling.parts.push(text);
}
