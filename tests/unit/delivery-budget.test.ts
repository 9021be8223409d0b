/** What a delivery may still do: the pure decisions of callAgent, by table and by property. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeliveryError } from '../../activities/agents/delivery-error.ts';
import {
  countTry,
  type DeliveryBudget,
  decideAfter,
  holdBack,
  readBudget,
} from '../../activities/agents/limits/delivery-budget.ts';
import { type DeliveryReason, deliveryReasons } from '../../workflows/contract/outcome.ts';

const nowMs = 1_700_000_000_000;
const limits = { maxAttempts: 3, firstRetryMs: 2_000, nowMs };
const isReason = (word: string): word is DeliveryReason => word in deliveryReasons;
const reasons = Object.keys(deliveryReasons).filter(isReason);
const fresh: DeliveryBudget = { attempts: 0, throttled: 0, notBeforeMs: 0 };

const used = (attempts: number, more: Partial<DeliveryBudget> = {}): DeliveryBudget => ({
  ...fresh,
  attempts,
  ...more,
});

interface Row {
  what: string;
  /** Attempts used, the failed one counted. */
  attempts: number;
  error: DeliveryError;
  failure: object;
  budget: Partial<DeliveryBudget>;
}

const rows: Row[] = [
  {
    what: 'the first failure waits 2 s',
    attempts: 1,
    error: failed('TimedOut'),
    failure: { type: 'TimedOut', nextRetryDelay: 2_000 },
    budget: { attempts: 1, notBeforeMs: nowMs + 2_000 },
  },
  {
    what: 'the second waits 4 s',
    attempts: 2,
    error: failed('TimedOut'),
    failure: { type: 'TimedOut', nextRetryDelay: 4_000 },
    budget: { attempts: 2, notBeforeMs: nowMs + 4_000 },
  },
  {
    what: 'the third ends the delivery',
    attempts: 3,
    error: failed('AgentUnavailable'),
    failure: { type: 'DeliveryExhausted', nonRetryable: true, details: [{ reason: 'AgentUnavailable' }] },
    budget: { attempts: 3 },
  },
  {
    what: 'a longer wait of the server wins over 2 s',
    attempts: 1,
    error: failed('AgentUnavailable', 20_000),
    failure: { nextRetryDelay: 20_000 },
    budget: { attempts: 1 },
  },
  {
    what: 'a shorter one does not win over 4 s',
    attempts: 2,
    error: failed('AgentUnavailable', 1_000),
    failure: { nextRetryDelay: 4_000 },
    budget: { attempts: 2 },
  },
  {
    what: 'a rate limit gives the attempt back and waits as asked',
    attempts: 3,
    error: failed('RateLimited', 60_000),
    failure: { type: 'RateLimited', nextRetryDelay: 60_000, category: 'BENIGN' },
    budget: { attempts: 2, throttled: 1, notBeforeMs: nowMs + 60_000 },
  },
  {
    what: 'a rate limit without a wait waits 30 s',
    attempts: 1,
    error: failed('RateLimited'),
    failure: { nextRetryDelay: 30_000 },
    budget: { attempts: 0 },
  },
  {
    what: 'a rate limit never waits 0',
    attempts: 1,
    error: failed('RateLimited', 0),
    failure: { nextRetryDelay: 1_000 },
    budget: { attempts: 0 },
  },
  {
    what: 'a refusal is final at the first attempt',
    attempts: 1,
    error: failed('AgentRefused'),
    failure: { type: 'AgentRefused', nonRetryable: true },
    budget: { attempts: 1 },
  },
];

