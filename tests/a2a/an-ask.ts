/**
 * Asks an agent as Temporal and callAgent do: one try after the other with what the last one has left, until it ends.
 *
 * Time between the tries is counted, not waited for.
 */
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { AgentPort } from '../../activities/agents/port.ts';
import { createCallAgent } from '../../activities/call-agent.ts';
import type { AgentRun } from '../../workflows/contract/agent-run.ts';
import type { Delivery } from '../../workflows/contract/outcome.ts';
import { aDelivery } from '../fake-kagent/a-delivery.ts';
import { credentialsFor } from './an-adapter.ts';

export interface AskOptions {
  agent: Pick<AgentPort, 'start'>;
  url: string;
  delivery?: Delivery;
  /** Done after each try that failed. */
  between?: (failure: ApplicationFailure) => unknown;
}

export interface Asked {
  ending: AgentRun | ApplicationFailure;
  /** Types of the failures on the way. */
  failures: string[];
  delaysMs: number[];
}

/** Failures are what these tests are about. */
const logger = new DefaultLogger('ERROR');

export async function askUntilItEnds({ agent, url, delivery = aDelivery(), between }: AskOptions): Promise<Asked> {
  const asked: Omit<Asked, 'ending'> = { failures: [], delaysMs: [] };
  let nowMs = 1_700_000_000_000;
  let heartbeatDetails: unknown;
  for (;;) {
    const environment = new MockActivityEnvironment({ heartbeatDetails }, { logger });
    environment.on('heartbeat', (details: unknown) => (heartbeatDetails = details));
    const readCredentials = () => credentialsFor({ url });
    const callAgent = createCallAgent({ agent, readCredentials, nowMs: () => nowMs });
    const attempt: Promise<AgentRun> = environment.run(callAgent, delivery);
    const ending = await attempt.catch((error: ApplicationFailure) => error);
    if (!(ending instanceof ApplicationFailure)) return { ...asked, ending };
    asked.failures.push(ending.type ?? '');
    if (ending.nonRetryable === true) return { ...asked, ending };
    asked.delaysMs.push(Number(ending.nextRetryDelay));
    nowMs += Number(ending.nextRetryDelay);
    await between?.(ending);
  }
}
