/**
 * What a round of checks says: whether the agent platform answers, and whether each agent exists there.
 *
 * The worker finds out (it has the key), the watcher asks for a round and writes the answer on the Hooks. A check never
 * blocks a delivery.
 */
import { z } from 'zod';
import type { AskedAgent } from './asked-agent.ts';

/** `Unknown` wherever the platform did not say: a check must not call an agent missing because a question failed. */
export const LookUpResult = z.object({
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string(),
});
export type LookUpResult = z.infer<typeof LookUpResult>;

export const CheckedAgent = z.object({
  namespace: z.string(),
  name: z.string(),
  /** Whether it exists. */
  verdict: LookUpResult,
  /** Whether it can work now; left out where the platform does not say. */
  ready: LookUpResult.optional(),
});
export type CheckedAgent = z.infer<typeof CheckedAgent>;

export const AgentCheck = z.object({ reachable: LookUpResult, agents: z.array(CheckedAgent) });
export type AgentCheck = z.infer<typeof AgentCheck>;

/** The agents of one round; bounded, so that one execution stays small. */
export interface AgentCheckRequest {
  agents: AskedAgent[];
}
