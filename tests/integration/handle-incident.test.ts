import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ApplicationFailure, type WorkflowExecutionDescription, WorkflowFailedError } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { openRun } from '../../deploy/local/runs/open-run.ts';
import { readSettings } from '../../deploy/local/settings.ts';
import { startTemporal } from '../../deploy/local/start-temporal.ts';
import { signalResolved } from '../../watcher/starting/start.ts';
import type { Incident } from '../../workflows/contract/incident.ts';
import { type Delivery, IncidentMemo } from '../../workflows/contract/outcome.ts';
import { handleIncidentType, taskQueue } from '../../workflows/contract/plain/names.ts';
import { anIncident, anOccurrence } from '../make.ts';
import { waitFor } from '../wait-for.ts';
import { createWorkflowWorld, untilContinued, type WorkflowWorld } from './workflow-world.ts';

const worlds: WorkflowWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

/** An agent that fails with these, one after the other, and then accepts; remembers what it was asked. */
function anAgent(...failures: ApplicationFailure[]) {
  const asked: Delivery[] = [];
  const callAgent = async (delivery: Delivery) => {
    asked.push(delivery);
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return { executionId: `exec-${asked.length}`, message: 'started' };
  };
  return { asked, callAgent };
}

async function worldWith(
  agent: ReturnType<typeof anAgent>,
  over: Partial<Incident> = {},
  address = inject('temporalAddress'),
) {
  const world = await createWorkflowWorld(address, { callAgent: agent.callAgent }, over);
  worlds.push(world);
  return world;
}

const first = anOccurrence();
const second = anOccurrence({ id: 'pod-uid/app/containerd://a1', order: 2 });
const exhausted = () =>
  ApplicationFailure.create({ type: 'DeliveryExhausted', message: '503 thrice', nonRetryable: true });
const patient = { ...anIncident().timing, quietWindowMs: 60_000 };
const keyword = ({ searchAttributes }: WorkflowExecutionDescription, name: string) => searchAttributes[name]?.[0];
const memoOf = async (world: WorkflowWorld) =>
  IncidentMemo.parse((await world.client.workflow.getHandle(world.workflowId).describe()).memo?.['incident']);

describe('an edge', () => {
  it('asks the agent once, counts what follows, and is resolved when it was quiet', async () => {
    const agent = anAgent();
    const world = await worldWith(agent);
    await world.whileWorking(async () => {
      expect(await world.handOver(first)).toMatchObject({ outcome: 'started' });
      await waitFor('the ask', async () => agent.asked.length === 1);
      expect(await world.handOver(second)).toMatchObject({ outcome: 'joined' });
      expect(await world.handOver(second)).toMatchObject({ outcome: 'joined' });
      const result: unknown = await world.client.workflow.getHandle(world.workflowId).result();
      expect(result).toMatchObject({ state: 'resolved', occurrences: 2, agentRun: { executionId: 'exec-1' } });
    });
    expect(agent.asked).toHaveLength(1);
    expect(agent.asked[0]).toMatchObject({ prompt: 'the prompt', hookName: 'checkout', cluster: 'prod-1' });
    const description = await world.client.workflow.getHandle(world.workflowId).describe();
    expect(keyword(description, 'IncidentState')).toBe('resolved');
    expect((await memoOf(world)).transitions.map(({ state }) => state)).toEqual(['delivering', 'asked', 'resolved']);
    expect(await description.staticSummary()).toContain('oom-kill: shop/web-0 (app) → shop/memory-analyzer');
    await world.record('resolved-edge');
  });

  it('that was resolved covers what it knew, and a later one starts a successor with a new agent run', async () => {
    const agent = anAgent();
    const world = await worldWith(agent);
    await world.whileWorking(async () => {
      await world.handOver(first);
      await world.client.workflow.getHandle(world.workflowId).result();
      // The equal request meets the run that it started; nothing new is begun.
      await world.handOver(first);
      expect(await world.handOver(anOccurrence({ id: 'older', order: 0 }))).toMatchObject({
        outcome: 'already-handled',
      });
      expect(await world.handOver(second)).toMatchObject({ outcome: 'started' });
      await waitFor('the second ask', async () => agent.asked.length === 2);
    });
    expect(agent.asked[1]?.askRun).not.toBe(agent.asked[0]?.askRun);
  });

  it('handed over by two watchers at once makes one execution and one ask', async () => {
    const agent = anAgent();
    const world = await worldWith(agent, { timing: patient });
    await world.whileWorking(async () => {
      const later = anOccurrence({ ...second, message: 'It was killed once more.' });
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, n) => world.handOver(n % 2 === 0 ? first : later)),
      );
      expect(new Set(results.map((result) => ('runId' in result ? result.runId : '')))).toHaveProperty('size', 1);
      // Whichever was first, the later one is shown.
      await waitFor('the later occurrence', async () => {
        const { currentDetails } = await world.client.workflow
          .getHandle(world.workflowId)
          .query<{ currentDetails: string }>('__temporal_workflow_metadata');
        return agent.asked.length === 1 && currentDetails.includes(later.message);
      });
    });
    expect(agent.asked).toHaveLength(1);
  });

  it('two watchers that follow the same closed run make one successor', async () => {
    const agent = anAgent();
    const world = await worldWith(agent);
    await world.whileWorking(async () => {
      await world.handOver(first);
      await world.client.workflow.getHandle(world.workflowId).result();
      const third = anOccurrence({ id: 'third', order: 3 });
      const results = await Promise.all([world.handOver(second), world.handOver(third)]);
      expect(new Set(results.map((result) => ('runId' in result ? result.runId : '')))).toHaveProperty('size', 1);
      const outcome: unknown = await world.client.workflow.getHandle(world.workflowId).result();
      expect(outcome).toMatchObject({ state: 'resolved' });
    });
    expect(agent.asked).toHaveLength(2);
  });
});