describe('decideAfter', () => {
  it.each(rows)('$what', ({ attempts, error, failure, budget }) => {
    const decided = decideAfter(error, used(attempts), limits);
    expect(decided.failure).toMatchObject(failure);
    expect(decided.failure.message).toContain(error.message);
    expect(decided.budget).toMatchObject(budget);
  });

  it('waits at most a minute between attempts however many there are', () => {
    const decided = decideAfter(failed('TimedOut'), used(40), { ...limits, maxAttempts: 100 });
    expect(decided.failure.nextRetryDelay).toBe(60_000);
  });

  it.each(reasons)('ends %s for good exactly when its kind is never', (reason) => {
    const { failure } = decideAfter(failed(reason), used(1), limits);
    expect(failure.nonRetryable === true).toBe(deliveryReasons[reason].kind === 'never');
    expect(failure.type).toBe(reason);
  });

  it('asks Temporal for a whole positive delay, or for none at all', () => {
    const failures = fc.record({
      reason: fc.constantFrom(...reasons),
      waitMs: fc.option(fc.double({ min: 0, max: 4_320_000, noNaN: true }), { nil: undefined }),
      before: fc.nat(9),
      maxAttempts: fc.integer({ min: 1, max: 10 }),
    });
    fc.assert(
      fc.property(failures, ({ reason, waitMs, before, maxAttempts }) => {
        const { budget, failure } = decideAfter(failed(reason, waitMs), countTry(used(before)), {
          ...limits,
          maxAttempts,
        });
        if (failure.nonRetryable === true) expect(failure.nextRetryDelay).toBeUndefined();
        else
          expect(failure.nextRetryDelay).toSatisfy((delayMs) => Number.isInteger(delayMs) && Number(delayMs) >= 1_000);
        expect(budget.attempts).toBe(reason === 'RateLimited' ? before : before + 1);
        expect(readBudget({ attempt: 2, heartbeatDetails: JSON.parse(JSON.stringify(budget)) })).toEqual(budget);
      }),
    );
  });
});

describe('holdBack', () => {
  const last = { reason: 'RateLimited', message: 'Too many.' };

  it('lets a try pass when nothing holds it', () => {
    expect(holdBack(fresh, limits)).toBeUndefined();
    expect(holdBack(used(2, { notBeforeMs: nowMs, last }), limits)).toBeUndefined();
  });

  it('sends back what comes too early, with the rest of the wait and the reason it waits for', () => {
    const decided = holdBack(used(1, { notBeforeMs: nowMs + 1_500.5, last }), limits)!;
    expect(decided.failure).toMatchObject({ type: 'RateLimited', nextRetryDelay: 1_501, category: 'BENIGN' });
    expect(decided.failure.message).toBe('Too many. Not tried before 2023-11-14T22:13:21.500Z.');
    expect(decided.budget).toEqual(used(1, { notBeforeMs: nowMs + 1_500.5, last }));
  });

  it('does not believe a clock that is far ahead', () => {
    expect(holdBack(used(1, { notBeforeMs: nowMs + 86_400_000, last }), limits)).toBeUndefined();
  });

  it('ends a delivery whose last attempt died with its worker', () => {
    const { failure } = holdBack(used(3), limits)!;
    expect(failure).toMatchObject({ type: 'DeliveryExhausted', nonRetryable: true, details: [{ reason: 'TimedOut' }] });
    expect(failure.message).toBe(
      'No attempt of this delivery is left (3 used). The worker stopped before an answer came.',
    );
  });

  it('ends a delivery when fewer attempts are configured than were used', () => {
    expect(holdBack(used(2, { last }), { ...limits, maxAttempts: 1 })!.failure.type).toBe('DeliveryExhausted');
  });
});

describe('readBudget', () => {
  it.each([null, 'x', 7, {}, { attempts: -1, throttled: 0, notBeforeMs: 0 }, { ...fresh, notBeforeMs: 1e300 }])(
    'starts afresh from %j',
    (details) => {
      expect(readBudget({ attempt: 2, heartbeatDetails: details })).toEqual(fresh);
    },
  );

  it('counts the attempt of a worker that stopped before its first heartbeat', () => {
    expect(readBudget({ attempt: 1, heartbeatDetails: undefined })).toEqual(fresh);
    expect(readBudget({ attempt: 2, heartbeatDetails: undefined })).toEqual(used(1));
  });
});

function failed(reason: DeliveryReason, retryAfterMs?: number): DeliveryError {
  return new DeliveryError(reason, `It failed as ${reason}.`, { retryAfterMs });
}
