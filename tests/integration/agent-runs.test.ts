/** The story of an execution whose agent run can be followed: the run and the incident end each by itself. */
import { Context } from '@temporalio/activity';
import { WorkflowFailedError } from '@temporalio/client';
import { afterEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { openRun } from '../../deploy/local/runs/open-run.ts';
import { readSettings } from '../../deploy/local/settings.ts';
import { startTemporal } from '../../deploy/local/start-temporal.ts';
import { signalResolved } from '../../watcher/starting/start.ts';
import type { CancelRequest, FollowedRun, Following, RunEnding } from '../../workflows/contract/agent-run.ts';
import type { Incident } from '../../workflows/contract/incident.ts';
import { type Delivery, IncidentMemo } from '../../workflows/contract/outcome.ts';
import { anIncident, anOccurrence, aPause } from '../make.ts';
import { waitFor } from '../wait-for.ts';
import { createWorkflowWorld, untilContinued, type WorkflowWorld } from './workflow-world.ts';

const worlds: WorkflowWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

const completed: RunEnding = {
  outcome: 'AgentRunCompleted',
  answer: 'The limit is too low: raise it to 512Mi.',
  usage: { promptTokens: 237, completionTokens: 7 },
  toolCalls: 2,
};
const ended = (ending: RunEnding): FollowedRun => ({ state: 'ended', ending });
const pause = aPause({ id: 'p1', message: 'Delete db-1?' });

/** An agent whose runs come back with these, one after the other; the last one holds. */
function anAgent(...comesBack: (FollowedRun | Promise<FollowedRun>)[]) {
  const asked: Delivery[] = [];
  const followed: Following[] = [];
  const cancelled: CancelRequest[] = [];
  const fairnessKeys: (string | undefined)[] = [];
  const callAgent = async (delivery: Delivery) => {
    asked.push(delivery);
    return { executionId: `task-${asked.length}`, protocol: 'kagent-0' as const, contextId: 'context' };
  };
  const followRun = async (following: Following) => {
    followed.push(following);
    fairnessKeys.push(Context.current().info.priority?.fairnessKey);
    const next = comesBack.length > 1 ? comesBack.shift() : comesBack[0];
    return (await Promise.race([next, Context.current().cancelled])) ?? ended(completed);
  };
  const cancelRun = async (request: CancelRequest) => {
    cancelled.push(request);
    return { isCancelled: true, said: 'the agent cancelled its run' };
  };
  return { asked, followed, cancelled, fairnessKeys, activities: { callAgent, followRun, cancelRun } };
}

async function worldWith(
  agent: ReturnType<typeof anAgent>,
  over: Partial<Incident> = {},
  address = inject('temporalAddress'),
): Promise<WorkflowWorld> {
  const world = await createWorkflowWorld(address, agent.activities, over);
  worlds.push(world);
  return world;
}

const quiet = (quietWindowMs: number) => ({ timing: { ...anIncident().timing, quietWindowMs } });
const handleOf = ({ client, workflowId }: WorkflowWorld) => client.workflow.getHandle(workflowId);
const resultOf = (world: WorkflowWorld): Promise<unknown> => handleOf(world).result();
const memoOf = async (world: WorkflowWorld) =>
  IncidentMemo.parse((await handleOf(world).describe()).memo?.['incident']);
const statesOf = async (world: WorkflowWorld) => (await memoOf(world)).transitions.map(({ state }) => state);
const untilState = (world: WorkflowWorld, state: string) =>
  waitFor(`the state ${state}`, async () => (await statesOf(world)).at(-1) === state);
const attributeOf = async (world: WorkflowWorld, name: string) =>
  (await handleOf(world).describe()).searchAttributes[name]?.[0];
const detailsOf = async (world: WorkflowWorld) =>
  handleOf(world).query<{ currentDetails: string }>('__temporal_workflow_metadata');

describe('a run that answers', () => {
  it('after which the incident is over: asked, running, answered, resolved', async () => {
    const agent = anAgent(ended(completed));
    const world = await worldWith(agent, quiet(3000)); // longer than a busy machine takes to answer
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      expect(await resultOf(world)).toMatchObject({
        state: 'resolved',
        agentRun: { executionId: 'task-1', protocol: 'kagent-0' },
        ending: completed,
        recovery: 'recovered after it',
      });
    });
    expect(await statesOf(world)).toEqual(['delivering', 'asked', 'running', 'answered', 'resolved']);
    expect(await memoOf(world)).toMatchObject({ outcome: 'AgentRunCompleted', answer: completed.answer });
    expect(agent.followed).toMatchObject([{ run: { executionId: 'task-1' }, agent: anIncident().agent }]);
    await world.record('answered');
  });

  it('later than the incident was over: the execution waits for it, and says that it recovered meanwhile', async () => {
    const answer = Promise.withResolvers<FollowedRun>();
    const agent = anAgent(answer.promise);
    const world = await worldWith(agent, quiet(300));
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await waitFor('the end of the trouble', async () => (await memoOf(world)).transitions.at(-1)?.note !== undefined);
      expect((await memoOf(world)).transitions.at(-1)?.note).toContain('the trouble is over');
      expect((await handleOf(world).describe()).status.name).toBe('RUNNING');
      answer.resolve(ended(completed));
      expect(await resultOf(world)).toMatchObject({ recovery: 'recovered while the agent ran' });
    });
    await world.record('answered-late');
  });

  it('while a state is still true: the execution stays open, and its details say so', async () => {
    const agent = anAgent(ended(completed));
    const world = await worldWith(agent, { nature: 'state' });
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await untilState(world, 'answered');
      const { currentDetails } = await detailsOf(world);
      expect(currentDetails).toContain('still firing when it answered');
      expect(currentDetails).toContain('`The limit is too low: raise it to 512Mi.`');
      expect(currentDetails).toContain('237 + 7 tokens, 2 tool call(s)');
      const signal = { occurrenceId: anOccurrence().id, at: new Date().toISOString(), message: 'It is ready.' };
      await signalResolved(world.client, world.workflowId, signal);
      expect(await resultOf(world)).toMatchObject({ recovery: 'recovered after it' });
    });
  });

  it('and sees the same trouble again afterwards: still firing when it answered', async () => {
    const agent = anAgent(ended(completed));
    const world = await worldWith(agent, quiet(1_500));
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await untilState(world, 'answered');
      await world.handOver(anOccurrence({ id: 'pod-uid/app/containerd://a1', order: 2 }));
      expect(await resultOf(world)).toMatchObject({ occurrences: 2, recovery: 'still firing when it answered' });
    });
    expect(agent.asked).toHaveLength(1);
  });
});

