/**
 * Every way in which one try may be answered badly, and what a client must make of it.
 *
 * One table per kind of reason; read by the tests of the REST adapter.
 */
import type { DeliveryReason } from '../../workflows/contract/outcome.ts';
import type { StepInput } from './script.ts';

export type FaultInput = NonNullable<StepInput['fault']>;

interface Expected {
  /** Runs that the server started all the same; none by default. */
  runs?: number;
  /** Part of the sentence about it. */
  says?: RegExp;
  retryAfterMs?: number;
}

export type FaultRow = [what: string, fault: FaultInput, reason: DeliveryReason, expected?: Expected];

const ok = (body?: unknown, headers: Record<string, string> = {}): FaultInput => ({ kind: 'answer', body, headers });
const empty = (status: number, headers: Record<string, string> = {}): FaultInput => ({
  kind: 'answer',
  status,
  headers,
});
const error = (status: number, word = 'some_error', headers: Record<string, string> = {}): FaultInput => ({
  kind: 'answer',
  status,
  body: { error: word, message: `no to ${status}`, code: status },
  headers,
});
const run = { success: true, executionId: 'x' };
const page: FaultInput = { kind: 'answer', status: 502, body: 'Bad gateway', headers: { 'Content-Type': 'text/html' } };

/** Faults after which a client tries again. */
export const againFaults: FaultRow[] = [
  ['a cut before any byte', { kind: 'cut' }, 'ConnectionFailed', { says: /the connection was reset \(ECONNRESET\)/ }],
  ['a cut after accepting', { kind: 'cut-after-accepting' }, 'ConnectionFailed', { runs: 1 }],
  ['a cut in the body', { kind: 'cut-body' }, 'ConnectionFailed', { runs: 1 }],
  ['a cut in the body of a 503', { kind: 'cut-body', status: 503 }, 'AgentUnavailable', { runs: 1 }],
  ['a hang', { kind: 'hang' }, 'TimedOut', { says: /within the timeout/ }],
  ['a hang in the body', { kind: 'hang-in-body' }, 'TimedOut', { runs: 1 }],
  ['a hang in the body of a 500', { kind: 'hang-in-body', status: 500 }, 'AgentUnavailable', { runs: 1 }],
  ['another protocol', { kind: 'not-http' }, 'MalformedAnswer', { says: /HPE_/ }],
  ['an empty 200', ok(), 'MalformedAnswer', { says: /200 with an empty body/ }],
  ['an empty 204', empty(204), 'MalformedAnswer', { says: /204 with an empty body/ }],
  ['garbage', { kind: 'text', text: '{"success": tru' }, 'MalformedAnswer', { says: /not JSON/ }],
  [
    'a web page',
    { kind: 'text', text: 'Hi', contentType: 'text/html' },
    'MalformedAnswer',
    { says: /text\/html, not/ },
  ],
  ['a run as plain text', ok(run, { 'Content-Type': 'text/plain' }), 'MalformedAnswer', { says: /text\/plain, not/ }],
  ['JSON that is null', ok(null), 'MalformedAnswer', { says: /without success: true and an executionId/ }],
  ['no success', ok({ executionId: 'x' }), 'MalformedAnswer'],
  ['success as text', ok({ success: 'true', executionId: 'x' }), 'MalformedAnswer'],
  ['no execution id', ok({ success: true }), 'MalformedAnswer'],
  ['an empty execution id', ok({ success: true, executionId: ' ' }), 'MalformedAnswer'],
  ['a numeric execution id', ok({ success: true, executionId: 7 }), 'MalformedAnswer'],
  ['more than a MiB', ok({ ...run, pad: 'x'.repeat(1024 * 1024) }), 'MalformedAnswer', { says: /1 MiB/ }],
  ['a broken gzip', ok(run, { 'Content-Encoding': 'gzip' }), 'MalformedAnswer', { says: /Z_DATA_ERROR/ }],
  ['408', error(408), 'TimedOut'],
  ['425', error(425), 'AgentUnavailable'],
  [
    '429 with seconds in the body',
    { kind: 'rate-limit', retryAfter: 60, header: '5' },
    'RateLimited',
    { retryAfterMs: 60_000 },
  ],
  ['429 with seconds in the header', { kind: 'rate-limit', header: '5' }, 'RateLimited', { retryAfterMs: 5_000 }],
  ['429 that says nothing', { kind: 'rate-limit' }, 'RateLimited', { retryAfterMs: 30_000, says: /Too many requests/ }],
  ['429 with a cut body', { kind: 'cut-body', status: 429 }, 'RateLimited', { runs: 1, retryAfterMs: 30_000 }],
  ['500', error(500, 'internal_server_error'), 'AgentUnavailable', { says: /answered 500 "no to 500"\. / }],
  ['503 with a wait', error(503, 'busy', { 'Retry-After': '20' }), 'AgentUnavailable', { retryAfterMs: 20_000 }],
  ['a page with 502', page, 'AgentUnavailable', { says: /answered 502\. / }],
];

/** Faults after which trying again helps nobody. */
export const neverFaults: FaultRow[] = [
  ['success: false', ok({ success: false, message: 'Agent is paused' }), 'AgentRefused', { says: /"Agent is paused"/ }],
  ['success: false with an id', ok({ success: false, executionId: 'x' }), 'AgentRefused'],
  ['301', empty(301, { Location: '/v1/elsewhere' }), 'Redirected', { says: /answered 301\. / }],
  ['307', empty(307, { Location: '/v1/elsewhere' }), 'Redirected'],
  ['304', empty(304), 'Redirected'],
  ['400', error(400), 'RequestRejected', { says: /answered 400 "no to 400"\. / }],
  ['401', error(401, 'unauthorized'), 'Unauthorized'],
  ['401 with a cut body', { kind: 'cut-body', status: 401 }, 'Unauthorized', { runs: 1 }],
  ['403', error(403), 'Forbidden'],
  ['404 of the agent', error(404, 'agent_not_found'), 'AgentNotFound'],
  ['404 of the endpoint', error(404, 'not_found'), 'EndpointNotFound'],
  ['404 without a body', empty(404), 'EndpointNotFound'],
  ['409', error(409), 'RequestRejected'],
  [
    'an error that holds the key',
    { kind: 'echo-key', status: 400 },
    'RequestRejected',
    { says: /Bearer \[redacted\]/ },
  ],
];
