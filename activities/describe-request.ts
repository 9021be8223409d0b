/**
 * Step 7 for a Hook that only observes: the request that would have been sent, for the history of the execution.
 *
 * Sends nothing, and needs no credentials.
 */
import { ApplicationFailure } from '@temporalio/common';
import type { Delivery, UnsentRequest } from '../workflows/contract/outcome.ts';
import { deliveryErrorIn } from './agents/delivery-error.ts';
import type { AgentPort } from './agents/port.ts';

export function createDescribeRequest(
  agent: Pick<AgentPort, 'describe'>,
): (delivery: Delivery) => Promise<UnsentRequest> {
  return async function describeRequest(delivery) {
    try {
      return await agent.describe(delivery);
    } catch (error) {
      const { message, reason } = deliveryErrorIn(error);
      throw ApplicationFailure.nonRetryable(message, reason);
    }
  };
}
