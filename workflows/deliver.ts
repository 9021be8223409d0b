/**
 * Hands the incident to its agent: one delivery, and after an outage further ones until the redelivery limit.
 *
 * Retries within a delivery are the activity's own; this file only decides about the next delivery. Never asks again once an
 * agent run is known.
 */
import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  sleep,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { AgentRun } from './contract/agent-run.ts';
import type { Incident } from './contract/incident.ts';
import type { Delivery, UnsentRequest } from './contract/outcome.ts';
import { isObject } from './contract/plain/read-field.ts';
import type { SoFar } from './contract/plain/so-far.ts';
import type { IncidentRecord } from './record/incident-record.ts';

/** Enough for one delivery with slow answers where the redelivery limit is shorter than that. */
const deliveryFloorMs = 15 * 60_000;

/** The prompt, rendered by the worker. Throws PromptRefused where its template cannot be filled. */
export function renderByWorker(incident: Incident, record: IncidentRecord, soFar: SoFar): Promise<string> {
  const { renderPrompt } = proxyLocalActivities<Pick<Activities, 'renderPrompt'>>({
    startToCloseTimeout: '10 seconds', // bounded steps: a render takes milliseconds
    summary: 'render the prompt',
  });
  return orReason(renderPrompt(askedAbout(incident, record), soFar));
}

/** One delivery. Returns the agent run, or undefined when it may be tried again later. */
export async function deliverOnce(incident: Incident, record: IncidentRecord): Promise<AgentRun | undefined> {
  const agent = `${incident.agent.namespace}/${incident.agent.name}`;
  const { callAgent } = proxyActivities<Pick<Activities, 'callAgent'>>({
    startToCloseTimeout: '10 minutes', // the worker's own timeout per try is far below
    scheduleToCloseTimeout: Math.max(deliveryFloorMs, msUntilLimit(incident, record)),
    heartbeatTimeout: '10 seconds', // how long a dead worker goes unnoticed
    retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '1 minute' },
    summary: `ask ${agent}`.slice(0, 100),
  });
  try {
    return await callAgent(deliveryOf(incident, record));
  } catch (error) {
    const ending = endingOf(error);
    if (!ending.again) throw ApplicationFailure.nonRetryable(ending.message, ending.reason);
    record.failure = ending.message;
    if (ending.mayHaveStarted) record.mayHaveStarted = true;
    return undefined;
  }
}

export async function describeOnce(incident: Incident, record: IncidentRecord): Promise<UnsentRequest> {
  const { describeRequest } = proxyLocalActivities<Pick<Activities, 'describeRequest'>>({
    startToCloseTimeout: '10 seconds',
    summary: 'describe the request that is not sent',
  });
  return orReason(describeRequest(deliveryOf(incident, record)));
}

/** A repeated ask is about the newest occurrence, the first one about what started the incident. */
function askedAbout(incident: Incident, record: IncidentRecord): Incident {
  return record.asks === 1 ? incident : { ...incident, occurrence: record.newest };
}

function deliveryOf(incident: Incident, record: IncidentRecord): Delivery {
  const { type, occurrence, subject, cluster } = askedAbout(incident, record);
  return {
    agent: incident.agent,
    prompt: record.prompt ?? '',
    context: {
      eventName: type,
      eventTime: occurrence.at,
      resourceName: subject.name,
      namespace: subject.namespace,
      eventMessage: occurrence.message,
    },
    hookName: incident.hook.name,
    hookNamespace: incident.hook.namespace,
    cluster: cluster.name,
    askRun: record.askRun,
    mayHaveStarted: record.mayHaveStarted,
  };
}

/** Waits before the next delivery: 1, 2, 4 … of the first delay. Throws when the limit would pass meanwhile. */
export async function waitToRedeliver(incident: Incident, record: IncidentRecord): Promise<void> {
  const { redeliveryFirstMs, redeliveryMaxMs } = incident.timing;
  const delayMs = Math.min(redeliveryFirstMs * 2 ** record.redeliveries, redeliveryMaxMs);
  if (delayMs > msUntilLimit(incident, record)) {
    const limit = `${Math.round(incident.timing.redeliveryLimitMs / 1000)} s`;
    throw ApplicationFailure.nonRetryable(
      `The agent could not be asked within ${limit}. Last: ${record.failure ?? 'no answer'}`,
      'RedeliveryLimitReached',
    );
  }
  record.redeliveries += 1;
  await sleep(delayMs, { summary: `deliver again (redelivery ${record.redeliveries})` });
}

function msUntilLimit(incident: Incident, record: IncidentRecord): number {
  return record.askingSinceMs + incident.timing.redeliveryLimitMs - Date.now();
}

async function orReason<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    const { reason, message } = endingOf(error);
    throw ApplicationFailure.nonRetryable(message, reason);
  }
}

/**
 * Sorts what an activity ended with; a cancellation and what no activity threw go on as they are. `contract/outcome.ts` explains
 * the reasons, which are Temporal's types of failures.
 */
function endingOf(error: unknown) {
  if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure)) {
    return { reason: 'TimedOut', message: cause?.message ?? error.message, again: true, mayHaveStarted: true };
  }
  const reason = cause.type ?? 'Unknown';
  const again = reason === 'DeliveryExhausted' || cause.nonRetryable !== true;
  // The activity says so where nothing can have been started.
  const [said] = cause.details ?? [];
  const mayHaveStarted = !isObject(said) || said['mayHaveStarted'] !== false;
  return { reason, message: cause.message, again, mayHaveStarted };
}
