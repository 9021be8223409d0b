/**
 * The pure functions that a template may call on a value: default, truncate, upper, lower, json, blockquote.
 *
 * They touch nothing and know no prototype. Blocks and `lookup` are no functions: fill-prompt.ts and evaluate.ts have them.
 */
import { blockquoteOf } from '../plain/inert-text.ts';
import type { ValueMap } from './values/values.ts';

/** The rows of Members. */
export type Rows = readonly ValueMap[];

/** What an expression evaluates to; several values only where `json`, `if`, `each` or `with` takes them. */
export type Operand = string | number | boolean | null | undefined | ValueMap | Rows;

export const valueFunctions = {
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
  blockquote: { usage: '{{blockquote .Message}}', arity: 1, apply: ([value]) => blockquoteOf(textOf(value)) },
} satisfies Record<string, { usage: string; arity: number; apply: (args: readonly Operand[]) => Operand }>;
export type FunctionName = keyof typeof valueFunctions;

export function isFunctionName(name: string): name is FunctionName {
  return Object.hasOwn(valueFunctions, name);
}

/** How a value is written into the prompt; nothing is escaped. */
export function textOf(value: Operand): string {
  return value === null || value === undefined || isValueMap(value) || isRows(value) ? '' : String(value);
}

export function isRows(value: Operand): value is Rows {
  return Array.isArray(value);
}

export function isValueMap(value: Operand): value is ValueMap {
  return value instanceof Map;
}

function firstCodePoints(text: string, count: number): string {
  // None has more than two units.
  return Array.from(text.slice(0, 2 * count))
    .slice(0, count)
    .join('');
}

function jsonOf(value: Operand): string {
  if (isRows(value)) return JSON.stringify(value.map((row) => Object.fromEntries(row)));
  return JSON.stringify(isValueMap(value) ? Object.fromEntries(value) : (value ?? null));
}
