/**
 * Step 7: asks the agent to stop the run of a cancelled execution, and says what it answered. Best effort.
 *
 * Where the start was never answered, the run is looked for first.
 */

import { Context } from '@temporalio/activity';
import type { CancelAnswer, CancelRequest } from '../workflows/contract/agent-run.ts';
import { deliveryErrorIn } from './agents/delivery-error.ts';
import { nameOf } from './agents/http/agent-path.ts';
import type { AgentPort } from './agents/port.ts';
import type { RunObserver } from './agents/runs/run-observer.ts';
import { idempotencyKeyOf } from './call-agent.ts';

export function createCancelRun(
  agent: Pick<AgentPort, 'cancel' | 'find'>,
  runObserver?: Pick<RunObserver, 'ended'>,
): (request: CancelRequest) => Promise<CancelAnswer> {
  return async function cancelRun({ agent: name, askRun, run: known, askedMs }) {
    const context = Context.current();
    const signal = context.cancellationSignal;
    try {
      const run =
        known ?? (await agent.find({ agent: name, idempotencyKey: idempotencyKeyOf(context, askRun), signal }));
      if (run === undefined) return { isCancelled: false, said: 'no run was found that could be cancelled' };
      const answer = await agent.cancel({ agent: name, run, signal });
      const ranMs = askedMs === undefined ? 0 : Math.max(0, Date.now() - askedMs);
      if (answer.isCancelled) runObserver?.ended(nameOf(name), { outcome: 'AgentRunCancelled' }, ranMs);
      return answer;
    } catch (error) {
      const { message } = deliveryErrorIn(error, signal);
      return { isCancelled: false, said: `the run could not be cancelled: ${message}` };
    }
  };
}
