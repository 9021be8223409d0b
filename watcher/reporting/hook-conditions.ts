/**
 * The conditions of a Hook: whether it is acted upon, whether its agents exist, and whether they can be reached. Pure.
 *
 * Times of transitions come from the earlier conditions; everything else is made anew.
 */
import type { LookUpResult as Verdict } from '../../workflows/contract/agent-check.ts';
import type { Condition } from '../../workflows/contract/hook-status.ts';
import { inertLine } from '../../workflows/contract/plain/inert-text.ts';
import { isoSeconds } from '../../workflows/contract/plain/rfc3339.ts';
import type { AgentVerdicts } from '../agents/agent-verdicts.ts';
import { defaultPrompt } from '../hooks/default-prompt.ts';
import type { LiveHook } from '../hooks/live-hook.ts';

/** Characters of a condition's message. */
const messageLimit = 4096;

/** What conditions are made with, besides the Hook. */
export interface ConditionContext {
  nowMs: number;
  verdicts: Pick<AgentVerdicts, 'reachable' | 'of' | 'readinessOf'>;
  /** A sentence about an expression of the Hook that could not be answered. */
  expressionFailure?: string | undefined;
}

export function conditionsOf(hook: LiveHook, earlier: Condition[], context: ConditionContext): Condition[] {
  const { nowMs, verdicts, expressionFailure } = context;
  const expected = {
    Ready: readyOf(hook, expressionFailure),
    AgentResolved: resolvedOf(hook, verdicts),
    AgentReachable: reachableOf(hook, verdicts),
  };
  return Object.entries(expected).map(([type, verdict]) => {
    const before = earlier.find((condition) => condition.type === type);
    const isUnchanged = before !== undefined && before.status === verdict.status;
    return {
      type,
      ...verdict,
      message: inertLine(verdict.message, messageLimit),
      lastTransitionTime: isUnchanged ? before.lastTransitionTime : isoSeconds(nowMs),
      observedGeneration: hook.generation,
    };
  });
}

/** One missing agent is enough for False; what could not be asked is Unknown, and delivered to all the same. */
function resolvedOf(hook: LiveHook, verdicts: ConditionContext['verdicts']): Verdict {
  const notYet: Verdict = {
    status: 'Unknown',
    reason: 'NotChecked',
    message: 'The agents of this Hook were not looked up yet.',
  };
  const found = hook.configurations.map(({ agent }) => verdicts.of(agent) ?? notYet);
  const telling =
    found.find(({ status }) => status === 'False') ?? found.find(({ status }) => status === 'Unknown') ?? found[0];
  if (telling === undefined)
    return { status: 'Unknown', reason: 'NoAgent', message: 'No configuration of this Hook names an agent.' };
  if (telling.status !== 'False') return telling;
  const missing = found.filter(({ status }) => status === 'False').map(({ message }) => message);
  return { ...telling, message: [...new Set(missing)].join(' ') };
}

/** The platform answers, and the agents of this Hook can work as far as it says. */
function reachableOf(hook: LiveHook, { reachable, readinessOf }: ConditionContext['verdicts']): Verdict {
  if (reachable === undefined) return { status: 'Unknown', reason: 'NotChecked', message: 'Kagent was not asked yet.' };
  if (reachable.status !== 'True') return reachable;
  const known = hook.configurations.flatMap(({ agent }) => readinessOf(agent) ?? []);
  const notReady = known.filter(({ status }) => status === 'False');
  const [first] = notReady;
  if (first === undefined) return reachable;
  return { ...first, message: [...new Set(notReady.map(({ message }) => message))].join(' ') };
}

/** What is done otherwise than it is written stands behind whatever else there is to say. */
function readyOf(hook: LiveHook, expressionFailure: string | undefined): Verdict {
  const verdict = acceptedOf(hook, expressionFailure);
  if (hook.raised.length === 0) return verdict;
  const reason = verdict.reason === 'Accepted' ? 'TimesRaised' : verdict.reason;
  return { ...verdict, reason, message: [verdict.message, ...hook.raised].join(' ') };
}

function acceptedOf({ configurations, problems, isPaused }: LiveHook, expressionFailure: string | undefined): Verdict {
  const good = configurations.length;
  const [worst] = problems;
  if (worst === undefined && isPaused) {
    return { status: 'True', reason: 'Paused', message: 'Nothing new is started while spec.paused is true.' };
  }
  if (worst === undefined && expressionFailure !== undefined) {
    return { status: 'False', reason: 'ExpressionFailed', message: expressionFailure };
  }
  if (worst === undefined) {
    const message = `${good} event configuration(s) are acted upon${defaultPrompts(configurations)}.`;
    return { status: 'True', reason: 'Accepted', message };
  }
  const rest = good === 0 ? 'Nothing of this Hook is acted upon.' : `The other ${good} are acted upon.`;
  const sentences = problems.map(({ message }) => message).join(' ');
  return { status: 'False', reason: worst.reason, message: `${sentences} ${rest}` };
}

/** Nobody should have to wonder what an agent is told where the Hook does not say. */
function defaultPrompts(configurations: LiveHook['configurations']): string {
  const count = configurations.filter(({ prompt }) => prompt === defaultPrompt).length;
  return count === 0 ? '' : `, ${count} of them with the default prompt`;
}
