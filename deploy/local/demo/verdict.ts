/**
 * The verdict: what is wrong with an account in which every trouble is one execution, and every execution one ask. Pure.
 *
 * Called by play once the incidents have settled. Looks at all executions and all asks, not only at those that were expected.
 */
import type { Trouble } from './make-trouble.ts';
import { type Account, asksOf, type Chapter } from './read-account.ts';

/** One sentence for each thing that is wrong; empty when nothing is. */
export function objections({ chapters, asks }: Account, troubles: readonly Trouble[]): string[] {
  const unexplained = chapters.filter((chapter) => !troubles.some((trouble) => isAbout(chapter, trouble)));
  const strays = (asks ?? []).filter((ask) => !chapters.some((chapter) => isAbout(chapter, ask)));
  return [
    ...troubles.flatMap((trouble) => objectToCount(trouble, chapters)),
    ...unexplained.map(({ workflowId }) => `Nothing that was done explains the execution ${workflowId}.`),
    ...chapters.flatMap(objectToEnding),
    ...(asks === undefined ? [] : chapters.flatMap((chapter) => objectToAsks(chapter, asksOf(chapter, asks)))),
    ...strays.map(({ type, pod, path }) => `${path} was asked about ${type} of ${pod}, which no execution handles.`),
  ];
}

function objectToCount(trouble: Trouble, chapters: readonly Chapter[]): string[] {
  const count = chapters.filter((chapter) => isAbout(chapter, trouble)).length;
  return count === 1 ? [] : [`${trouble.type} of ${trouble.pod} has ${count} executions; wanted one.`];
}

function objectToEnding({ type, pod, state, memo }: Chapter): string[] {
  if (memo.agentRun !== undefined) return [];
  return [`${type} of ${pod} did not reach its agent: ${memo.failure ?? `it is ${state}`}`];
}

function objectToAsks({ type, pod }: Chapter, asks: readonly { answered: string }[]): string[] {
  const answers = asks.map(({ answered }) => answered).join(', ');
  if (asks.length === 1 && answers === '200') return [];
  return [`The agent was asked ${asks.length} times about ${type} of ${pod} (${answers || '-'}); wanted one 200.`];
}

function isAbout(one: { type: string; pod: string }, other: { type: string; pod: string }): boolean {
  return one.type === other.type && one.pod === other.pod;
}
