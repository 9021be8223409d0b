/**
 * What can be wrong with a Hook or with one of its configurations, and what a configuration is checked against.
 *
 * Shown as the condition Ready of the Hook; decides nothing.
 */
import type { Reach } from './reach.ts';

/** Why a configuration is not acted upon; the reason becomes that of the Hook's condition Ready. */
export interface HookProblem {
  reason:
    | 'InvalidSpec'
    | 'InvalidPrompt'
    | 'PromptsTooLarge'
    | 'InvalidMatch'
    | 'AgentMissing'
    | 'AgentAmbiguous'
    | 'AgentNameInvalid'
    | 'AgentNotAllowed'
    | 'DuplicateEventType'
    | 'NamespacesNotAllowed'
    | 'NodesNotAllowed'
    | 'NamespacesNotWatched'
    | 'NodesNotWatched';
  message: string;
}

export interface Refused {
  problem: HookProblem;
}

export function refuse(reason: HookProblem['reason'], message: string): Refused {
  return { problem: { reason, message } };
}

export interface ConfigurationContext {
  namespace: string;
  reach: Reach;
  /** Keys of the configurations before it. */
  taken: readonly string[];
}