describe('a state', () => {
  it('is never over while it is true, is asked about once however it flaps, and ends a quiet window after its end', async () => {
    const agent = anAgent();
    const world = await worldWith(agent, { nature: 'state', type: 'probe-failed' });
    const resolve = (occurrenceId: string) =>
      signalResolved(world.client, world.workflowId, { occurrenceId, at: 'now', message: 'It recovered.' });
    await world.whileWorking(async () => {
      await world.handOver(first);
      await waitFor('the ask', async () => (await memoOf(world)).agentRun !== undefined);
      await resolve(first.id);
      await world.handOver(second);
      await resolve(first.id); // late news of the first episode
      const running = await world.client.workflow.getHandle(world.workflowId).describe();
      expect(running.status.name).toBe('RUNNING');
      await resolve(second.id);
      const result: unknown = await world.client.workflow.getHandle(world.workflowId).result();
      expect(result).toMatchObject({ state: 'resolved', occurrences: 2 });
    });
    expect(agent.asked).toHaveLength(1);
    await world.record('resolved-state');
  });
});

describe('an incident with repeatAfter', () => {
  const timing = { ...anIncident().timing, quietWindowMs: 3000, repeatAfterMs: 1000 };

  it('is asked about again while its state is true, each time as a new agent run, and not after', async () => {
    const agent = anAgent();
    const world = await worldWith(agent, { nature: 'state', type: 'probe-failed', timing });
    await world.whileWorking(async () => {
      await world.handOver(first);
      await waitFor('the first ask', async () => agent.asked.length === 1);
      await world.handOver(anOccurrence({ ...second, message: 'the newest message' }));
      await waitFor('the third ask', async () => agent.asked.length === 3);
      await signalResolved(world.client, world.workflowId, { occurrenceId: second.id, at: 'now', message: 'over' });
      const result: unknown = await world.client.workflow.getHandle(world.workflowId).result();
      expect(result).toMatchObject({ asks: 3, occurrences: 2, agentRun: { executionId: 'exec-3' } });
    });
    expect(agent.asked).toHaveLength(3);
    expect(new Set(agent.asked.map(({ askRun }) => askRun)).size).toBe(3);
    expect(agent.asked.map(({ context }) => context.eventMessage)).toEqual([
      first.message,
      'the newest message',
      'the newest message',
    ]);
    await world.record('repeated');
  });

  it('is asked about again only when its edge occurred since, and has the whole redelivery limit for it', async () => {
    const agent = anAgent();
    const world = await worldWith(agent, { timing: { ...timing, redeliveryLimitMs: 900 } });
    await world.whileWorking(async () => {
      await world.handOver(first);
      await waitFor('the first ask', async () => (await memoOf(world)).agentRun !== undefined);
      await world.handOver(second);
      await waitFor('the second ask', async () => agent.asked.length === 2);
      const result: unknown = await world.client.workflow.getHandle(world.workflowId).result();
      expect(result).toMatchObject({ asks: 2, occurrences: 2 });
    });
    expect(agent.asked).toHaveLength(2);
  });
});

