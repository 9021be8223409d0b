/** How long a server wants to be left alone: the pure function, by table and by property. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortStatus } from '../../activities/agents/a2a/sort-fault.ts';
import { retryAfterMs } from '../../activities/agents/http/sort-status.ts';

const nowMs = Date.parse('2026-11-20T10:00:00Z');

describe('retryAfterMs after a 429', () => {
  it.each<[string, { body?: unknown; header?: string | null }, number]>([
    ['seconds of the body', { body: 60 }, 60_000],
    ['fractions of a second', { body: 1.5 }, 1_500],
    ['a numeric text in the body', { body: '60' }, 60_000],
    ['seconds of the header', { header: '7' }, 7_000],
    ['the body before the header', { body: 5, header: '60' }, 5_000],
    ['the header where the body is absurd', { body: -1, header: '60' }, 60_000],
    ['a date of the header', { header: 'Fri, 20 Nov 2026 10:02:00 GMT' }, 120_000],
    ['a date in the old long form', { header: 'Friday, 20-Nov-26 10:02:00 GMT' }, 120_000],
    ['one second for a date just past', { header: 'Fri, 20 Nov 2026 09:59:00 GMT' }, 1_000],
    ['one second for zero', { body: 0 }, 1_000],
    ['one second for less than one', { body: 0.01 }, 1_000],
    ['one hour for a day', { body: 86_400 }, 3_600_000],
    ['the default when nothing was said', {}, 30_000],
    ['the default for an empty header', { header: '' }, 30_000],
    ['the default for a missing header', { header: null }, 30_000],
    ['the default for words', { body: 'soon', header: 'later' }, 30_000],
    ['the default for a negative number', { body: -5 }, 30_000],
    ['the default for a negative header', { header: '-5' }, 30_000],
    ['the default for NaN', { body: Number.NaN }, 30_000],
    ['the default for infinity', { body: Number.POSITIVE_INFINITY }, 30_000],
    ['the default for a time stamp taken for seconds', { body: nowMs / 1000 }, 30_000],
    ['the default for digits without end', { header: '9'.repeat(400) }, 30_000],
    ['the default for a date years ahead', { header: 'Wed, 20 Nov 2030 10:00:00 GMT' }, 30_000],
    ['the default for a date long past', { header: 'Thu, 01 Jan 1970 00:00:00 GMT' }, 30_000],
    ['the default for a date that is none', { header: 'Fri, 99 Foo 2026 10:02:00 GMT' }, 30_000],
    ['the default for an object', { body: { seconds: 5 } }, 30_000],
  ])('takes %s', (_, said, expected) => {
    expect(retryAfterMs('RateLimited', { ...said, nowMs, jitter: 0 })).toBe(expected);
  });

  it('adds the jitter after the limit, so that the longest waits differ too', () => {
    expect(retryAfterMs('RateLimited', { body: 86_400, nowMs, jitter: 0.2 })).toBe(4_320_000);
    expect(retryAfterMs('RateLimited', { nowMs, jitter: 0.1 })).toBe(33_000);
  });

  it('gives whole milliseconds between 1 s and 72 min whatever was said', () => {
    const said = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.jsonValue(), fc.date().map(String));
    const header = fc.oneof(fc.constant(null), fc.string(), fc.integer().map(String), validDate());
    fc.assert(
      fc.property(said, header, fc.double({ min: 0, max: 0.2, noNaN: true }), (body, headerText, jitter) => {
        const waitMs = retryAfterMs('RateLimited', { body, header: headerText, nowMs, jitter });
        expect(Number.isInteger(waitMs)).toBe(true);
        expect(waitMs).toBeGreaterThanOrEqual(1_000);
        expect(waitMs).toBeLessThanOrEqual(4_320_000);
      }),
    );
  });
});

describe('retryAfterMs after anything but a 429', () => {
  it('says nothing where the server said nothing usable', () => {
    expect(retryAfterMs('AgentUnavailable', { nowMs, jitter: 0 })).toBeUndefined();
    expect(retryAfterMs('AgentUnavailable', { body: 'soon', header: 'later', nowMs, jitter: 0 })).toBeUndefined();
    expect(retryAfterMs('AgentUnavailable', { header: '9', nowMs, jitter: 0 })).toBe(9_000);
  });
});

it('a wait that a server names with 425 or 408 holds over A2A, too', () => {
  const found = (status: number) => sortStatus({ status, retryAfter: '9' }, { nowMs, jitter: 0 });
  expect(found(425)).toEqual({ reason: 'AgentUnavailable', retryAfterMs: 9_000, mayHaveStarted: false });
  expect(found(408)).toEqual({ reason: 'TimedOut', retryAfterMs: 9_000, mayHaveStarted: false });
});

function validDate(): fc.Arbitrary<string> {
  return fc.date({ noInvalidDate: true }).map((date) => date.toUTCString());
}
