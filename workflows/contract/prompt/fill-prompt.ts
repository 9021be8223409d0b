/**
 * Carries out a checked template: values in, prompt out, within a budget of steps and characters.
 *
 * Values are data: they are copied, never read as template, and nothing is escaped. A spent budget refuses; a prompt is never
 * cut.
 */
import Handlebars from 'handlebars';
import { isValueMap, type Operand, type Rows, textOf, valueFunctions } from './functions.ts';
import { defaultBudget, type PromptBudget } from './limits.ts';
import type { Position } from './problem.ts';
import type { Expression, LoopName, PromptTemplate, Step } from './steps.ts';
import { memberValueNames, type PromptValues, promptValueNames, type ValueMap, valueMapOf } from './values/values.ts';

const { isEmpty } = Handlebars.Utils;

export type Filled = { ok: true; text: string } | ({ ok: false; message: string } & Position);

/** Characters made by a function that cost as much as evaluating a node. */
const charsPerStep = 64;

interface Run {
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

/** Ends a run; caught in fillPrompt. */
class Refusal extends Error {
  readonly at: Position;
  constructor(at: Position, message: string) {
    super(message);
    this.at = at;
  }
}

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
  const run: Run = { all, members, budget, steps: 0, chars: 0, parts: [], frames: [all], loop, at };
  try {
    runSteps(run, template.steps);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, ...error.at, message: error.message };
  }
  return { ok: true, text: run.parts.join('') };
}

function runSteps(run: Run, steps: readonly Step[]): void {
  for (const step of steps) {
    run.at = step.at;
    runStep(run, step);
  }
}

function runStep(run: Run, step: Step): void {
  spend(run, 1);
  switch (step.kind) {
    case 'text':
      return write(run, step.text);
    case 'print':
      return write(run, textOf(evaluate(run, step.what)));
    case 'if':
      return runSteps(run, isTrue(run, step) ? step.body : step.otherwise);
    case 'with':
      return runWith(run, step);
    case 'each':
      return runEach(run, step);
  }
}

/** As in Handlebars: what is empty is false, and zero unless `includeZero` makes it true. */
function isTrue(run: Run, step: Extract<Step, { kind: 'if' }>): boolean {
  const value = evaluate(run, step.condition);
  return value === 0 ? Boolean(evaluate(run, step.zeroIsTrue)) : !isEmpty(value);
}

function runWith(run: Run, step: Extract<Step, { kind: 'with' }>): void {
  const value = evaluate(run, step.what);
  if (isEmpty(value)) return runSteps(run, step.otherwise);
  run.frames.push(value);
  runSteps(run, step.body);
  run.frames.pop();
}

function runEach(run: Run, step: Extract<Step, { kind: 'each' }>): void {
  // As in Handlebars, the key of a row is its number.
  const items: (readonly [string | number, Operand])[] =
    step.over === 'all' ? [...run.all] : run.members.map((row, number) => [number, row]);
  if (items.length === 0) return runSteps(run, step.otherwise);
  const outer = run.loop;
  for (const [index, [key, value]] of items.entries()) {
    run.at = step.at;
    spend(run, 1);
    run.loop = { index, key, first: index === 0, last: index === items.length - 1 };
    run.frames.push(value);
    runSteps(run, step.body);
    run.frames.pop();
  }
  run.loop = outer;
}

function evaluate(run: Run, expression: Expression): Operand {
  spend(run, 1);
  if ('index' in expression) return inFrame(run, expression);
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'value':
      return run.all.get(expression.name);
    case 'all':
      return run.all;
    case 'members':
      return run.members;
    case 'loop':
      return run.loop[expression.name];
    case 'lookup':
      return run.all.get(textOf(evaluate(run, expression.name)));
    case 'call':
      return call(run, expression);
  }
}

/** What `this` means in a block, or a value of the row that it is. */
function inFrame(run: Run, expression: Extract<Expression, { index: number }>): Operand {
  const frame = run.frames[expression.index];
  if (expression.kind !== 'field') return frame;
  return isValueMap(frame) ? frame.get(expression.name) : undefined;
}

function call(run: Run, { name, args, at }: Extract<Expression, { kind: 'call' }>): Operand {
  const operands = args.map((arg) => evaluate(run, arg));
  const result = valueFunctions[name].apply(operands);
  if (typeof result === 'string') {
    if (result.length > run.budget.maxOutputChars) refuse(at, tooLong(run));
    spend(run, Math.ceil(result.length / charsPerStep));
  }
  return result;
}

function write(run: Run, text: string): void {
  run.chars += text.length;
  if (run.chars > run.budget.maxOutputChars) refuse(run.at, tooLong(run));
  run.parts.push(text);
}

function spend(run: Run, steps: number): void {
  run.steps += steps;
  if (run.steps > run.budget.maxSteps) {
    refuse(run.at, `The prompt takes more than ${run.budget.maxSteps} steps to make; nest fewer {{#each}} blocks.`);
  }
}

function tooLong(run: Run): string {
  return `The prompt gets longer than ${run.budget.maxOutputChars} characters; shorten values with {{truncate .Message 1000}}.`;
}

function refuse(at: Position, message: string): never {
  throw new Refusal(at, message);
}