it('an incident that is only observed ends with the request that was not sent', async () => {
  const agent = anAgent();
  const request = { method: 'POST', path: '/v1/agents/memory-analyzer/invoke', body: { prompt: 'the prompt' } };
  const activities = { callAgent: agent.callAgent, describeRequest: async () => request };
  const world = await createWorkflowWorld(inject('temporalAddress'), activities, { mode: 'observe' });
  worlds.push(world);
  await world.whileWorking(async () => {
    await world.handOver(first);
    const result: unknown = await world.client.workflow.getHandle(world.workflowId).result();
    expect(result).toMatchObject({ state: 'resolved', request });
  });
  expect(agent.asked).toHaveLength(0);
  await world.record('observed');
});

describe('a delivery', () => {
  it('that is used up is made again after a pause, as the same agent run, until the agent was asked', async () => {
    const agent = anAgent(exhausted(), exhausted());
    const world = await worldWith(agent);
    await world.whileWorking(async () => {
      await world.handOver(first);
      await world.client.workflow.getHandle(world.workflowId).result();
    });
    expect(agent.asked).toHaveLength(3);
    expect(new Set(agent.asked.map(({ askRun }) => askRun)).size).toBe(1);
    expect((await memoOf(world)).transitions.map(({ state }) => state)).toEqual([
      'delivering',
      'redelivering',
      'asked',
      'resolved',
    ]);
    await world.record('redelivered');
  });

  it('is not made again with a redelivery limit of 0', async () => {
    const agent = anAgent(exhausted(), exhausted());
    const world = await worldWith(agent, { timing: { ...anIncident().timing, redeliveryLimitMs: 0 } });
    await world.whileWorking(async () => {
      await world.handOver(first);
      await expect(world.client.workflow.getHandle(world.workflowId).result()).rejects.toMatchObject({
        cause: { type: 'RedeliveryLimitReached', message: expect.stringContaining('503 thrice') },
      });
    });
    expect(agent.asked).toHaveLength(1);
  });

  it('that is refused for good fails with its reason, and is not asked again until the Hook changes', async () => {
    const agent = anAgent(ApplicationFailure.nonRetryable('Invalid API key', 'Unauthorized'));
    const world = await worldWith(agent);
    await world.whileWorking(async () => {
      await world.handOver(first);
      const failure = await world.client.workflow
        .getHandle(world.workflowId)
        .result()
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(WorkflowFailedError);
      expect(failure).toMatchObject({ cause: { type: 'Unauthorized', message: 'Invalid API key' } });
      const description = await world.client.workflow.getHandle(world.workflowId).describe();
      expect([keyword(description, 'IncidentState'), keyword(description, 'FailureReason')]).toEqual([
        'failed',
        'Unauthorized',
      ]);
      expect(await world.handOver(second)).toMatchObject({ outcome: 'incident-failed' });
      await world.record('failed');
      const edited = { hook: { ...world.incident.hook, generation: 2 } };
      expect(await world.handOver(second, edited)).toMatchObject({ outcome: 'started' });
      await waitFor('the ask after the edit', async () => agent.asked.length === 2);
    });
  });

  it('whose retryable failures outlast the server is sorted as the activity sorted it', async () => {
    const again = () =>
      ApplicationFailure.create({ type: 'RateLimited', message: 'slow down', nextRetryDelay: '100ms' });
    const agent = anAgent(again(), again(), again());
    const world = await worldWith(agent);
    await world.whileWorking(async () => {
      await world.handOver(first);
      await world.client.workflow.getHandle(world.workflowId).result();
    });
    expect(agent.asked).toHaveLength(4);
    await world.record('rate-limited');
  });
});

