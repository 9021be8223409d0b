/**
 * The story of one incident as text for a terminal, step by step, in the words of the README's journey. Pure.
 *
 * Called by the demo once the agent has answered.
 */
import type { Chapter } from './read-story.ts';

export function tellStory(chapter: Chapter, uiUrl: string): string {
  const { trouble, memo, requests } = chapter;
  const [asked] = requests ?? [];
  const seen = memo.count === 1 ? 'once' : `${memo.count} times`;
  return [
    `■ ${trouble.type}: Pod demo/${trouble.pod}: ${trouble.how}`,
    step('seen', `${seen}, from ${memo.firstSeen} to ${memo.lastSeen}`),
    step('matched', `Hook ${chapter.hook} → agent ${chapter.agent}`),
    step('started', chapter.workflowId),
    step(
      'asked',
      asked === undefined ? (memo.agentRun ?? '') : `POST ${asked.path} → ${asked.answered}, ${memo.agentRun ?? ''}`,
    ),
    ...(asked === undefined ? [] : [step('prompt', asked.prompt.trimEnd())]),
    step('now', `${chapter.state}: ${memo.transitions.map(({ state }) => state).join(' → ')}`),
    step('Web UI', executionUrl(chapter, uiUrl)),
    '',
  ].join('\n');
}

/** Where the execution stands in Temporal's Web UI. */
function executionUrl({ workflowId, runId }: { workflowId: string; runId: string }, uiUrl: string): string {
  return `${uiUrl}/namespaces/default/workflows/${encodeURIComponent(workflowId)}/${runId}/history`;
}

/** What is wrong with a story in which every incident must reach its agent exactly once; empty when nothing is. */
export function objections(chapters: readonly Chapter[], expected: number): string[] {
  const missing = expected - chapters.length;
  return [
    ...(missing > 0 ? [`${missing} of ${expected} incidents did not reach their agent.`] : []),
    ...chapters.flatMap(({ trouble, requests }) =>
      requests === undefined || requests.length === 1
        ? []
        : [`The agent was asked ${requests.length} times about ${trouble.type} of ${trouble.pod}; wanted once.`],
    ),
  ];
}

function step(name: string, text: string): string {
  const [first = '', ...rest] = text.split('\n');
  return [`  ${name.padEnd(8)} ${first}`, ...rest.map((line) => `           ${line}`)].join('\n');
}
