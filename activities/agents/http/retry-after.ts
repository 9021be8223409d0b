/**
 * How long a server wants to be left alone: from `retry_after` of its body or from its header `Retry-After`.
 *
 * Pure: the clock and the jitter are inputs.
 */

/** Temporal takes a delay of 0 for "do not retry", and a date of the server may lie in the past of our clock. */
const leastMs = 1_000;
/** An incident is asked about today: longer waits are tried anew after an hour, and the server may say it again. */
const mostMs = 3_600_000;
/** Where the server says nothing usable: half of the minute that the specification shows as an example. */
const defaultMs = 30_000;
/** Beyond a year it was not a wait, but a time stamp or a mistake. */
const absurdMs = 365 * 24 * 3_600_000;

export interface RetryAfter {
  /** `retry_after` of the body, seconds, unparsed. Goes before the header. */
  body?: unknown;
  /** The header `Retry-After`: seconds or an HTTP date. */
  header?: string | null;
  nowMs: number;
  /** A share to add, 0 to 0.2, so that many workers do not come back at once. */
  jitter: number;
}

/** Milliseconds to wait after 429: 1 s to 1 h and the jitter; 30 s where the server said nothing usable. */
export function retryAfterMs(asked: RetryAfter): number {
  return withJitter(requestedMs(asked) ?? defaultMs, asked.jitter);
}

/** The same for other statuses, where silence means nothing: undefined unless the server named a usable wait. */
export function namedRetryAfterMs(asked: RetryAfter): number | undefined {
  const waitMs = requestedMs(asked);
  return waitMs === undefined ? undefined : withJitter(waitMs, asked.jitter);
}

function withJitter(waitMs: number, jitter: number): number {
  // The jitter comes last: clamped together, all who wait the longest would come back in the same moment.
  return Math.ceil(Math.min(Math.max(waitMs, leastMs), mostMs) * (1 + jitter));
}

function requestedMs({ body, header, nowMs }: RetryAfter): number | undefined {
  return secondsToMs(body) ?? secondsToMs(header) ?? dateToMs(header, nowMs);
}

function secondsToMs(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value;
  if (typeof seconds !== 'number' || !(seconds >= 0)) return undefined;
  return usable(seconds * 1000);
}

function dateToMs(value: unknown, nowMs: number): number | undefined {
  // Date.parse alone would take "2024" or "-1" for a date.
  if (typeof value !== 'string' || !/^[A-Z][a-z]+, .*\d:\d.* GMT$/.test(value.trim())) return undefined;
  return usable(Date.parse(value) - nowMs);
}

function usable(waitMs: number): number | undefined {
  return Math.abs(waitMs) <= absurdMs ? waitMs : undefined;
}
