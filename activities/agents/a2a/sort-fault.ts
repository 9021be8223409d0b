/**
 * Sorts what came instead of a result: JSON-RPC errors by code and text, other bodies by their status. Pure.
 *
 * Kagent's controller hides most errors of its agents behind −32603, so its own words decide there; where they
 * leave it open, a run may have been started. Recorded in transcripts 07, 09, 23, 40, 45, 65 and 85.
 */
import type { FailedTry } from '../http/describe-failure.ts';
import type { Reply } from '../http/exchange.ts';
import { type Clock, reasonOfStatus, retryAfterMs } from '../http/sort-status.ts';
import type { RpcFault } from './json-rpc.ts';

type Sorted = Pick<FailedTry, 'reason' | 'retryAfterMs' | 'mayHaveStarted'>;

/** Words of a −32603, each with what they mean; the first that fits counts. */
const internalErrors: [RegExp, Sorted][] = [
  // The call to the agent, never one to the database: that may have failed after the agent was called (transcript 45).
  [
    /http request( failed)?: .*dial tcp.*(connection refused|no such host|no route to host)/i,
    { reason: 'AgentNotReady', mayHaveStarted: false },
  ],
  [/unexpected HTTP status: 401/, { reason: 'Unauthorized', mayHaveStarted: false }],
  [/unexpected HTTP status: 403/, { reason: 'Forbidden', mayHaveStarted: false }],
  [/unexpected HTTP status: 429/, { reason: 'RateLimited', retryAfterMs: 30_000 }],
];

const codes: Partial<Record<number, Sorted>> = {
  [-32700]: { reason: 'RequestRejected', mayHaveStarted: false },
  [-32600]: { reason: 'RequestRejected', mayHaveStarted: false },
  [-32601]: { reason: 'EndpointNotFound', mayHaveStarted: false },
  [-32602]: { reason: 'RequestRejected', mayHaveStarted: false },
  [-32001]: { reason: 'AgentUnavailable' },
  [-32004]: { reason: 'AgentRefused', mayHaveStarted: false },
  [-32005]: { reason: 'RequestRejected', mayHaveStarted: false },
  [-32009]: { reason: 'EndpointNotFound', mayHaveStarted: false }, // version not supported (A2A 1.0 §9.5)
  [-31401]: { reason: 'Unauthorized', mayHaveStarted: false },
  [-31403]: { reason: 'AgentNotFound', mayHaveStarted: false },
};

/** Texts of a −32004 that pass: Kagent 1.x says so of an agent that starts, and of a session that is busy. */
const passing = /lifecycle operation|no successful revision/i;

export function sortFault({ code, message, reason, retryAfterMs: waitMs }: RpcFault): Sorted {
  if (reason === 'KAGENT_SEND_NOT_ACCEPTED') {
    return { reason: 'AgentUnavailable', mayHaveStarted: false, retryAfterMs: Math.max(1_000, waitMs ?? 0) };
  }
  if (code === -32004 && passing.test(message)) return { reason: 'AgentNotReady', mayHaveStarted: false };
  if (code === -32603)
    return internalErrors.find(([words]) => words.test(message))?.[1] ?? { reason: 'AgentUnavailable' };
  return codes[code] ?? { reason: 'AgentUnavailable' };
}

/** A status that came without a body of the protocol. */
export function sortStatus({ status, retryAfter }: Pick<Reply, 'status' | 'retryAfter'>, clock: Clock): Sorted {
  const reason = reasonOfStatus(status);
  const sorted = { reason, retryAfterMs: retryAfterMs(reason, { header: retryAfter, ...clock }) };
  return status >= 500 || reason === 'MalformedAnswer' ? sorted : { ...sorted, mayHaveStarted: false };
}
