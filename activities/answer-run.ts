/**
 * Step 7: delivers an answer of people, or of the Hook's own rules, to a run that waits for it.
 *
 * Whatever fails is tried again by Temporal; every try reads the task
 * first, so that the answer arrives once.
 */

import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Answered, AnswerRequest } from '../workflows/contract/agent-run.ts';
import { deliveryErrorIn } from './agents/delivery-error.ts';
import type { AgentPort } from './agents/port.ts';
import { keepBeating } from './heartbeat.ts';

/** Three in the 10 s that the workflow gives. */
const heartbeatEveryMs = 3_000;

export function createAnswerRun(agent: Pick<AgentPort, 'answer'>): (request: AnswerRequest) => Promise<Answered> {
  return async function answerRun({ agent: name, run, answer }) {
    const context = Context.current();
    const signal = context.cancellationSignal;
    const stopBeating = keepBeating(context, heartbeatEveryMs);
    try {
      return await agent.answer({ agent: name, run, answer, isRepeat: context.info.attempt > 1, signal });
    } catch (error) {
      const { reason, message, retryAfterMs } = deliveryErrorIn(error, signal);
      const wait = retryAfterMs === undefined ? {} : { nextRetryDelay: retryAfterMs };
      throw ApplicationFailure.create({ message, type: reason, ...wait });
    } finally {
      stopBeating();
    }
  };
}
