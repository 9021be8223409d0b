/**
 * Thrown when one try to reach the agent failed.
 *
 * Its text goes into Temporal's history, so it never holds a key or an address, and never a cause: errors of the network carry
 * the address of the server in their message.
 */
import type { DeliveryReason } from '../../workflows/contract/outcome.ts';

export interface DeliveryHints {
  /** Milliseconds for which the server wants to be left alone, where it said so. */
  retryAfterMs?: number | undefined;
  /** False where it is certain that no run was started; it may have been where left out. */
  mayHaveStarted?: boolean | undefined;
}

export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  readonly reason: DeliveryReason;
  readonly retryAfterMs: number | undefined;
  readonly mayHaveStarted: boolean;

  constructor(reason: DeliveryReason, message: string, hints: DeliveryHints = {}) {
    super(message);
    this.reason = reason;
    this.retryAfterMs = hints.retryAfterMs;
    this.mayHaveStarted = hints.mayHaveStarted ?? true;
  }
}

/** What was thrown, where it is a `DeliveryError`. Throws on everything else, and first of all the reason of an abort. */
export function deliveryErrorIn(thrown: unknown, signal?: AbortSignal): DeliveryError {
  signal?.throwIfAborted();
  if (thrown instanceof DeliveryError) return thrown;
  throw thrown;
}
