/**
 * What agents ask people while the demo runs: prints the command that approves, and, where nobody stays to type it, approves
 * after a while, by the same update as everybody.
 */
import type { Waiting } from '../../../../workflows/contract/outcome.ts';
import { type AnswerTaken, answerUpdate } from '../../../../workflows/contract/plain/answer.ts';
import { inertLine } from '../../../../workflows/contract/plain/inert-text.ts';
import type { LocalSystem } from '../system/open-system.ts';
import type { IncidentExecution } from './read-snapshot.ts';

/** For somebody to read what is asked, and to answer it. */
const approveAfterMs = 10_000;

type Paused = Pick<IncidentExecution, 'workflowId' | 'agent'> & { waiting: Waiting };

/** The returned function prints what is new, and approves what has waited long enough. */
export function createApprover(
  system: Pick<LocalSystem, 'client' | 'installation' | 'temporalAddress' | 'isOnce'>,
  print: (text: string) => void,
  nowMs: () => number = Date.now,
): (executions: readonly IncidentExecution[]) => Promise<void> {
  /** When it was seen first, by pause. */
  const seen = new Map<string, number>();
  const approved = new Set<string>();

  async function approve({ workflowId, waiting: { pause } }: Paused): Promise<void> {
    approved.add(pause);
    const sent = { pause, decision: 'approve', by: 'npm start', why: 'nobody stays to decide' };
    const handle = system.client.workflow.getHandle(workflowId);
    const taken = await handle.executeUpdate<AnswerTaken, [object]>(answerUpdate, { args: [sent] });
    print(`Pause ${pause} was ${taken.what} by ${taken.by}.\n`);
  }

  return async (executions) => {
    for (const { workflowId, agent, memo } of executions) {
      const { waiting } = memo;
      if (waiting === undefined || waiting.answeredBy !== undefined) continue;
      const firstMs = seen.get(waiting.pause);
      if (firstMs === undefined) print(howToApprove({ workflowId, agent, waiting }, system));
      seen.set(waiting.pause, firstMs ?? nowMs());
      const isDue = firstMs !== undefined && nowMs() - firstMs >= approveAfterMs;
      if (system.isOnce && isDue && !approved.has(waiting.pause)) await approve({ workflowId, agent, waiting });
    }
  };
}

function howToApprove(
  { agent, waiting: { pause, tools, message } }: Paused,
  { installation, temporalAddress, isOnce }: Pick<LocalSystem, 'installation' | 'temporalAddress' | 'isOnce'>,
): string {
  const asked = tools.map(({ name, arguments: text }) => `${name} ${text}`).join('; ') || message;
  const command = `npm run --silent approve -- ${pause} --approve --installation ${installation}`;
  return [
    `${inertLine(agent, 507)} asks for an approval: ${inertLine(asked, 600)}`,
    `  TEMPORAL_ADDRESS=${temporalAddress} ${command}`,
    ...(isOnce ? [`  With --once it is approved after ${approveAfterMs / 1000} s.`] : []),
    '',
  ].join('\n');
}
