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

  constructor(reason: DeliveryReason, message: string, retryAfterMs?: number) {
    super(message);
    this.reason = reason;
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
  }
}
