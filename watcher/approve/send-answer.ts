/**
 * Sends one answer to the execution that waits for it, by its update, and says what it made of it.
 *
 * The execution decides; what it refuses is said in its own words.
 */
import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { type AnswerTaken, answerUpdate } from '../../workflows/contract/plain/answer.ts';

export type Sent = { taken: AnswerTaken } | { refusal: string } | { problem: string };

export async function sendAnswer(
  client: Client,
  { workflowId, answer, waitMs }: { workflowId: string; answer: object; waitMs: number },
): Promise<Sent> {
  const time = AbortSignal.timeout(waitMs);
  const handle = client.workflow.getHandle(workflowId);
  try {
    const taken = await client.withAbortSignal(time, () =>
      handle.executeUpdate<AnswerTaken, [object]>(answerUpdate, { args: [answer] }),
    );
    return { taken };
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) return { refusal: error.cause?.message ?? error.message };
    if (error instanceof WorkflowNotFoundError) return { refusal: 'The execution has ended; nothing waits any more.' };
    if (!time.aborted) throw error;
    const problem = `No worker has taken the answer within ${waitMs / 1000} s. It may still be taken: look again, then repeat.`;
    return { problem };
  }
}
