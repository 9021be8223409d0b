/**
 * The port that every adapter to an agent implements, one adapter per protocol.
 *
 * Called by callAgent. An adapter tries once: it never retries and never waits, and it knows nothing of Temporal.
 */
import type { AgentRun } from '../../workflows/contract/agent-run.ts';
import type { Delivery, UnsentRequest } from '../../workflows/contract/outcome.ts';

export interface StartOptions {
  /** The same for every try of one agent run; a server that knows it starts the run only once. */
  idempotencyKey: string;
  /** Aborted when nobody waits for the answer any more; `start` then ends at once, mostly with the signal's reason. */
  signal: AbortSignal;
}

export interface AgentPort {
  /** Hands the incident to the agent. Returns only for a run that was started; rejects with a `DeliveryError`. */
  start(delivery: Delivery, options: StartOptions): Promise<AgentRun>;
  /** What `start` would send, but for the key. Sends nothing; throws a `DeliveryError` where nothing could be sent. */
  describe(delivery: Delivery): UnsentRequest;
}
