/**
 * The conditions of a Hook: whether it is acted upon, whether its agents exist, and whether they can be reached. Pure.
 *
 * Times of transitions come from the earlier conditions; everything else is made anew.
 */
import type { Condition } from '../../workflows/contract/hook-status.ts';
import { inertLine } from '../../workflows/contract/plain/inert-text.ts';
import { isoSeconds } from '../../workflows/contract/plain/rfc3339.ts';
import type { KnownAgents } from '../agents/known-agents.ts';
import { defaultPrompt } from '../hooks/configuration/default-prompt.ts';
import type { LiveHook } from '../hooks/live-hook.ts';
import type { RefusalReason } from '../matching/match.ts';

/** Characters of a condition's message. */
const messageLimit = 4096;

/** What conditions are made with, besides the Hook. */
export interface ConditionContext {
  nowMs: number;
  agents: Pick<KnownAgents, 'reachable' | 'of' | 'readinessOf'>;
  /** A sentence about an expression of the Hook that could not be evaluated. */
  expressionFailure?: string | undefined;
}

/** What a condition says. */
type Content = Pick<Condition, 'status' | 'reason' | 'message'>;

export function conditionsOf(hook: LiveHook, earlier: Condition[], context: ConditionContext): Condition[] {
  const { nowMs, agents, expressionFailure } = context;
  const contents = {
    Ready: readyOf(hook, expressionFailure),
    AgentResolved: resolvedOf(hook, agents),
    AgentReachable: reachableOf(hook, agents),
  };
  return Object.entries(contents).map(([type, content]) => {
    const before = earlier.find((condition) => condition.type === type);
    const isUnchanged = before !== undefined && before.status === content.status;
    return {
      type,
      ...content,
      message: inertLine(content.message, messageLimit),
      lastTransitionTime: isUnchanged ? before.lastTransitionTime : isoSeconds(nowMs),
      observedGeneration: hook.generation,
    };
  });
}

const agentsNotChecked = notChecked('The agents of this Hook were not looked up yet.');
const kagentNotChecked = notChecked('Kagent was not asked yet.');

function notChecked(message: string): Content {
  return { status: 'Unknown', reason: 'NotChecked', message };
}

/** One missing agent is enough for False; one that could not be looked up is Unknown, and delivered to all the same. */
function resolvedOf({ configurations }: LiveHook, { of }: ConditionContext['agents']): Content {
  const found: Content[] = configurations.map(({ agent }) => of(agent) ?? agentsNotChecked);
  const missing = mergeFalse(found);
  return (
    missing ??
    found.find(({ status }) => status === 'Unknown') ??
    found[0] ?? { status: 'Unknown', reason: 'NoAgent', message: 'No configuration of this Hook names an agent.' }
  );
}

/** The platform answers, and the agents of this Hook can work as far as it says. */
function reachableOf(
  { configurations }: LiveHook,
  { reachable = kagentNotChecked, readinessOf }: ConditionContext['agents'],
): Content {
  if (reachable.status !== 'True') return reachable;
  return mergeFalse(configurations.flatMap(({ agent }) => readinessOf(agent) ?? [])) ?? reachable;
}

/** The first that is False, with the messages of all that are; undefined where none is. */
function mergeFalse(contents: Content[]): Content | undefined {
  const [first, ...others] = contents.filter(({ status }) => status === 'False');
  if (first === undefined) return undefined;
  return { ...first, message: [...new Set([first, ...others].map(({ message }) => message))].join(' ') };
}

/** What is done otherwise than the Hook says comes last. */
function readyOf(hook: LiveHook, expressionFailure: string | undefined): Content {
  const content = acceptedOf(hook, expressionFailure);
  if (hook.raised.length === 0) return content;
  const reason = content.reason === 'Accepted' ? 'TimesRaised' : content.reason;
  return { ...content, reason, message: [content.message, ...hook.raised].join(' ') };
}

function acceptedOf({ configurations, problems, isPaused }: LiveHook, expressionFailure: string | undefined): Content {
  const good = configurations.length;
  const [worst] = problems;
  if (worst !== undefined) {
    const rest = good === 0 ? 'Nothing of this Hook is acted upon.' : `The other ${good} are acted upon.`;
    return {
      status: 'False',
      reason: worst.reason,
      message: [...problems.map(({ message }) => message), rest].join(' '),
    };
  }
  if (isPaused)
    return { status: 'True', reason: 'Paused', message: 'Nothing new is started while spec.paused is true.' };
  if (expressionFailure !== undefined)
    return { status: 'False', reason: 'ExpressionFailed' satisfies RefusalReason, message: expressionFailure };
  const message = `${good} event configuration(s) are acted upon${defaultPrompts(configurations)}.`;
  return { status: 'True', reason: 'Accepted', message };
}

/** Says so where an agent is asked with a text that the Hook does not show. */
function defaultPrompts(configurations: LiveHook['configurations']): string {
  const count = configurations.filter(({ prompt }) => prompt === defaultPrompt).length;
  return count === 0 ? '' : `, ${count} of them with the default prompt`;
}
