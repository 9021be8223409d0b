/**
 * What an HTTP answer says where its body says nothing more: the reason, and how long the server wants to be left alone.
 *
 * Pure: the clock and the jitter are inputs.
 */
import type { DeliveryReason } from '../../../workflows/contract/outcome.ts';

const reasons: Partial<Record<number, DeliveryReason>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'EndpointNotFound',
  408: 'TimedOut',
  425: 'AgentUnavailable',
  429: 'RateLimited',
};

export function reasonOfStatus(status: number): DeliveryReason {
  if (status >= 500) return 'AgentUnavailable';
  if (status >= 400) return reasons[status] ?? 'RequestRejected';
  return status >= 300 ? 'Redirected' : 'MalformedAnswer';
}

/** Temporal takes a delay of 0 for "do not retry", and a date of the server may lie in the past of our clock. */
const leastMs = 1_000;
/** An incident is asked about today: longer waits are tried anew after an hour, and the server may say it again. */
const mostMs = 3_600_000;
/** After a 429 that says nothing usable: half of the minute that the specification shows as an example. */
const defaultMs = 30_000;
/** Beyond a year it was not a wait, but a time stamp or a mistake. */
const absurdMs = 365 * 24 * 3_600_000;

export interface Clock {
  nowMs: number;
  /** A share to add, 0 to 0.2, so that many workers do not come back at once. */
  jitter: number;
}

export interface RetryAfter extends Clock {
  /** `retry_after` of the body, seconds, unparsed. Goes before the header. */
  body?: unknown;
  /** The header `Retry-After`: seconds or an HTTP date. */
  header?: string | null;
}

/** Milliseconds to wait, 1 s to 1 h and the jitter. Silence means 30 s after a 429, and nothing otherwise. */
export function retryAfterMs(reason: DeliveryReason, asked: RetryAfter): number | undefined {
  const waitMs = requestedMs(asked) ?? (reason === 'RateLimited' ? defaultMs : undefined);
  if (waitMs === undefined) return undefined;
  // The jitter comes last: clamped together, all who wait the longest would come back in the same moment.
  return Math.ceil(Math.min(Math.max(waitMs, leastMs), mostMs) * (1 + asked.jitter));
}

function requestedMs({ body, header, nowMs }: RetryAfter): number | undefined {
  const named = [secondsIn(body) * 1000, secondsIn(header) * 1000, dateMsIn(header) - nowMs];
  return named.find((waitMs) => Math.abs(waitMs) <= absurdMs);
}

/** NaN where there are none. */
function secondsIn(value: unknown): number {
  const seconds = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value;
  return typeof seconds === 'number' && seconds >= 0 ? seconds : Number.NaN;
}

/** NaN where there is none; Date.parse alone would take "2024" or "-1" for a date. */
function dateMsIn(value: string | null = ''): number {
  return value !== null && /^[A-Z][a-z]+, .*\d:\d.* GMT$/.test(value.trim()) ? Date.parse(value) : Number.NaN;
}
