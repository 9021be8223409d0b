/**
 * What the adapters that speak A2A are made with, and what they share: observed sends, and redacted words of agents.
 */
import type { AgentRun } from '../../../workflows/contract/agent-run.ts';
import type { Delivery } from '../../../workflows/contract/outcome.ts';
import { type CallObserver, observeCall } from '../call-observer.ts';
import { secretsOf } from '../credentials.ts';
import { nameOf } from '../http/agent-path.ts';
import type { Wire } from '../http/exchange.ts';
import { redactAll } from '../http/redact-key.ts';
import type { StartOptions } from '../port.ts';

export interface AdapterDependencies {
  wire: Wire;
  observers?: readonly CallObserver[];
  /** Address of Kagent's own UI. */
  uiUrl?: string | undefined;
  /** Milliseconds between two looks that both have to find nothing. */
  lookAgainAfterMs?: number;
}

interface ObservedSend {
  delivery: Delivery;
  path: string;
  options: StartOptions;
}

/** Makes the call, and calls the observers for it. */
export async function observeSend(
  { wire, observers = [] }: AdapterDependencies,
  { delivery, path, options: { idempotencyKey, signal } }: ObservedSend,
  call: (answered: (httpStatus: number) => void) => Promise<AgentRun>,
): Promise<AgentRun> {
  const { timeoutMs } = wire.readCredentials();
  const sent = { delivery, agentId: nameOf(delivery.agent), method: 'POST', path, idempotencyKey, timeoutMs };
  return observeCall({ observers, sent, signal }, call);
}

/** A function that takes today's secrets out of what an agent wrote. */
export function redactorOf(wire: Wire): (text: string) => string {
  return redactAll(secretsOf(wire.readCredentials()));
}
