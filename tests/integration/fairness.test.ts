/** Namespaces take turns: what one of them has waiting on a task queue of Temporal does not stand before the others. */
import { Context } from '@temporalio/activity';
import { afterEach, expect, inject, it } from 'vitest';
import { createSlotShare } from '../../activities/agents/slot-share.ts';
import { createCallAgent } from '../../activities/call-agent.ts';
import type { Activities } from '../../activities/index.ts';
import { startOrJoin, startSuccessor } from '../../watcher/start.ts';
import { workflowIdOf } from '../../watcher/starting/identity.ts';
import type { AgentRun, FollowedRun } from '../../workflows/contract/agent-run.ts';
import type { Incident } from '../../workflows/contract/incident.ts';
import { runsTaskQueue, taskQueue } from '../../workflows/contract/names.ts';
import type { Delivery } from '../../workflows/contract/outcome.ts';
import { waitFor } from '../wait-for.ts';
import { createWorkflowWorld, type WorkflowWorld } from './workflow-world.ts';

const worlds: WorkflowWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

/** Many more than the slots, so that the neighbour would wait long in a queue that serves who came first. */
const crowd = 50;
const slots = 2;

async function worldWith(activities: Partial<Activities>): Promise<WorkflowWorld> {
  const world = await createWorkflowWorld(inject('temporalAddress'), activities);
  worlds.push(world);
  return world;
}

function incidentOf(world: WorkflowWorld, namespace: string, n: number): Incident {
  const name = `web-${n}`;
  const subject = { kind: 'Pod', namespace, name, uid: `${namespace}-${n}` };
  const hook = { ...world.incident.hook, namespace, uid: `hook-${namespace}` };
  // Long enough that nothing ends by itself, and so nothing else than asking and following is to be done.
  const timing = { ...world.incident.timing, quietWindowMs: 600_000 };
  return { ...world.incident, hook, subject, timing };
}

async function start(world: WorkflowWorld, incident: Incident): Promise<void> {
  const workflowId = workflowIdOf({ ...incident, installation: incident.installation });
  const result = await startOrJoin(world.client, { workflowId, incident, occurrences: [incident.occurrence] });
  expect(result).toMatchObject({ outcome: 'started' });
}

async function startCrowd(world: WorkflowWorld, namespace: string): Promise<void> {
  await Promise.all(Array.from({ length: crowd }, (_, n) => start(world, incidentOf(world, namespace, n))));
}

