/**
 * Whether an incident that could not be handed to its agent gets another chance: only when something has changed since.
 *
 * Pure. One successor per incident per change: the successor carries the Hook's generation, and what became good before it
 * failed is no change for it.
 */
import type { LiveHook } from '../hooks/live-hook.ts';
import type { FailedExecution } from './open-executions.ts';

/** Reasons that an agent which is found again may have done away with; the others need an edited Hook. */
const mendedByAgent = new Set([
  'Unauthorized',
  'Forbidden',
  'AgentNotFound',
  'EndpointNotFound',
  'Redirected',
  'RedeliveryLimitReached',
]);

export interface Circumstances {
  /** The Hook as it is now; undefined where it is gone. */
  hook: LiveHook | undefined;
  /** When checkAgent last found the agent after it had not, by Temporal's clock. */
  agentBecameGoodMs: number | undefined;
  /** Whether its state is true now; an edge has happened, and needs none. */
  isFiring: boolean;
}

/** What has changed; undefined where nothing has, or where nobody wants it handled now. */
export function decideRestart(
  { memo, reason, closedMs }: FailedExecution,
  { hook, agentBecameGoodMs, isFiring }: Circumstances,
): 'HookEdited' | 'AgentFound' | undefined {
  if (hook === undefined || hook.isPaused) return undefined;
  if (memo.nature === 'state' && !isFiring) return undefined;
  if (hook.generation > memo.hookGeneration) return 'HookEdited';
  const isMended = mendedByAgent.has(reason) && agentBecameGoodMs !== undefined && agentBecameGoodMs > closedMs;
  return isMended ? 'AgentFound' : undefined;
}
