/**
 * Finds what is wrong with a snapshot. Right is: every trouble is one execution, every execution one ask, and every ask
 * answered where runs are followed. Pure.
 *
 * Looks at all executions and all asks, not only at those that were expected.
 */
import type { Trouble } from './make-trouble.ts';
import type { Ask } from './read-asks.ts';
import { asksOf, type IncidentExecution, isAnswerExpected, isWaiting, type Snapshot } from './read-snapshot.ts';

/** One sentence for each thing that is wrong; empty when nothing is. */
export function checkSnapshot(
  snapshot: Snapshot,
  troubles: readonly Trouble[],
  { isOnce = false }: { isOnce?: boolean } = {},
): string[] {
  const { executions, asks } = snapshot;
  const unexplained = executions.filter((execution) => !troubles.some((trouble) => isAbout(execution, trouble)));
  return [
    ...troubles.flatMap((trouble) => checkCount(trouble, executions)),
    ...unexplained.map(({ workflowId }) => `Nothing that was done explains the execution ${workflowId}.`),
    ...executions.flatMap((execution) => {
      const mayWait = !isOnce && isWaiting(execution); // for the user, who stays
      return checkEnding(execution, isAnswerExpected(execution, snapshot) && !mayWait);
    }),
    ...(asks === undefined ? [] : checkAllAsks(executions, asks)),
  ];
}

function checkCount(trouble: Trouble, executions: readonly IncidentExecution[]): string[] {
  const count = executions.filter((execution) => isAbout(execution, trouble)).length;
  return count === 1 ? [] : [`${trouble.type} of ${trouble.pod} has ${count} executions; expected one.`];
}

function checkEnding({ type, pod, state, memo }: IncidentExecution, needsAnswer: boolean): string[] {
  const { agentRun, failure, outcome } = memo;
  if (agentRun === undefined) return [`${type} of ${pod} did not reach its agent: ${failure ?? `it is ${state}`}`];
  if (!needsAnswer || outcome === 'AgentRunCompleted') return [];
  return [`${type} of ${pod} was not answered: ${outcome ?? `it is ${state}`}`];
}

function checkAllAsks(executions: readonly IncidentExecution[], asks: readonly Ask[]): string[] {
  const known = new Set(executions.flatMap((execution) => asksOf(execution, asks)));
  return [
    ...executions.flatMap((execution) => checkAsks(execution, asksOf(execution, asks))),
    ...asks.filter((ask) => !known.has(ask)).map(describeUnknown),
  ];
}

/** A run that an agent has started is one ask, whatever was answered. */
function checkAsks({ type, pod }: IncidentExecution, asks: readonly Ask[]): string[] {
  const [first] = asks;
  if (asks.length === 1 && (first?.kind === 'run' || first?.answered === '200')) return [];
  const what = asks.map((ask) => (ask.kind === 'run' ? ask.taskId : ask.answered)).join(', ');
  return [`The agent was asked ${asks.length} times about ${type} of ${pod} (${what || '-'}); expected one.`];
}

function describeUnknown(ask: Ask): string {
  if (ask.kind === 'run') return `${ask.agent} has started run ${ask.taskId}, of which no execution knows.`;
  return `${ask.how} was asked about ${ask.type} of ${ask.pod}, which no execution handles.`;
}

function isAbout(one: { type: string; pod: string }, other: { type: string; pod: string }): boolean {
  return one.type === other.type && one.pod === other.pod;
}
