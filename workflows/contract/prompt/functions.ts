/**
 * The pure functions that a template may call on a value: default, truncate, upper, lower, json.
 *
 * Called by the template reader (do the arguments make sense?) and by fillPrompt. They touch nothing and know no
 * prototype; `each`, `with`, `if`, `unless` and `lookup` are no functions and live in the interpreter.
 */
import type { AllValues } from './values.ts';

/** What an expression evaluates to; all values only where `json`, `if` or `with` may take them. */
export type Operand = string | number | boolean | null | undefined | AllValues;

interface ValueFunction {
  usage: string;
  arity: number;
  apply: (args: readonly Operand[]) => Operand;
}

export type FunctionName = 'default' | 'truncate' | 'upper' | 'lower' | 'json';

export const valueFunctions: Record<FunctionName, ValueFunction> = {
  default: {
    usage: '{{default .Container "none"}}',
    arity: 2,
    apply: ([value, fallback]) => (textOf(value) === '' ? fallback : value),
  },
  truncate: {
    usage: '{{truncate .Message 200}}',
    arity: 2,
    apply: ([value, length]) => firstCodePoints(textOf(value), Number(length)),
  },
  upper: { usage: '{{upper .Reason}}', arity: 1, apply: ([value]) => textOf(value).toUpperCase() },
  lower: { usage: '{{lower .Reason}}', arity: 1, apply: ([value]) => textOf(value).toLowerCase() },
  json: { usage: '{{json .Message}}', arity: 1, apply: ([value]) => jsonOf(value) },
};

export function isFunctionName(name: string): name is FunctionName {
  return Object.hasOwn(valueFunctions, name);
}

/** How a value is written into the prompt; nothing is escaped. */
export function textOf(value: Operand): string {
  return value === null || value === undefined || isAllValues(value) ? '' : String(value);
}

function isAllValues(value: Operand): value is AllValues {
  return value instanceof Map;
}

function firstCodePoints(text: string, count: number): string {
  let end = 0;
  for (let taken = 0; taken < count && end < text.length; taken++) {
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  }
  return text.slice(0, end);
}

function jsonOf(value: Operand): string {
  return JSON.stringify(isAllValues(value) ? Object.fromEntries(value) : (value ?? null));
}
