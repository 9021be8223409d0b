/**
 * Whether a failed incident is started again, only when something has changed since, and as what. Pure.
 *
 * One successor per incident and change: it carries the Hook's generation, and what became good before it failed is no change
 * for it.
 */
import type { Incident } from '../../workflows/contract/incident.ts';
import type { DeliveryReason, FailureReason } from '../../workflows/contract/outcome.ts';
import type { LiveHook } from '../hooks/live-hook.ts';
import { askOf, type Installation } from '../starting/incident-of.ts';
import type { FailedExecution } from './open-executions.ts';

/** Reasons that may be gone once the agent is found again; the others need an edited Hook. */
const goneWithAgentFound: ReadonlySet<string> = new Set<DeliveryReason | FailureReason>([
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

/** What has changed; undefined where nothing has, or where the incident is not to be handled now. */
export function decideRestart(
  { memo, reason, closedMs }: FailedExecution,
  { hook, agentBecameGoodMs, isFiring }: Circumstances,
): 'HookEdited' | 'AgentFound' | undefined {
  if (hook === undefined || hook.isPaused) return undefined;
  if (memo.nature === 'state' && !isFiring) return undefined;
  if (hook.generation > memo.hookGeneration) return 'HookEdited';
  const isFound = goneWithAgentFound.has(reason) && agentBecameGoodMs !== undefined && agentBecameGoodMs > closedMs;
  return isFound ? 'AgentFound' : undefined;
}

/**
 * An incident as its Hook would start it now: with today's agent, prompt, approvals and times, and with what happened as it was.
 * Undefined where the Hook has no such configuration any more.
 */
export function renew(incident: Incident, hook: LiveHook, installation: Installation): Incident | undefined {
  const key = incident.configuration ?? incident.type;
  const configuration = hook.configurations.find((candidate) => candidate.key === key);
  if (configuration === undefined || configuration.type !== incident.type) return undefined;
  const { mode: _mode, approval: _approval, ...rest } = incident;
  return {
    ...rest,
    hook: { ...incident.hook, generation: hook.generation },
    ...askOf(installation, configuration),
  };
}
