/**
 * Calls those who count and log for each HTTP attempt: once when it is sent, once when it has ended.
 *
 * What observers get holds no key. They never change how a call goes, not even by failing.
 */
import type { AgentRun } from '../../workflows/contract/agent-run.ts';
import type { Delivery } from '../../workflows/contract/outcome.ts';
import { DeliveryError } from './delivery-error.ts';
import { type ErrorType, errorTypeOf } from './error-type.ts';
import type { Wire } from './http/exchange.ts';
import type { StartOptions } from './port.ts';

interface Send {
  delivery: Delivery;
  /** The agent as the path calls it. */
  agentId: string;
  method: 'POST';
  /** Below the base URL. */
  path: string;
}

export interface SentCall extends Send {
  idempotencyKey: string;
  timeoutMs: number;
}

export interface EndedCall {
  durationMs: number;
  /** Undefined where no whole answer came. */
  httpStatus: number | undefined;
  result: { agentRun: AgentRun } | { errorType: ErrorType; message: string };
}

export interface CallObserver {
  sent?: (call: SentCall) => void;
  ended: (call: SentCall, end: EndedCall) => void;
}

export interface Observing {
  wire: Wire;
  observers?: readonly CallObserver[];
}

/** Makes the call, which names the status of its answer as soon as it has one. Gives or throws what the call does. */
export async function observeCall(
  { wire, observers = [] }: Observing,
  { options: { idempotencyKey, signal }, ...send }: Send & { options: StartOptions },
  call: (answered: (httpStatus: number) => void) => Promise<AgentRun>,
): Promise<AgentRun> {
  const sent = { ...send, idempotencyKey, timeoutMs: wire.readCredentials().timeoutMs };
  const startedMs = performance.now();
  let httpStatus: number | undefined;
  const end = (result: EndedCall['result']) => {
    const ended = { durationMs: performance.now() - startedMs, httpStatus, result };
    for (const observer of observers) notify(() => observer.ended(sent, ended));
  };
  for (const observer of observers) notify(() => observer.sent?.(sent));
  try {
    const agentRun = await call((status) => {
      httpStatus = status;
    });
    end({ agentRun });
    return agentRun;
  } catch (error) {
    // Only the text of our own error is known to hold no key.
    const message = error instanceof DeliveryError ? error.message : '';
    end({ errorType: errorTypeOf(error, signal.aborted), message });
    throw error;
  }
}

/** A run that the agent has started must not be lost because a line could not be written. */
function notify(observer: () => void): void {
  try {
    observer();
  } catch {
    // There is nobody left to report it to.
  }
}
