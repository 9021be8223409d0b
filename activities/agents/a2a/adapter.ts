/**
 * What the adapters that speak A2A are made with. Types only.
 */
import type { AgentRun } from '../../../workflows/contract/agent-run.ts';
import type { Delivery } from '../../../workflows/contract/outcome.ts';
import type { Wire } from '../http/exchange.ts';
import type { StartOptions } from '../port.ts';

/** A send that observers are called for. */
export interface ObservedSend {
  delivery: Delivery;
  path: string;
  options: StartOptions;
}

export interface AdapterDependencies {
  wire: Wire;
  /** A function that takes today's secrets out of what an agent wrote. */
  blot: () => (text: string) => string;
  /** Makes the call, and calls the observers for it. */
  observed: (
    send: ObservedSend,
    call: (answered: (httpStatus: number) => void) => Promise<AgentRun>,
  ) => Promise<AgentRun>;
  /** Address of Kagent's own UI. */
  uiUrl?: string | undefined;
  /** Milliseconds between two looks that both have to find nothing. */
  lookAgainAfterMs?: number;
}
