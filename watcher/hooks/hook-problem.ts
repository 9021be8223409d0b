/**
 * What can be wrong with a Hook or with one of its configurations, and what a configuration is checked against.
 *
 * Types only; shown as the condition Ready of the Hook.
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

export interface ConfigurationContext {
  namespace: string;
  reach: Reach;
  /** Keys of the configurations before it. */
  taken: readonly string[];
}
