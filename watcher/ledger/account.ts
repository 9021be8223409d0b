/**
 * The account of occurrences: how many were seen, and in which way each has ended. Pure.
 *
 * An occurrence is counted once for each Hook that listens to its type: for each of them it ends on its own.
 */
import { z } from 'zod';

const Count = z.int().min(0).default(0);

/** Every ending but a refusal, with what it means; the words of the printed ledger, of metrics and of logs. */
const Ended = z.object({
  started: Count.describe('It has started an execution.'),
  joined: Count.describe('It has joined an execution.'),
  'already-handled': Count.describe('An execution that has ended knew it.'),
  'incident-failed': Count.describe('Its incident has failed, and is started again when the reason of that is gone.'),
  'too-old': Count.describe('It happened before the Hook, the installation or the last checkpoint.'),
});
export type Ending = keyof z.infer<typeof Ended>;
export const endings = Ended.keyof().options;

const Counts = Ended.extend({
  seen: Count,
  /** Occurrences of failed incidents that were handed over once more; no part of what was seen. */
  restarted: Count,
  /** Times in which nobody watched, and their length together in seconds. */
  gaps: Count,
  gapSeconds: z.number().min(0).default(0),
});
const countNames = Counts.keyof().options;

export const Account = Counts.extend({
  refused: z
    .record(z.string(), z.int().min(0))
    .default({})
    .describe('It was not handed over, for a reason that is counted beside it.'),
});
export type Account = z.infer<typeof Account>;

export const emptyAccount: Account = Account.parse({});

export function refusalsOf({ refused }: Account): number {
  return Object.values(refused).reduce((sum, count) => sum + count, 0);
}

export function endedOf(account: Account): number {
  return endings.reduce((sum, ending) => sum + account[ending], refusalsOf(account));
}

/** What is not accounted for; 0, or something is wrong. */
export function differenceOf(account: Account, waiting: number): number {
  return account.seen - endedOf(account) - waiting;
}

export function sumOf(accounts: readonly Account[]): Account {
  return accounts.reduce((sum, one) => combine(sum, one, (a, b) => a + b), emptyAccount);
}

/** What came after `earlier`; never below 0. */
export function minus(account: Account, earlier: Account): Account {
  return combine(account, earlier, (a, b) => Math.max(0, a - b));
}

function combine(one: Account, other: Account, of: (a: number, b: number) => number): Account {
  const counts = countNames.map((name) => [name, of(one[name], other[name])]);
  const reasons = new Set([...Object.keys(one.refused), ...Object.keys(other.refused)]);
  const refused = [...reasons]
    .toSorted()
    .map((reason) => [reason, of(refusedFor(one, reason), refusedFor(other, reason))] as const);
  return { ...Counts.parse(Object.fromEntries(counts)), refused: Object.fromEntries(refused) };
}

/** A reason that is read from a Lease may be called like something that every object has. */
function refusedFor({ refused }: Account, reason: string): number {
  return Object.hasOwn(refused, reason) ? (refused[reason] ?? 0) : 0;
}
