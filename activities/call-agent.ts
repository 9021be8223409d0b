/**
 * Step 7: asks the agent once per attempt, and sorts a failure into *again* (with a delay) and *never*.
 *
 * The workflow calls it with unlimited Temporal attempts; how many tries are left is kept in the heartbeat details.
 * It never waits for the next try in its slot, and never calls before a wait that the server asked for is over.
 */

import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { v5 as uuidv5 } from 'uuid';
import type { AgentRun } from '../workflows/contract/agent-run.ts';
import type { Delivery } from '../workflows/contract/outcome.ts';
import type { ReadCredentials } from './agents/credentials.ts';
import { deliveryErrorIn } from './agents/delivery-error.ts';
import { nameOf } from './agents/http/agent-path.ts';
import {
  busyNamespace,
  countTry,
  type DeliveryBudget,
  type DeliveryLimits,
  decideAfter,
  defaultThrottleMs,
  holdBack,
  holdForOthers,
  mayHaveStarted,
  readBudget,
  type TryOutcome,
} from './agents/limits/delivery-budget.ts';
import { createSlotShare, type SlotShare } from './agents/limits/slot-share.ts';
import { type Call, createThrottleGate, type ThrottleGate } from './agents/limits/throttle-gate.ts';
import type { AgentPort } from './agents/port.ts';
import type { RunObserver } from './agents/runs/run-observer.ts';
import { keepBeating } from './heartbeat.ts';

export interface CallAgentDependencies {
  agent: Pick<AgentPort, 'start'>;
  readCredentials: ReadCredentials;
  /** Wait after the first failed try, doubled with each further one; the specification says 2 s. */
  firstRetryMs?: number;
  /** Pause between heartbeats while the agent is asked; well below the heartbeat timeout of the workflow. */
  heartbeatEveryMs?: number;
  nowMs?: () => number;
  /** Shared by all deliveries of this activity. */
  gate?: ThrottleGate;
  /** Which namespace may have a further call at once. */
  share?: SlotShare;
  runObserver?: Pick<RunObserver, 'ended'> | undefined;
}

/** Namespace of the idempotency keys of this project (UUIDv5); a new one would let an open incident run twice. */
const keyNamespace = '024361a1-af98-4a71-84e2-4fbecf17e108';

/** The same for every try of one agent run, and for no other run. */
export function idempotencyKey(workflowId: string, askRun: string): string {
  return uuidv5(`${workflowId}/${askRun}`, keyNamespace);
}

/**
 * Makes the activity. It returns the run that the agent started, or throws an `ApplicationFailure`: retryable with a
 * delay and a reason of kind *again* as type; not retryable with a reason of kind *never*, or `DeliveryExhausted`.
 */
export function createCallAgent(dependencies: CallAgentDependencies): (delivery: Delivery) => Promise<AgentRun> {
  const { agent, readCredentials, firstRetryMs = 2_000, nowMs = Date.now, gate = createThrottleGate() } = dependencies;
  const { runObserver, share = createSlotShare() } = dependencies;
  const heartbeatEveryMs = dependencies.heartbeatEveryMs ?? 3_000; // three in the 10 s of the workflow

  function holdNow(call: Call, budget: DeliveryBudget): TryOutcome | undefined {
    const busyMs = share.holdMs(call);
    if (busyMs > 0) return { budget, failure: busyNamespace(busyMs) };
    const waitMs = gate.holdMs(call);
    return waitMs > 0 ? holdForOthers(budget, waitMs, nowMs()) : undefined;
  }

  return async function callAgent(delivery) {
    const context = Context.current();
    const signal = context.cancellationSignal;
    const { maxAttempts, baseUrl, apiKey } = readCredentials();
    gate.use(`${baseUrl} ${apiKey ?? ''}`);
    const limits = (): DeliveryLimits => ({ maxAttempts, firstRetryMs, nowMs: nowMs() });
    const budget = readBudget(context.info);
    const key = idempotencyKeyOf(context, delivery.askRun);
    const call = callOf(key, delivery);
    const held = holdBack(budget, limits()) ?? holdNow(call, budget);
    if (held !== undefined) throw failureOf(held, context);
    const counted = countTry(budget);
    const stopBeating = keepBeating(context, heartbeatEveryMs, () => counted);
    const freeSlot = share.take(call.namespace);
    try {
      const isRepeat = delivery.mayHaveStarted === true || mayHaveStarted(budget);
      const agentRun = await agent.start(delivery, { idempotencyKey: key, isRepeat, signal });
      gate.eased(call);
      // A run that has ended within the call is followed by nobody.
      if (agentRun.ending !== undefined) runObserver?.ended(nameOf(delivery.agent), agentRun.ending, 0);
      return agentRun;
    } catch (error) {
      const failed = deliveryErrorIn(error, signal);
      if (failed.reason === 'RateLimited') gate.throttled(call, failed.retryAfterMs ?? defaultThrottleMs);
      throw failureOf(decideAfter(failed, counted, limits()), context);
    } finally {
      freeSlot();
      stopBeating();
    }
  };
}

/** As the gate distinguishes calls. A delivery without the Hook's namespace counts for that of its agent. */
function callOf(caller: string, { agent, hookNamespace = agent.namespace }: Delivery): Call {
  return { caller, agent: nameOf(agent), namespace: hookNamespace };
}

/** Leaves the budget for the next attempt: the last heartbeat before a failure is flushed with it. */
function failureOf({ budget, failure }: TryOutcome, context: Context): ApplicationFailure {
  context.heartbeat(budget);
  return ApplicationFailure.create(failure);
}

/** The key of an ask of the workflow that has scheduled this activity. */
export function idempotencyKeyOf({ info }: Context, askRun: string): string {
  if (info.workflowExecution !== undefined) return idempotencyKey(info.workflowExecution.workflowId, askRun);
  throw ApplicationFailure.nonRetryable(
    'The activity was started outside a workflow; its key is made of the workflow id.',
  );
}
