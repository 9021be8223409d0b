/** What people do to executions: the documented `temporal` commands as printed, and the requests that `tctl` makes. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { type Delivery, IncidentMemo } from '../../workflows/contract/outcome.ts';
import { readDocumentation } from '../documentation.ts';
import { type anIncident, anOccurrence } from '../make.ts';
import { waitFor } from '../wait-for.ts';
import { createWorkflowWorld, type WorkflowWorld } from './workflow-world.ts';

const documentation = readDocumentation();
const worlds: WorkflowWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

/** The command of a row of the documentation's table. */
function commandTo(what: string): string {
  const row = documentation.split('\n').find((line) => line.startsWith(`| ${what} |`));
  const [command] = /`(temporal [^`]*)`/.exec(row ?? '')?.slice(1) ?? [];
  if (command === undefined) throw new Error(`The documentation has no command to "${what}".`);
  return command;
}

function askAgainAboutMany(): string {
  const [, command] = /```bash\n(temporal workflow list[^`]*)```/.exec(documentation) ?? [];
  if (command === undefined) throw new Error('The documentation has no command to ask again about many.');
  return command;
}

/** Runs it as a person would, with the placeholders filled in; resolves with what it printed. */
async function run(command: string, { incident, workflowId }: WorkflowWorld): Promise<string> {
  const filled = command
    .replaceAll('INSTALLATION', incident.installation)
    .replace('-w ID', `-w '${workflowId}'`)
    .replace('--reason WHY', '--reason "because of the test"');
  const path = `${dirname(inject('enginePaths').temporal)}:${process.env['PATH'] ?? ''}`;
  const env = { ...process.env, PATH: path, TEMPORAL_ADDRESS: inject('temporalAddress') };
  return (await promisify(execFile)('sh', ['-c', filled], { env })).stdout;
}

async function aWorld(failures: ApplicationFailure[] = [], over: Parameters<typeof anIncident>[0] = {}) {
  const asked: Delivery[] = [];
  const callAgent = async (delivery: Delivery) => {
    asked.push(delivery);
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return { executionId: `exec-${asked.length}` };
  };
  const world = await createWorkflowWorld(inject('temporalAddress'), { callAgent }, over);
  worlds.push(world);
  return { world, asked, handle: world.client.workflow.getHandle(world.workflowId) };
}

const patient = {
  quietWindowMs: 60_000,
  redeliveryFirstMs: 60_000,
  redeliveryMaxMs: 60_000,
  redeliveryLimitMs: 600_000,
};
const notFound = () => ApplicationFailure.nonRetryable('no such agent', 'AgentNotFound');
const exhausted = () => ApplicationFailure.create({ type: 'DeliveryExhausted', message: '503', nonRetryable: true });
const stateOf = async ({ client, workflowId }: WorkflowWorld) => {
  const { memo } = await client.workflow.getHandle(workflowId).describe();
  return IncidentMemo.parse(memo?.['incident']).transitions.at(-1)?.state;
};
const untilState = (world: WorkflowWorld, state: string) =>
  waitFor(`the state ${state}`, async () => (await stateOf(world)) === state);

/** What the event of the history says about who asked for it, and why. */
async function requestedBy(world: WorkflowWorld) {
  const { events } = await world.client.workflow.getHandle(world.workflowId).fetchHistory();
  return events?.flatMap(
    ({ workflowExecutionCancelRequestedEventAttributes: cancel, workflowExecutionTerminatedEventAttributes: end }) => [
      ...(!cancel ? [] : [{ who: cancel.identity, why: cancel.cause }]),
      ...(!end ? [] : [{ who: end.identity, why: end.reason }]),
    ],
  );
}

describe('with temporal, as the documentation prints it', () => {
  it('one lists what is firing, and sees one', async () => {
    const { world } = await aWorld([], { timing: patient });
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await untilState(world, 'asked');
      await waitFor('the list', async () =>
        (await run(commandTo('list what is firing'), world)).includes(world.workflowId.slice(0, 20)),
      );
      expect(await run(commandTo('see one'), world)).toContain('WorkflowExecutionStarted');
    });
  });

  it('one stops an execution that waits for its agent: it ends at once, and nobody is asked any more', async () => {
    const { world, asked, handle } = await aWorld([exhausted()], { timing: patient });
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await untilState(world, 'redelivering');
      await run(commandTo('stop waiting'), world);
      await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
    });
    expect([(await handle.describe()).status.name, asked.length]).toEqual(['CANCELLED', 1]);
    expect(await requestedBy(world)).toMatchObject([{ who: expect.stringContaining('temporal-cli') }]);
  });

  it('one stops many', async () => {
    const { world, handle } = await aWorld([exhausted()], { timing: patient });
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await untilState(world, 'redelivering');
      const query = `Installation='${world.incident.installation}' AND IncidentState='redelivering'`;
      await waitFor('visibility', async () => (await world.client.workflow.count(query)).count === 1);
      await run(commandTo('stop waiting for many'), world);
      await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
    });
    expect((await handle.describe()).status.name).toBe('CANCELLED');
  });

  it('one ends one at once', async () => {
    const { world, handle } = await aWorld([], { timing: patient });
    await world.handOver(anOccurrence());
    await run(commandTo('end at once'), world);
    expect((await handle.describe()).status.name).toBe('TERMINATED');
    expect(await requestedBy(world)).toMatchObject([{ why: 'because of the test' }]);
  });

  it('one asks again about one that failed: a new agent run, with a key of its own', async () => {
    const { world, asked, handle } = await aWorld([notFound()]);
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await handle.result().catch(() => undefined);
      await run(commandTo('ask again about one'), world);
      await handle.result();
    });
    expect(new Set(asked.map(({ askRun }) => askRun)).size).toBe(2);
  });

  it('one asks again about all that failed: once for an id that failed three times, never for one that was handled since', async () => {
    const { world, asked, handle } = await aWorld([notFound(), notFound(), notFound()]);
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await handle.result().catch(() => undefined);
      for (const generation of [2, 3]) {
        const later = anOccurrence({ id: `later-${generation}`, order: generation });
        await world.handOver(later, { hook: { ...world.incident.hook, generation } });
        await handle.result().catch(() => undefined);
      }
      const failed = `Installation='${world.incident.installation}' AND ExecutionStatus='Failed'`;
      await waitFor('three failed runs', async () => (await world.client.workflow.count(failed)).count === 3);
      await run(askAgainAboutMany(), world);
      await handle.result();
      expect(asked).toHaveLength(4);
      const all = `Installation='${world.incident.installation}' AND ExecutionStatus='Completed'`;
      await waitFor('the completed run', async () => (await world.client.workflow.count(all)).count === 1);
      await run(askAgainAboutMany(), world);
    });
    expect(asked).toHaveLength(4);
  });
});