/** An activity whose calls last until they are let go, and the namespaces of those that have begun, in their order. */
function heldCalls() {
  const begun: string[] = [];
  const waiting: (() => void)[] = [];
  let isOpen = false;
  return {
    begun,
    hold: async () => {
      begun.push(Context.current().info.priority?.fairnessKey ?? 'none');
      if (!isOpen) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    waiting: () => waiting.length,
    letOneGo: () => waiting.shift()?.(),
    letAllGo: () => {
      isOpen = true;
      for (const letGo of waiting.splice(0)) letGo();
    },
  };
}

/** The neighbour comes last, and its turn is among the next; by the order of arrival it would be the last of all. */
async function untilNeighboursTurn(calls: ReturnType<typeof heldCalls>): Promise<void> {
  for (let n = 0; n < 10 && !calls.begun.includes('small'); n += 1) {
    const { length } = calls.begun;
    calls.letOneGo();
    await waitFor('the next call', async () => calls.begun.length > length);
  }
  const turn = calls.begun.indexOf('small');
  calls.letAllGo();
  expect(turn, `calls began for ${calls.begun.join(' ')}`).toBeGreaterThanOrEqual(slots);
}

async function untilQueued(world: WorkflowWorld, queue: string, count: number): Promise<void> {
  await waitFor(`${count} activities that wait`, async () => {
    const { stats } = await world.client.workflowService.describeTaskQueue({
      namespace: 'default',
      taskQueue: { name: queue },
      taskQueueType: 2, // of activities
      reportStats: true,
    });
    return Number(stats?.approximateBacklogCount ?? 0) >= count;
  });
}

it('a neighbour is asked after few of the fifty incidents of another namespace that wait for a slot', async () => {
  const calls = heldCalls();
  const callAgent = async ({ context }: Delivery) => {
    await calls.hold();
    return { executionId: `exec-${context.namespace}-${context.resourceName}` };
  };
  const world = await worldWith({ callAgent });
  await world.whileWorking(async () => {
    await startCrowd(world, 'crowd');
    await untilQueued(world, taskQueue(world.incident.installation), crowd - slots);
    await start(world, incidentOf(world, 'small', 0));
    await untilQueued(world, taskQueue(world.incident.installation), crowd - slots + 1);
    await untilNeighboursTurn(calls);
  }, slots);
});

it('the run of a neighbour is followed after few of the fifty of another namespace that wait for a slot', async () => {
  const calls = heldCalls();
  const ended: FollowedRun = { state: 'ended', ending: { outcome: 'AgentRunCompleted', answer: 'done' } };
  const callAgent = async () => ({ executionId: 'task-1', protocol: 'kagent-0' as const, contextId: 'context' });
  const followRun = async () => {
    await calls.hold();
    return ended;
  };
  const world = await worldWith({ callAgent, followRun });
  await world.whileWorking(async () => {
    await startCrowd(world, 'crowd');
    await untilQueued(world, runsTaskQueue(world.incident.installation), crowd - slots);
    await start(world, incidentOf(world, 'small', 0));
    await untilQueued(world, runsTaskQueue(world.incident.installation), crowd - slots + 1);
    await untilNeighboursTurn(calls);
  }, slots);
});

it('a neighbour is asked at once while no call of another namespace ends', async () => {
  const begun: string[] = [];
  const hanging = Promise.withResolvers<AgentRun>();
  const agent = {
    start: ({ hookNamespace = '' }: Delivery) => {
      begun.push(hookNamespace);
      return hookNamespace === 'crowd' ? hanging.promise : Promise.resolve({ executionId: 'exec-small' });
    },
  };
  const readCredentials = () => ({ apiKey: 'key', baseUrl: 'http://127.0.0.1:1', timeoutMs: 1000, maxAttempts: 1 });
  const share = createSlotShare({ slots: 4 });
  const world = await worldWith({ callAgent: createCallAgent({ agent, readCredentials, share }) });
  await world.whileWorking(async () => {
    await startCrowd(world, 'crowd');
    await waitFor('three slots that are taken', async () => begun.length === 3);
    const beganMs = Date.now();
    await start(world, incidentOf(world, 'small', 0));
    await waitFor('the neighbour being asked', async () => begun.includes('small'));
    expect(Date.now() - beganMs).toBeLessThan(10_000);
    expect(begun.filter((namespace) => namespace === 'crowd')).toHaveLength(3);
    hanging.resolve({ executionId: 'exec-crowd' });
    await waitFor('all others', async () => begun.length === crowd + 1, 50_000);
  }, 4);
}, 90_000);

it('an execution that follows another one has the key of its namespace as well, cut to what Temporal takes', async () => {
  const world = await worldWith({ callAgent: async () => ({ executionId: 'exec-1' }) });
  const incident = incidentOf(world, 'n'.repeat(70), 0);
  const short = { ...incident, timing: { ...incident.timing, quietWindowMs: 1 } };
  const workflowId = workflowIdOf({ ...short, installation: short.installation });
  const handle = world.client.workflow.getHandle(workflowId);
  const keyOfNewest = async () => {
    const [started] = (await handle.fetchHistory()).events ?? [];
    return started?.workflowExecutionStartedEventAttributes?.priority?.fairnessKey;
  };
  await world.whileWorking(async () => {
    await start(world, short);
    const { runId } = await handle.describe();
    await handle.result();
    expect(await keyOfNewest()).toBe('n'.repeat(64));
    await startSuccessor(world.client, { workflowId, incident: short, occurrences: [short.occurrence] }, runId);
    expect((await handle.describe()).runId).not.toBe(runId);
    expect(await keyOfNewest()).toBe('n'.repeat(64));
  });
});
