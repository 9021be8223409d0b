/**
 * Thrown when one try to reach the agent failed.
 *
 * Made by the adapters, sorted by callAgent. Its text goes into Temporal's history, so it never holds a key or an
 * address, and never a cause: errors of the network carry the address of the server in their message.
 */
import type { DeliveryReason } from '../../workflows/contract/outcome.ts';

export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  readonly reason: DeliveryReason;
  /** Milliseconds for which the server wants to be left alone, where it said so. */
  readonly retryAfterMs?: number;
  /** Whether the agent may have been started all the same; false only where that is certain. */
  readonly mayHaveStarted: boolean;

  constructor(reason: DeliveryReason, message: string, retryAfterMs?: number, mayHaveStarted = true) {
    super(message);
    this.reason = reason;
    this.mayHaveStarted = mayHaveStarted;
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
  }
}
