/**
 * The verdict: what is wrong with an account in which every trouble is one execution, every execution one ask, and every
 * ask answered, where agents are heard of again. Pure.
 *
 * Looks at all executions and all asks, not only at those that were expected.
 */
import type { Trouble } from './make-trouble.ts';
import { type Account, asksOf, type Chapter, isAnswerWanted, isWaiting } from './read-account.ts';
import type { Ask } from './read-asks.ts';

/** One sentence for each thing that is wrong; empty when nothing is. */
export function objections(
  account: Account,
  troubles: readonly Trouble[],
  { isOnce = false }: { isOnce?: boolean } = {},
): string[] {
  const { chapters, asks } = account;
  const unexplained = chapters.filter((chapter) => !troubles.some((trouble) => isAbout(chapter, trouble)));
  return [
    ...troubles.flatMap((trouble) => objectToCount(trouble, chapters)),
    ...unexplained.map(({ workflowId }) => `Nothing that was done explains the execution ${workflowId}.`),
    ...chapters.flatMap((chapter) => {
      const mayWait = !isOnce && isWaiting(chapter); // for the user, who stays
      return objectToEnding(chapter, isAnswerWanted(chapter, account) && !mayWait);
    }),
    ...(asks === undefined ? [] : objectToAllAsks(chapters, asks)),
  ];
}

function objectToCount(trouble: Trouble, chapters: readonly Chapter[]): string[] {
  const count = chapters.filter((chapter) => isAbout(chapter, trouble)).length;
  return count === 1 ? [] : [`${trouble.type} of ${trouble.pod} has ${count} executions; expected one.`];
}

function objectToEnding({ type, pod, state, memo }: Chapter, isAnswerWanted: boolean): string[] {
  const { agentRun, failure, outcome } = memo;
  if (agentRun === undefined) return [`${type} of ${pod} did not reach its agent: ${failure ?? `it is ${state}`}`];
  if (!isAnswerWanted || outcome === 'AgentRunCompleted') return [];
  return [`${type} of ${pod} was not answered: ${outcome ?? `it is ${state}`}`];
}

function objectToAllAsks(chapters: readonly Chapter[], asks: readonly Ask[]): string[] {
  const known = new Set(chapters.flatMap((chapter) => asksOf(chapter, asks)));
  return [
    ...chapters.flatMap((chapter) => objectToAsks(chapter, asksOf(chapter, asks))),
    ...asks.filter((ask) => !known.has(ask)).map(describeStray),
  ];
}

/** A run that an agent has started is one, whatever was answered. */
function objectToAsks({ type, pod }: Chapter, asks: readonly Ask[]): string[] {
  const [first] = asks;
  if (asks.length === 1 && (first?.kind === 'run' || first?.answered === '200')) return [];
  const what = asks.map((ask) => (ask.kind === 'run' ? ask.taskId : ask.answered)).join(', ');
  return [`The agent was asked ${asks.length} times about ${type} of ${pod} (${what || '-'}); expected one.`];
}

function describeStray(ask: Ask): string {
  if (ask.kind === 'run') return `${ask.agent} has started run ${ask.taskId}, of which no execution knows.`;
  return `${ask.how} was asked about ${ask.type} of ${ask.pod}, which no execution handles.`;
}

function isAbout(one: { type: string; pod: string }, other: { type: string; pod: string }): boolean {
  return one.type === other.type && one.pod === other.pod;
}
