/**
 * The story of one incident as text for a terminal, step by step, in the words of the README's journey. Pure.
 *
 * Called by play once the agent has answered, or once it is certain that it will not.
 */
import type { Trouble } from './make-trouble.ts';
import type { Ask, Chapter } from './read-account.ts';

export interface Telling {
  /** Why there is an incident; undefined for one that nobody made. */
  trouble: Trouble | undefined;
  asks: readonly Ask[];
  /** Base URL of the Web UI, and the namespace in it. */
  uiUrl: string;
  namespace: string;
  paint: Paint;
}

/** Makes a text stand out where colours can be shown. */
export type Paint = (how: 'bold' | 'dim' | 'green' | 'red', text: string) => string;

export function tellStory(chapter: Chapter, { trouble, asks, uiUrl, namespace, paint }: Telling): string {
  const { memo } = chapter;
  const step = (name: string, text: string) => indented(paint('dim', name.padEnd(8)), text);
  const seen = memo.count === 1 ? `once, at ${memo.firstSeen}` : `${memo.count} times, last at ${memo.lastSeen}`;
  return [
    `${paint('bold', `■ ${chapter.type} of Pod ${chapter.pod}`)}${trouble === undefined ? '' : `: ${trouble.how}`}`,
    step('seen', seen),
    step('matched', `Hook ${chapter.hook} → agent ${chapter.agent}`),
    step('started', chapter.workflowId),
    step('asked', whatWasAsked(chapter, asks)),
    ...asks.map(({ prompt }) => step('prompt', prompt.trimEnd())),
    step('now', memo.transitions.map(({ state }) => state).join(' → ')),
    step('Web UI', executionUrl(chapter, { uiUrl, namespace })),
    '',
  ].join('\n');
}

function whatWasAsked({ memo }: Chapter, asks: readonly Ask[]): string {
  const requests = asks.map(({ path, answered }) => `POST ${path} → ${answered}`);
  const ending = memo.agentRun === undefined ? `failed: ${memo.failure ?? ''}` : `agent run ${memo.agentRun}`;
  return [...requests, ending].join(', ');
}

/** Where the execution stands in Temporal's Web UI. */
function executionUrl(
  { workflowId, runId }: Pick<Chapter, 'workflowId' | 'runId'>,
  { uiUrl, namespace }: Pick<Telling, 'uiUrl' | 'namespace'>,
): string {
  return `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}/${runId}/history`;
}

function indented(name: string, text: string): string {
  const [first = '', ...rest] = text.split('\n');
  return [`  ${name} ${first}`, ...rest.map((line) => `           ${line}`)].join('\n');
}