/** `tctl` is not to be had everywhere; it sends these requests. */
describe('with the requests of tctl', () => {
  const requestOf = ({ client, workflowId }: WorkflowWorld) => ({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    identity: 'tctl@test',
    requestId: randomUUID(),
  });

  it('an execution is cancelled', async () => {
    const { world, asked, handle } = await aWorld([exhausted()], { timing: patient });
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await untilState(world, 'redelivering');
      await world.client.workflowService.requestCancelWorkflowExecution(requestOf(world));
      await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
    });
    expect([await stateOf(world), asked.length]).toEqual(['cancelled', 1]);
    expect(await requestedBy(world)).toMatchObject([{ who: 'tctl@test' }]);
  });

  it('an execution is terminated', async () => {
    const { world, handle } = await aWorld([], { timing: patient });
    await world.handOver(anOccurrence());
    await world.client.workflowService.terminateWorkflowExecution({ ...requestOf(world), reason: 'enough' });
    expect((await handle.describe()).status.name).toBe('TERMINATED');
  });

  it('an execution is reset to its first workflow task, and asks again', async () => {
    const { world, asked, handle } = await aWorld([notFound()]);
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await handle.result().catch(() => undefined);
      const { events } = await handle.fetchHistory();
      const task = events?.find(({ workflowTaskCompletedEventAttributes: completed }) => Boolean(completed));
      const { runId } = await handle.describe();
      await world.client.workflowService.resetWorkflowExecution({
        ...requestOf(world),
        workflowExecution: { workflowId: world.workflowId, runId },
        reason: 'the agent exists now',
        workflowTaskFinishEventId: task?.eventId ?? null,
      });
      await handle.result();
    });
    expect(new Set(asked.map(({ askRun }) => askRun)).size).toBe(2);
  });
});