/** Arguments of a signal that nobody can decode. */
const brokenPayloads: Payload[][] = [
  [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{{') }],
  [{ metadata: { encoding: Buffer.from('json/plain') } }],
  [{ metadata: { encoding: Buffer.from('no/such') }, data: Buffer.from('x') }],
  [{ metadata: {}, data: Buffer.from([0xff, 0xfe]) }],
  [{}],
  Array.from({ length: 20 }, () => ({ metadata: { encoding: Buffer.from('no/such') }, data: Buffer.from('x') })),
];

async function signalRaw(
  { client, workflowId }: WorkflowWorld,
  signalName: string,
  payloads: Payload[],
): Promise<void> {
  await client.workflowService.signalWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    signalName,
    input: { payloads },
  });
}

describe('what a person does', () => {
  it('signals of any shape are dropped and counted, and fail no workflow task', async () => {
    const agent = anAgent();
    const world = await worldWith(agent, { timing: { ...anIncident().timing, quietWindowMs: 6_000 } }); // all come before
    const handle = world.client.workflow.getHandle(world.workflowId);
    await world.whileWorking(async () => {
      await world.handOver(first);
      await waitFor('the ask', async () => (await memoOf(world)).agentRun !== undefined);
      await handle.signal('resolved');
      await handle.signal('resolved', { occurrenceId: 1 });
      await handle.signal('occurrences', 'what is this');
      await handle.signal('occurrences', { occurrences: [null, { ...second, at: '2030' }, second] });
      await handle.signal('no-such-signal', 1);
      for (const name of ['occurrences', 'resolved', 'no-such-signal', '__temporal_no_such_signal'])
        for (const payloads of brokenPayloads) await signalRaw(world, name, payloads);
      const result: unknown = await handle.result();
      expect(result).toMatchObject({ state: 'resolved', occurrences: 2 });
    });
    expect((await memoOf(world)).dropped).toBe(5 + 2 * brokenPayloads.length);
    const { events = [] } = await handle.fetchHistory();
    expect(events?.filter(({ workflowTaskFailedEventAttributes: failed }) => failed)).toEqual([]);
  });

  it.each<[string, unknown[]]>([
    ['nothing', []],
    ['a text', ['start it']],
    ['half an incident', [{ ...anIncident(), occurrence: undefined }]],
    ['an incident and what no run has handed on', [anIncident(), { known: {} }]],
  ])('an execution that is started with %s fails, and says why', async (_, args) => {
    const agent = anAgent();
    const world = await worldWith(agent);
    await world.whileWorking(async () => {
      const started = await world.client.workflow.start(handleIncidentType, {
        args,
        workflowId: world.workflowId,
        taskQueue: taskQueue(world.incident.installation),
      });
      await expect(started.result()).rejects.toMatchObject({ cause: { type: 'NoIncident' } });
    });
    expect(agent.asked).toHaveLength(0);
  });

  it('a cancelled execution ends, says so, and stays ended while the trouble goes on', async () => {
    const agent = anAgent();
    const world = await worldWith(agent, { timing: patient });
    await world.whileWorking(async () => {
      await world.handOver(first);
      await waitFor('the ask', async () => (await memoOf(world)).agentRun !== undefined);
      const handle = world.client.workflow.getHandle(world.workflowId);
      await handle.cancel();
      await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
      expect(keyword(await handle.describe(), 'IncidentState')).toBe('cancelled');
      expect(await world.handOver(second)).toMatchObject({ outcome: 'already-handled' });
    });
    expect(agent.asked).toHaveLength(1);
    await world.record('cancelled');
  });

  it('a reset of the first workflow task asks again, as a new agent run', async () => {
    const agent = anAgent(ApplicationFailure.nonRetryable('no such agent', 'AgentNotFound'));
    const world = await worldWith(agent);
    await world.whileWorking(async () => {
      await world.handOver(first);
      const handle = world.client.workflow.getHandle(world.workflowId);
      await handle.result().catch(() => undefined);
      const reset = ['workflow', 'reset', '--workflow-id', world.workflowId, '--type', 'FirstWorkflowTask'];
      const why = ['--reason', 'the agent exists now', '--address', inject('temporalAddress')];
      await promisify(execFile)(inject('enginePaths').temporal, [...reset, ...why]);
      await handle.result();
    });
    expect(agent.asked).toHaveLength(2);
    expect(agent.asked[1]?.askRun).not.toBe(agent.asked[0]?.askRun);
  });
});

it('a long incident goes on in a new run with its counts, its agent run and what it knows', async () => {
  const run = await openRun(readSettings());
  const flags = ['--dynamic-config-value=limit.historyCount.suggestContinueAsNew=40'];
  const temporal = await startTemporal({ run, path: inject('enginePaths').temporal, flags });
  const agent = anAgent();
  const world = await createWorkflowWorld(temporal.address, { callAgent: agent.callAgent }, { nature: 'state' });
  try {
    await world.whileWorking(async () => {
      const started = await world.handOver(first);
      await waitFor('the ask', async () => (await memoOf(world)).agentRun !== undefined);
      const firstRun = 'runId' in started ? started.runId : '';
      const count = await untilContinued(world, firstRun);
      const { runId: last } = await world.client.workflow.getHandle(world.workflowId).describe();
      await signalResolved(world.client, world.workflowId, { occurrenceId: `o${count}`, at: 'now', message: 'over' });
      const result: unknown = await world.client.workflow.getHandle(world.workflowId).result();
      expect(result).toMatchObject({ occurrences: count, agentRun: { executionId: 'exec-1' } });
      await world.record('continued-first', firstRun);
      await world.record('continued-last', last);
    });
    expect(agent.asked).toHaveLength(1);
  } finally {
    await world.close();
    await run.close();
  }
});
