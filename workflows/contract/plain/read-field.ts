/**
 * One field of what somebody sent: read, or refused in a sentence. Pure.
 *
 * Used by what checks answers of people.
 */
import { inertLine, inertText } from './inert-text.ts';

export type Fields = Readonly<Record<string, unknown>>;
export type Read<T> = { value: T } | { refusal: string };

/** A text that is not empty; on one line for names. */
export function readText(value: unknown, name: string, limit: number): Read<string> {
  if (typeof value !== 'string') return { refusal: `"${name}" is missing or no text.` };
  if (value.length > limit) return { refusal: `"${name}" has more than ${limit} characters.` };
  const text = inertText(value, limit).trim();
  return text === '' ? { refusal: `"${name}" is empty.` } : { value: name === 'by' ? inertLine(text, limit) : text };
}

/** What was sent, in a sentence about it. */
export function shown(value: unknown): string {
  return inertLine(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''), 80);
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
