/**
 * Keeps the failure of one execution from ending a round of reconciliation.
 *
 * What fails alone is logged and tried again with the next round. When many fail in a row, a server is away, and the round
 * ends.
 */
import type { Logger } from 'pino';

const inRowLimit = 10;

/** What it returns resolves with what the work resolves with, or with false where it failed. */
export function isolateFailures(log: Pick<Logger, 'warn'>) {
  let inRow = 0;
  return async (workflowId: string, work: () => Promise<boolean>): Promise<boolean> => {
    try {
      const isDone = await work();
      inRow = 0;
      return isDone;
    } catch (error) {
      inRow += 1;
      if (inRow >= inRowLimit) throw error;
      log.warn({ workflowId, error: String(error) }, 'an execution could not be reconciled; it is tried again');
      return false;
    }
  };
}
