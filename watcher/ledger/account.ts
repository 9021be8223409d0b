/**
 * The account of occurrences: how many were seen, and in which way each has ended. Pure.
 *
 * An occurrence is counted once for each Hook that listens to its type: each of them tells, or is not told, on its own.
 */
import { z } from 'zod';

const Count = z.int().min(0);

export const Account = z.object({
  seen: Count,
  started: Count,
  joined: Count,
  covered: Count,
  held: Count,
  /** Happened before the Hook or the installation did, or before the last checkpoint. */
  baseline: Count,
  /** By reason. */
  refused: z.record(z.string(), Count),
  /** Occurrences of failed incidents that were handed over once more; no part of what was seen. */
  restarted: Count,
  /** Times in which nobody watched, and their length together in seconds. */
  gaps: Count,
  gapSeconds: z.number().min(0),
});
export type Account = z.infer<typeof Account>;

export const emptyAccount: Account = {
  seen: 0,
  started: 0,
  joined: 0,
  covered: 0,
  held: 0,
  baseline: 0,
  refused: {},
  restarted: 0,
  gaps: 0,
  gapSeconds: 0,
};

/** Of everything but `seen`, `restarted` and the gaps. */
export function endedOf({ started, joined, covered, held, baseline, refused }: Account): number {
  return started + joined + covered + held + baseline + Object.values(refused).reduce((sum, n) => sum + n, 0);
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
  const reasons = new Set([...Object.keys(one.refused), ...Object.keys(other.refused)]);
  return {
    seen: of(one.seen, other.seen),
    started: of(one.started, other.started),
    joined: of(one.joined, other.joined),
    covered: of(one.covered, other.covered),
    held: of(one.held, other.held),
    baseline: of(one.baseline, other.baseline),
    refused: Object.fromEntries(
      [...reasons].toSorted().map((reason) => [reason, of(refusedFor(one, reason), refusedFor(other, reason))]),
    ),
    restarted: of(one.restarted, other.restarted),
    gaps: of(one.gaps, other.gaps),
    gapSeconds: of(one.gapSeconds, other.gapSeconds),
  };
}

/** What is written in a Lease may be called like something that every object has. */
function refusedFor({ refused }: Account, reason: string): number {
  return Object.hasOwn(refused, reason) ? (refused[reason] ?? 0) : 0;
}
