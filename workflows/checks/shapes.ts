/**
 * Plain checks of a value of which nothing is known: text, number, time, object with such fields.
 *
 * Without zod, which would be part of every workflow's bundle. Every text has a limit, because what the workflow keeps goes
 * into its memo, of which Temporal takes 2 MiB.
 */
import { messageLimit } from '../contract/plain/inert-text.ts';
import { type Fields, isObject } from '../contract/plain/read-field.ts';
import { isRfc3339 } from '../contract/plain/rfc3339.ts';

type Check = (value: unknown) => boolean;

/** Characters: more than any id, name or word that the watcher makes. */
const nameLimit = 1024;
/** More than any list that the watcher or an activity makes. */
const mostItems = 64;
/** Above all that Kubernetes counts; many of them together still are a safe integer. */
const mostTimes = 2 ** 31;

/** An object whose fields of these names are short texts. */
export function isNamed(value: unknown, ...names: string[]): value is Fields {
  return isObject(value) && names.every((name) => isText(field(value, name)));
}

/** All fields of a table are as it says; those that it does not name are not looked at. */
export function fits(value: unknown, table: Readonly<Record<string, Check>>): value is Fields {
  return isObject(value) && Object.entries(table).every(([name, check]) => check(field(value, name)));
}

/** Its own: a field that every object has is none of those that were sent. */
function field(value: Fields, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

export function isListOf(value: unknown, isOne: Check): boolean {
  return Array.isArray(value) && value.length <= mostItems && value.every(isOne);
}

export const maybe =
  (isOne: Check): Check =>
  (value) =>
    value === undefined || isOne(value);

export function isText(value: unknown): value is string {
  return isTextWithin(value, nameLimit);
}

export function isMessage(value: unknown): value is string {
  return isTextWithin(value, messageLimit);
}

export function isTextWithin(value: unknown, limit: number): value is string {
  return typeof value === 'string' && value.length <= limit;
}

export function isTime(value: unknown): boolean {
  return isText(value) && isRfc3339(value);
}

export function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Whole, and never negative. */
export function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** How often something happened, as one message may say it. */
export function isTimes(value: unknown): boolean {
  return isCount(value) && Number(value) <= mostTimes;
}
