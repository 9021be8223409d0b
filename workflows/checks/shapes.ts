/**
 * Plain checks of a value of which nothing is known: text, number, time, object with such fields.
 *
 * Without zod, which would be part of every workflow's bundle. Every text has a limit, because what the workflow keeps goes
 * into its memo, of which Temporal takes 2 MiB.
 */
import { messageLimit } from '../contract/plain/inert-text.ts';
import { isObject } from '../contract/plain/read-field.ts';
import { isRfc3339 } from '../contract/plain/rfc3339.ts';

type Check = (value: unknown) => boolean;

/** Characters: more than any id, name or word that the watcher makes. */
const nameLimit = 1024;
/** More than any list that the watcher or an activity makes. */
const mostItems = 64;
/** Above all that Kubernetes counts; many of them together still are a safe integer. */
const mostTimes = 2 ** 31;

/** All fields of a table are as it says; those that it does not name are not looked at, nor what every object has. */
export const objectOf =
  <T>(table: Readonly<Record<string, Check>>) =>
  (value: unknown): value is T =>
    isObject(value) &&
    Object.entries(table).every(([name, check]) => check(Object.hasOwn(value, name) ? value[name] : undefined));

export const listOf =
  (isOne: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length <= mostItems && value.every(isOne);

export const maybe =
  (isOne: Check): Check =>
  (value) =>
    value === undefined || isOne(value);

export const textWithin =
  (limit: number): Check =>
  (value) =>
    typeof value === 'string' && value.length <= limit;

export const isText = textWithin(nameLimit);
export const isMessage = textWithin(messageLimit);

export const isTime: Check = (value) => typeof value === 'string' && isRfc3339(value);

export const isNumber: Check = Number.isFinite;

/** Whole, and never negative. */
export const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;

/** How often something happened, as one message may say it. */
export const isTimes: Check = (value) => isCount(value) && Number(value) <= mostTimes;
