/**
 * HTTP with the REST API: as with every agent, but with small answers, and without what only A2A knows.
 */
import { createWire, type Wire, type WireDependencies } from '../http/exchange.ts';
import type { AgentIdForm } from './agent-id.ts';

export interface RestWireDependencies extends Omit<WireDependencies, 'bodyLimitMiB'> {
  /** How agents are called in the path; by their names where left out. */
  agentId?: AgentIdForm;
}

/** The API has neither X-User-Id nor further headers. Its answers have two hundred bytes. */
export function createRestWire({ readCredentials, ...connecting }: RestWireDependencies): Wire {
  return createWire({
    ...connecting,
    bodyLimitMiB: 1,
    readCredentials: () => {
      const { userId: _user, headers: _headers, ...own } = readCredentials();
      return own;
    },
  });
}
