/**
 * What a delivery may still do, and what its activity throws after a failed try.
 *
 * Pure. Temporal's own attempt number cannot be the budget, because it counts rate-limited tries too; so the budget travels
 * from attempt to attempt in the heartbeat details.
 */
import type { Info } from '@temporalio/activity';
import { ApplicationFailureCategory, type ApplicationFailureOptions } from '@temporalio/common';
import { z } from 'zod';
import {
  type DeliveryReason,
  deliveryReasons,
  type FailureReason,
  type WaitReason,
  waitReasons,
} from '../../../workflows/contract/outcome.ts';
import type { DeliveryError } from '../delivery-error.ts';

const Failed = z.object({ reason: z.string(), message: z.string() });
type Failed = z.infer<typeof Failed>;

/** The heartbeat details of `callAgent`. */
export const DeliveryBudget = z.object({
  /** Tries that count; the one under way is counted before it is sent. */
  attempts: z.int().min(0),
  /** Tries that the server turned away with 429; they do not count. */
  throttled: z.int().min(0),
  /** Tries of either kind after which it is certain that nothing was started. */
  certain: z.int().min(0).optional(),
  /** Milliseconds since 1970: no try before this. */
  notBeforeMs: z.number().min(0).max(8.64e15), // the last moment that a Date can hold
  /** How the last try failed. */
  last: Failed.optional(),
});
export type DeliveryBudget = z.infer<typeof DeliveryBudget>;

export interface DeliveryLimits {
  maxAttempts: number;
  /** Wait after the first failed try; doubles with each further one. */
  firstRetryMs: number;
  nowMs: number;
}

/** Options of the failure to throw, the delay in milliseconds. */
type Failure = Omit<ApplicationFailureOptions, 'nextRetryDelay'> & { nextRetryDelay?: number };

/** What to keep for the next attempt, and what to throw. */
export interface TryOutcome {
  budget: DeliveryBudget;
  failure: Failure;
}

/** The back-off of the specification has three attempts; with more configured it must not grow without end. */
const longestRetryMs = 60_000;
/** Temporal takes a delay of 0 for "do not retry". */
const leastThrottleMs = 1_000;
/** Where an adapter names no wait. */
export const defaultThrottleMs = 30_000;

/** No wait is longer, so a `notBeforeMs` beyond it was written by a worker whose clock disagrees. */
const longestHoldMs = 2 * 3_600_000;

/** A worker that dies during a try leaves no word of it. */
const unknownFailure: { reason: DeliveryReason; message: string } = {
  reason: 'TimedOut',
  message: 'The worker stopped before an answer came.',
};

/**
 * Reads heartbeat details; a delivery whose details cannot be read starts with a full budget (its key stays the same).
 * A first try leaves none when its worker stops before the first heartbeat: it has used its attempt.
 */
export function readBudget(info: Pick<Info, 'attempt' | 'heartbeatDetails'>): DeliveryBudget {
  const attempts = info.attempt > 1 && info.heartbeatDetails === undefined ? 1 : 0;
  return DeliveryBudget.safeParse(info.heartbeatDetails).data ?? { attempts, throttled: 0, notBeforeMs: 0 };
}

/** The budget while a try is under way, so that a worker that is killed has used its attempt. */
export function countTry(budget: DeliveryBudget): DeliveryBudget {
  return { ...budget, attempts: budget.attempts + 1 };
}

/** Whether an earlier try may have started a run: one failed and left it open, or a worker died in it. */
export function mayHaveStarted({ attempts, throttled, certain = 0 }: DeliveryBudget): boolean {
  return attempts + throttled > certain;
}

/** Why no try may be made now, if so: none is left, or Temporal came back before the wait was over. */
export function holdBack(budget: DeliveryBudget, limits: DeliveryLimits): TryOutcome | undefined {
  if (budget.attempts >= limits.maxAttempts) return { budget, failure: exhaustedBy(budget) };
  const remainingMs = Math.ceil(budget.notBeforeMs - limits.nowMs);
  if (remainingMs <= 0 || remainingMs > longestHoldMs) return undefined;
  const { reason, message } = budget.last ?? unknownFailure;
  const held = { reason, message: `${message} Not tried before ${new Date(budget.notBeforeMs).toISOString()}.` };
  return { budget, failure: again(held, remainingMs, true) };
}

/** Held by the gate that all calls of a worker share: nothing was sent and nothing is used up. */
export function holdForOthers(budget: DeliveryBudget, waitMs: number, nowMs: number): TryOutcome {
  const at = new Date(nowMs + waitMs).toISOString();
  const message = `Another call was rate-limited, and the server wants fewer of them. Not tried before ${at}.`;
  return { budget, failure: again({ reason: 'RateLimited', message }, Math.max(1, Math.ceil(waitMs)), true) };
}

/** What an activity throws whose namespace has its share of the slots: nothing was sent and nothing is used up. */
export function busyNamespace(waitMs: number): Failure {
  return again({ reason: 'NamespaceBusy' satisfies WaitReason, message: waitReasons.NamespaceBusy }, waitMs, true);
}

/** What follows from a failed try. `budget` already counts it. */
export function decideAfter(error: DeliveryError, budget: DeliveryBudget, limits: DeliveryLimits): TryOutcome {
  const { reason, message, retryAfterMs } = error;
  const isCertain = !error.mayHaveStarted;
  const failed = { ...budget, last: { reason, message }, ...(isCertain && { certain: (budget.certain ?? 0) + 1 }) };
  if (deliveryReasons[reason].kind === 'never') {
    return { budget: failed, failure: { message, type: reason, nonRetryable: true } };
  }
  if (reason === 'RateLimited') {
    const waitMs = Math.max(leastThrottleMs, retryAfterMs ?? defaultThrottleMs);
    const throttled = { ...failed, attempts: budget.attempts - 1, throttled: budget.throttled + 1 };
    return retryIn(waitMs, throttled, limits);
  }
  if (budget.attempts >= limits.maxAttempts) return { budget: failed, failure: exhaustedBy(failed) };
  const backoffMs = Math.min(limits.firstRetryMs * 2 ** (budget.attempts - 1), longestRetryMs);
  return retryIn(Math.max(backoffMs, retryAfterMs ?? 0), failed, limits);
}

function retryIn(waitMs: number, budget: DeliveryBudget, { nowMs }: DeliveryLimits): TryOutcome {
  const { last = unknownFailure } = budget;
  const delayMs = Math.ceil(waitMs);
  const failure = again(last, delayMs, last.reason === 'RateLimited');
  return { budget: { ...budget, notBeforeMs: nowMs + delayMs }, failure };
}

function again({ reason, message }: Failed, nextRetryDelay: number, isExpected: boolean): Failure {
  return { message, type: reason, nextRetryDelay, ...(isExpected && { category: ApplicationFailureCategory.BENIGN }) };
}

function exhaustedBy(budget: DeliveryBudget): Failure {
  const { attempts, last = unknownFailure } = budget;
  const message = `No attempt of this delivery is left (${attempts} used). ${last.message}`;
  const details = [{ reason: last.reason, ...(!mayHaveStarted(budget) && { mayHaveStarted: false }) }];
  return { message, type: 'DeliveryExhausted' satisfies FailureReason, nonRetryable: true, details };
}