it("a run that outlives its execution's first history is followed on by the next one, and nobody is asked again", async () => {
  const local = await openRun(readSettings());
  onTestFinished(() => local.close());
  const flags = ['--dynamic-config-value=limit.historyCount.suggestContinueAsNew=30'];
  const { address } = await startTemporal({ run: local, path: inject('enginePaths').temporal, flags });
  const answer = Promise.withResolvers<FollowedRun>();
  const agent = anAgent(answer.promise);
  const world = await worldWith(agent, quiet(600_000), address);
  await world.whileWorking(async () => {
    await world.handOver(anOccurrence());
    await untilState(world, 'running');
    const { runId: first } = await handleOf(world).describe();
    await untilContinued(world, first);
    await waitFor('the second follow', async () => agent.followed.length === 2);
    answer.resolve(ended(completed));
    await untilState(world, 'answered');
    await world.record('continued-running-first', first);
    await world.record('continued-running-last');
  });
  expect(agent.asked).toHaveLength(1);
  expect(new Set(agent.followed.map(({ run, deadlineMs }) => `${run.executionId} ${deadlineMs}`)).size).toBe(1);
  expect(agent.fairnessKeys).toEqual(['shop', 'shop']); // the namespace of the Hook, whose turn it is
  await Promise.all(worlds.splice(0).map((each) => each.close())); // before its server goes
}, 120_000);

