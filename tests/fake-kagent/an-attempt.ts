/**
 * Runs the activity callAgent against the fake Kagent as Temporal would: one attempt, or all until it ends.
 *
 * Time between the attempts is only counted, never waited for.
 */
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { Credentials } from '../../activities/agents/credentials.ts';
import { createRestAgent } from '../../activities/agents/rest/rest.ts';
import { type CallAgentDependencies, createCallAgent } from '../../activities/call-agent.ts';
import type { AgentRun } from '../../workflows/contract/agent-run.ts';
import { aDelivery, someCredentials } from './a-delivery.ts';
import type { FakeKagent } from './server.ts';

export interface Attempt {
  environment: MockActivityEnvironment;
  heartbeats: unknown[];
  run: () => Promise<AgentRun>;
}

export interface AttemptOptions extends Partial<CallAgentDependencies> {
  fake: FakeKagent;
  /** Which attempt it is, from 1. */
  attempt?: number;
  heartbeatDetails?: unknown;
  credentials?: Partial<Credentials>;
  logs?: unknown[];
}

/** One attempt of the activity as Temporal would start it. */
export function anAttempt({
  fake,
  attempt = 1,
  heartbeatDetails,
  credentials,
  logs = [],
  ...dependencies
}: AttemptOptions): Attempt {
  const logger = new DefaultLogger('TRACE', (entry) => logs.push(entry));
  const environment = new MockActivityEnvironment({ attempt, heartbeatDetails }, { logger });
  const heartbeats: unknown[] = [];
  environment.on('heartbeat', (details: unknown) => heartbeats.push(details));
  const readCredentials = () => someCredentials({ baseUrl: fake.url, ...credentials });
  const agent = createRestAgent({ readCredentials, version: '1', jitter: () => 0 });
  const callAgent = createCallAgent({ agent, readCredentials, ...dependencies });
  return { environment, heartbeats, run: () => environment.run(callAgent, aDelivery()) };
}

export interface Story {
  ending: AgentRun | ApplicationFailure;
  delaysMs: unknown[];
  types: unknown[];
}

/** Does what Temporal does: retries with the last heartbeat's details, after the delay that the failure asked for. */
export async function untilItEnds(options: AttemptOptions): Promise<Story> {
  let nowMs = 1_700_000_000_000;
  let heartbeatDetails: unknown = options.heartbeatDetails;
  const story = { delaysMs: [] as unknown[], types: [] as unknown[] };
  for (let attempt = 1; ; attempt += 1) {
    const { run, heartbeats } = anAttempt({ ...options, attempt, heartbeatDetails, nowMs: () => nowMs });
    const ending = await run().catch((error: ApplicationFailure) => error);
    if (!(ending instanceof ApplicationFailure)) return { ...story, ending };
    story.types.push(ending.type);
    if (ending.nonRetryable === true) return { ...story, ending };
    story.delaysMs.push(ending.nextRetryDelay);
    nowMs += Number(ending.nextRetryDelay);
    heartbeatDetails = heartbeats.at(-1);
  }
}
