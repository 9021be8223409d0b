/** Rounds of agent checks on the real server: all agents in turn, and no more questions than there is to learn. */
import { Client } from '@temporalio/client';
import pino from 'pino';
import { expect, inject, it } from 'vitest';
import { keepChecking } from '../../watcher/agents/check-agents.ts';
import type { AgentCheckRequest } from '../../workflows/contract/agent-check.ts';
import { checkAgentsId, checkAgentsType, roundCauses, taskQueue } from '../../workflows/contract/plain/names.ts';
import { aHook } from '../make.ts';
import { waitFor } from '../wait-for.ts';
import { createWorkflowWorld } from './workflow-world.ts';

const found = { status: 'True' as const, reason: 'AgentFound', message: '' };

/** A Hook of this namespace that names so many agents of its own. */
function aHookOf(namespace: string, count: number) {
  const hook = aHook();
  const configurations = Array.from({ length: count }, (_, n) =>
    hook.configurations.map((one) => ({ ...one, agent: { namespace, name: `agent-${n}` } })),
  ).flat();
  return { ...hook, uid: namespace, namespace, configurations };
}

/** A worker that finds every agent, a watcher's checks of these Hooks, and what both of them did. */
async function checksOf(hooks: ReturnType<typeof aHookOf>[], body: (seen: Seen) => Promise<void>): Promise<void> {
  const rounds: AgentCheckRequest[] = [];
  const lookUpAgents = async (request: AgentCheckRequest) => {
    rounds.push(request);
    return { reachable: found, agents: request.agents.map((agent) => ({ ...agent, verdict: found })) };
  };
  const world = await createWorkflowWorld(inject('temporalAddress'), { lookUpAgents });
  const stop = new AbortController();
  const counted = { looks: 0 };
  const { connection } = world.client;
  const client = new Client({
    connection,
    interceptors: {
      workflow: [
        {
          describe: (input, next) => {
            counted.looks += 1;
            return next(input);
          },
        },
      ],
    },
  });
  try {
    await world.whileWorking(async () => {
      const { installation } = world.incident;
      const { verdicts, done } = keepChecking({
        client,
        installation,
        hooks: () => hooks,
        everyMs: 60_000,
        lookEveryMs: 4_000,
        loop: { succeeded: () => undefined, failed: () => undefined },
        log: pino({ level: 'silent' }),
        signal: stop.signal,
      });
      await body({ rounds, verdicts, installation, client, looks: () => counted.looks });
      stop.abort();
      await done;
    });
  } finally {
    stop.abort();
    await world.close();
  }
}

interface Seen {
  rounds: AgentCheckRequest[];
  verdicts: ReturnType<typeof keepChecking>['verdicts'];
  installation: string;
  client: Client;
  looks: () => number;
}

it('agents of all namespaces are looked up, also where one names more than a round holds', async () => {
  const hooks = [aHookOf('crowd', 600), aHookOf('small', 2)];
  await checksOf(hooks, async ({ rounds, verdicts }) => {
    const isKnown = (namespace: string, n: number) => verdicts.of({ namespace, name: `agent-${n}` }) !== undefined;
    await waitFor('the first round', async () => isKnown('small', 1));
    const first = rounds[0]?.agents.map(({ namespace, name }) => `${namespace}/${name}`);
    expect(first).toEqual(expect.arrayContaining(['small/agent-0', 'small/agent-1']));
    await waitFor('all agents', async () => Array.from({ length: 600 }, (_, n) => isKnown('crowd', n)).every(Boolean));
    expect(rounds.map(({ agents }) => agents.length)).toEqual([500, 102]);
    expect(isKnown('small', 1)).toBe(true);
    hooks.push(aHookOf('late', 1));
    await waitFor('the agent of the new Hook', async () => isKnown('late', 0), 5_000);
    hooks.splice(0, 1);
    await waitFor('what no Hook names to be forgotten', async () => !isKnown('crowd', 0));
  });
});

it('Temporal is asked rarely while no round is under way, and a round of the worker is noticed all the same', async () => {
  await checksOf([aHookOf('shop', 1)], async ({ rounds, verdicts, installation, client, looks }) => {
    const agent = { namespace: 'shop', name: 'agent-0' };
    const firstMs = await waitFor('the first round', async () => verdicts.becameGoodMs(agent));
    const before = looks();
    await new Promise((resolve) => setTimeout(resolve, 8_000)); // two looks' time
    expect(looks() - before).toBeGreaterThanOrEqual(1);
    expect(looks() - before).toBeLessThanOrEqual(2);
    expect(rounds).toHaveLength(1);
    const request = { agents: [agent] };
    await client.workflow.start(checkAgentsType, {
      workflowId: checkAgentsId(installation),
      taskQueue: taskQueue(installation),
      args: [request],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      memo: { request, cause: roundCauses.credentials },
    });
    await waitFor("the worker's round", async () => (verdicts.becameGoodMs(agent) ?? 0) > firstMs, 10_000);
  });
});
