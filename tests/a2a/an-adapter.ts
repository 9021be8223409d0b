/**
 * Makes the adapters of agents as the worker does, for a server that a test has started.
 *
 * Everything has a good default; waits are as short as a test can bear.
 */
import { createGenericA2a } from '../../activities/agents/a2a/generic.ts';
import type { CallObserver } from '../../activities/agents/call-observer.ts';
import type { Credentials } from '../../activities/agents/credentials.ts';
import { createWire, type Wire } from '../../activities/agents/http/exchange.ts';
import { createKagent0 } from '../../activities/agents/kagent/kagent-0.ts';
import { createKagent1 } from '../../activities/agents/kagent/kagent-1.ts';
import type { AgentPort } from '../../activities/agents/port.ts';
import type { AgentRun } from '../../workflows/contract/agent-run.ts';
import type { AskedAgent } from '../../workflows/contract/asked-agent.ts';

export interface AdapterOptions {
  url: string;
  /** There is no key by default, as with most Kagents. */
  credentials?: Partial<Credentials>;
  lookAgainAfterMs?: number;
  uiUrl?: string;
  observers?: readonly CallObserver[];
}

const makers = { 'kagent-0': createKagent0, 'kagent-1': createKagent1, a2a: createGenericA2a };
export type A2aProtocol = keyof typeof makers;

export const theAgent: AskedAgent = { namespace: 'kagent', name: 'memory-analyzer' };

export function credentialsFor({ url, credentials }: Pick<AdapterOptions, 'url' | 'credentials'>): Credentials {
  return { baseUrl: url, timeoutMs: 5_000, maxAttempts: 10, ...credentials };
}

export function aWire(options: Pick<AdapterOptions, 'url' | 'credentials'>): Wire {
  return createWire({ readCredentials: () => credentialsFor(options), version: '1.2.3' });
}

export function anAdapter(protocol: A2aProtocol, options: AdapterOptions): AgentPort {
  const { uiUrl, observers = [], lookAgainAfterMs = 10 } = options;
  return makers[protocol]({ wire: aWire(options), uiUrl, observers, lookAgainAfterMs });
}

/** What the port takes about a run, with a signal that nobody aborts. */
export function of(run: AgentRun, agent: AskedAgent = theAgent) {
  return { agent, run, signal: new AbortController().signal };
}

/** A run by its id alone. */
export function runOf(executionId: string, agent?: AskedAgent) {
  return of({ executionId, protocol: 'kagent-0' }, agent);
}
