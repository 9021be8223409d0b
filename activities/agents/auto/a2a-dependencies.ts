/**
 * What the A2A adapters share: the wire, the observers of sends, and the blotter of today's secrets.
 */
import type { AgentRun } from '../../../workflows/contract/agent-run.ts';
import type { AdapterDependencies, ObservedSend } from '../a2a/adapter.ts';
import { type CallObserver, observeCall } from '../call-observer.ts';
import { secretsOf } from '../credentials.ts';
import { nameOf } from '../http/agent-path.ts';
import { blotAll } from '../http/blot-key.ts';
import type { Wire } from '../http/exchange.ts';

export interface A2aOptions {
  wire: Wire;
  observers?: readonly CallObserver[];
  uiUrl?: string | undefined;
  lookAgainAfterMs?: number;
}

export function createA2aDependencies(options: A2aOptions): AdapterDependencies {
  const { wire, observers = [], uiUrl, lookAgainAfterMs } = options;

  function observed(
    { delivery, path, options: { idempotencyKey, signal } }: ObservedSend,
    call: (answered: (httpStatus: number) => void) => Promise<AgentRun>,
  ): Promise<AgentRun> {
    const { timeoutMs } = wire.readCredentials();
    const agentId = nameOf(delivery.agent);
    const sent = { delivery, agentId, method: 'POST', path, idempotencyKey, timeoutMs };
    return observeCall({ observers, sent, signal }, call);
  }

  return {
    wire,
    observed,
    blot: () => blotAll(secretsOf(wire.readCredentials())),
    uiUrl,
    ...(lookAgainAfterMs !== undefined && { lookAgainAfterMs }),
  };
}