describe('a run that fails', () => {
  it('is shown with its reason word, and the incident goes on to its own end', async () => {
    const why = 'Error code: 500';
    const agent = anAgent(ended({ outcome: 'AgentRunFailed', why }));
    const world = await worldWith(agent, quiet(3000));
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      expect(await resultOf(world)).toMatchObject({ ending: { outcome: 'AgentRunFailed', why } });
    });
    expect(await statesOf(world)).toEqual(['delivering', 'asked', 'running', 'run-failed', 'resolved']);
    expect(await attributeOf(world, 'FailureReason')).toBe('AgentRunFailed');
    expect(agent.asked).toHaveLength(1);
  });

  it('because it was lost, is not asked again by itself', async () => {
    const agent = anAgent(ended({ outcome: 'AgentLostRun' }));
    const world = await worldWith(agent);
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      expect(await resultOf(world)).toMatchObject({ ending: { outcome: 'AgentLostRun' } });
    });
    expect(agent.asked).toHaveLength(1);
  });

  it('because it was lost, is asked again once where the Hook wants that, as a new ask run', async () => {
    const agent = anAgent(ended({ outcome: 'AgentLostRun' }));
    const world = await worldWith(agent, { timing: { ...anIncident().timing, lostRunRetries: 1 } });
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      expect(await resultOf(world)).toMatchObject({ asks: 2, ending: { outcome: 'AgentLostRun' } });
    });
    expect(new Set(agent.asked.map(({ askRun }) => askRun)).size).toBe(2);
    await world.record('lost-and-retried');
  });
});

describe('a run that pauses', () => {
  it('shows for what it waits, is followed on with that pause, and answers when it was left', async () => {
    const left = Promise.withResolvers<FollowedRun>();
    const agent = anAgent({ state: 'paused', pause }, left.promise, ended(completed));
    const world = await worldWith(agent);
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await untilState(world, 'awaiting-approval');
      expect((await detailsOf(world)).currentDetails).toContain('Delete db-1?');
      await waitFor('the second follow', async () => agent.followed.length === 2);
      expect(agent.followed[1]).toMatchObject({ pauseId: 'p1' });
      left.resolve({ state: 'working' });
      expect(await resultOf(world)).toMatchObject({ ending: completed });
    });
    expect(agent.followed).toHaveLength(3);
    expect((await statesOf(world)).slice(-5)).toEqual([
      'running',
      'awaiting-approval',
      'running',
      'answered',
      'resolved',
    ]);
  });
});

describe('a cancel', () => {
  it('stops the run at the agent, and keeps what the agent said', async () => {
    const agent = anAgent(new Promise<FollowedRun>(() => undefined));
    const world = await worldWith(agent, quiet(60_000));
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await waitFor('the follow', async () => agent.followed.length === 1);
      await handleOf(world).cancel();
      await expect(resultOf(world)).rejects.toBeInstanceOf(WorkflowFailedError);
    });
    expect((await handleOf(world).describe()).status.name).toBe('CANCELLED');
    expect(agent.cancelled).toMatchObject([{ run: { executionId: 'task-1' } }]);
    expect((await memoOf(world)).transitions.at(-1)).toMatchObject({
      state: 'cancelled',
      note: 'the agent cancelled its run',
    });
    await world.record('cancelled-while-running');
  });

  it('of a run that has ended asks the agent nothing', async () => {
    const agent = anAgent(ended(completed));
    const world = await worldWith(agent, quiet(60_000));
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await untilState(world, 'answered');
      await handleOf(world).cancel();
      await expect(resultOf(world)).rejects.toBeInstanceOf(WorkflowFailedError);
    });
    expect(agent.cancelled).toEqual([]);
  });

  it('in the middle of a send looks for what it may have started', async () => {
    const agent = anAgent();
    const sending = Promise.withResolvers<void>();
    const callAgent = async () => {
      sending.resolve();
      const beat = setInterval(() => Context.current().heartbeat(), 1_000);
      return Context.current().cancelled.finally(() => clearInterval(beat));
    };
    const world = await createWorkflowWorld(
      inject('temporalAddress'),
      { ...agent.activities, callAgent },
      quiet(60_000),
    );
    worlds.push(world);
    await world.whileWorking(async () => {
      await world.handOver(anOccurrence());
      await sending.promise;
      await handleOf(world).cancel();
      await waitFor('the look', async () => agent.cancelled.length === 1);
    });
    expect(agent.cancelled[0]).not.toHaveProperty('run');
  });
});
