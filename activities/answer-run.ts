/**
 * Step 7: delivers an answer of people, or of the Hook's own rules, to a run that waits for it.
 *
 * Run by the workflow once an answer was accepted. Whatever fails is tried again by Temporal; every try reads the task
 * first, so that the answer arrives once.
 */

import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Answered, AnswerRequest } from '../workflows/contract/agent-run.ts';
import { DeliveryError } from './agents/delivery-error.ts';
import type { AgentPort } from './agents/port.ts';

/** Three in the 10 s that the workflow gives. */
const heartbeatEveryMs = 3_000;

export function createAnswerRun(agent: Pick<AgentPort, 'answer'>): (request: AnswerRequest) => Promise<Answered> {
  return async function answerRun({ agent: name, run, answer }) {
    const context = Context.current();
    const signal = context.cancellationSignal;
    context.heartbeat();
    const timer = setInterval(() => context.heartbeat(), heartbeatEveryMs);
    try {
      return await agent.answer({ agent: name, run, answer, isRepeat: context.info.attempt > 1, signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DeliveryError)) throw error;
      const { reason, message, retryAfterMs } = error;
      const wait = retryAfterMs === undefined ? {} : { nextRetryDelay: retryAfterMs };
      throw ApplicationFailure.create({ message, type: reason, ...wait });
    } finally {
      clearInterval(timer);
    }
  };
}
