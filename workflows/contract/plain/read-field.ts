/**
 * One field of what somebody sent: read, or refused in a sentence.
 *
 * A refusal is thrown, and caught where the whole is read.
 */
import { inertLine, inertText } from './inert-text.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Its message says what is wrong. */
export class Refusal extends Error {}

export function refuse(why: string): never {
  throw new Refusal(why);
}

/** A text that is not empty; on one line for names. */
export function readText(value: unknown, name: string, limit: number): string {
  if (typeof value !== 'string') refuse(`"${name}" is missing or no text.`);
  if (value.length > limit) refuse(`"${name}" has more than ${limit} characters.`);
  const text = inertText(value, limit).trim();
  if (text === '') refuse(`"${name}" is empty.`);
  return name === 'by' ? inertLine(text, limit) : text;
}

/** What was sent, in a sentence about it. */
export function shown(value: unknown): string {
  return inertLine(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''), 80);
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
