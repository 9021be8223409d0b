/**
 * What agents ask people while the demo runs: the command that answers is printed, and, where nobody stays to type it, the
 * demo approves by itself after a while.
 *
 * Answers by the same update as everybody.
 */

import type { Waiting } from '../../../workflows/contract/outcome.ts';
import { type AnswerTaken, answerUpdate } from '../../../workflows/contract/plain/answer.ts';
import { inertLine } from '../../../workflows/contract/plain/inert-text.ts';
import type { Chapter } from './read-account.ts';
import type { Stage } from './stage.ts';

/** For somebody to read what is asked, and to answer it. */
const answerAfterMs = 10_000;

type Waits = Pick<Chapter, 'workflowId' | 'agent'> & { waiting: Waiting };

export interface Answering {
  /** Prints what is new, and answers what has waited long enough. */
  look: (chapters: readonly Chapter[]) => Promise<void>;
}

export function answerAsked(
  stage: Pick<Stage, 'client' | 'installation' | 'temporalAddress' | 'isOnce'>,
  print: (text: string) => void,
  nowMs: () => number = Date.now,
): Answering {
  /** When it was seen first, by pause. */
  const seen = new Map<string, number>();
  const answered = new Set<string>();

  async function answer({ workflowId, waiting: { pause } }: Waits): Promise<void> {
    answered.add(pause);
    const sent = { pause, decision: 'approve', by: 'npm start', why: 'nobody stays to decide' };
    const handle = stage.client.workflow.getHandle(workflowId);
    const taken = await handle.executeUpdate<AnswerTaken, [object]>(answerUpdate, { args: [sent] });
    print(`Pause ${pause} was ${taken.what} by ${taken.by}.\n`);
  }

  return {
    look: async (chapters) => {
      for (const { workflowId, agent, memo } of chapters) {
        const { waiting } = memo;
        if (waiting === undefined || waiting.answeredBy !== undefined) continue;
        const firstMs = seen.get(waiting.pause);
        if (firstMs === undefined) print(asked({ workflowId, agent, waiting }, stage));
        seen.set(waiting.pause, firstMs ?? nowMs());
        const isDue = firstMs !== undefined && nowMs() - firstMs >= answerAfterMs;
        if (stage.isOnce && isDue && !answered.has(waiting.pause)) await answer({ workflowId, agent, waiting });
      }
    },
  };
}

function asked(
  { agent, waiting }: Waits,
  { installation, temporalAddress, isOnce }: Pick<Stage, 'installation' | 'temporalAddress' | 'isOnce'>,
): string {
  const { pause, tools, message } = waiting;
  const wants = tools.map(({ name, arguments: text }) => `${name} ${text}`).join('; ') || message;
  const command = `npm run --silent approve -- ${pause} --approve --installation ${installation}`;
  return [
    `${inertLine(agent, 507)} asks for an approval: ${inertLine(wants, 600)}`,
    `  TEMPORAL_ADDRESS=${temporalAddress} ${command}`,
    ...(isOnce ? [`  With --once it is approved after ${answerAfterMs / 1000} s.`] : []),
    '',
  ].join('\n');
}
