/**
 * Asks an agent to cancel a run, and says what it answered. Best effort: some agents cannot, and say so.
 *
 * Go agents of Kagent cancel at once; Python agents up to 0.10 answer −32603 `Cancellation is not supported` (transcript 19).
 */
import type { CancelAnswer } from '../../../workflows/contract/agent-run.ts';
import { deliveryErrorIn } from '../delivery-error.ts';
import { withoutSubject } from '../http/describe-failure.ts';
import type { Wire } from '../http/exchange.ts';
import { Task } from '../runs/task.ts';
import { callRpc, type RpcTarget } from './call-rpc.ts';

export async function cancelBy(wire: Wire, { taskId, ...call }: RpcTarget & { taskId: string }): Promise<CancelAnswer> {
  try {
    const result = await callRpc(wire, { ...call, method: call.dialect.cancel, params: { id: taskId } });
    const state = Task.safeParse(result).data?.status.state;
    const isCancelled = state === 'canceled';
    const said = isCancelled ? 'the agent cancelled its run' : `the run is ${state ?? 'in no known state'}`;
    return { isCancelled, said };
  } catch (error) {
    const said = withoutSubject(deliveryErrorIn(error, call.signal));
    return { isCancelled: false, said: `the run could not be cancelled: ${said}` };
  }
}
