/**
 * Runs of Kagent 0.x after they were started: looked at in Kagent's database, probed and cancelled at their agent, and found
 * again by the context that was made for them.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentRun } from '../../../workflows/contract/agent-run.ts';
import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';
import { type AdapterDependencies, callRpc, type RpcTarget } from '../a2a/call-rpc.ts';
import { cancelBy } from '../a2a/cancel-run.ts';
import { dialect03 } from '../a2a/dialect.ts';
import { probeRun } from '../a2a/probe-run.ts';
import { agentPath, nameOf } from '../http/agent-path.ts';
import { answerPaused } from '../pauses/answer-paused.ts';
import type { AgentPort, RunOf } from '../port.ts';
import { readRun } from '../runs/read-run.ts';
import { type RunIds, runIdsOf, startedRun, unknownRun } from '../runs/started-run.ts';
import { type Asking, bringsOwnImage, readAgent, readTask, replicasOf, tasksOf } from './sessions.ts';

/** Where an agent takes JSON-RPC. */
export function rpcPathOf(agent: AskedAgent): string {
  return `${agentPath('/api/a2a', agent)}/`;
}

export function targetOf({ agent, signal }: Pick<RunOf, 'agent' | 'signal'>): RpcTarget {
  return { agent: nameOf(agent), path: rpcPathOf(agent), dialect: dialect03, signal };
}

export function createKagent0Runs({ wire, lookAgainAfterMs }: AdapterDependencies) {
  return {
    look: async (of) => readRun(await readTask({ wire, ...of }, of.run.executionId), wire.redact),
    probe: async (of) => {
      const liveness = await probeRun(wire, { ...targetOf(of), taskId: of.run.executionId, trustsSilence: true });
      // Another replica of the agent says "not found" of a run that its neighbour works on.
      return liveness === 'gone' && replicasOf(await readAgent({ wire, ...of })) > 1 ? 'unclear' : liveness;
    },
    cancel: async (of) => cancelBy(wire, { ...targetOf(of), taskId: of.run.executionId }),
    /** By the path of the agent alone: the database takes no decisions. */
    answer: async (of) => {
      const call = { ...targetOf(of), method: dialect03.send };
      return answerPaused(of, {
        read: () => readTask({ wire, ...of }, of.run.executionId),
        send: (message) => callRpc(wire, { ...call, params: dialect03.sendParams(message) }),
        lookAgainAfterMs,
      });
    },
    find: async (of) => lookFor({ wire, ...of }, runIdsOf(of.agent, of.idempotencyKey)),
  } satisfies Partial<AgentPort>;
}

/** What an earlier try has started. Agents that bring their own image may keep their tasks from Kagent, so nobody knows. */
export async function earlierRun(asking: Asking, ids: RunIds, lookAgainAfterMs = 2_000): Promise<AgentRun | undefined> {
  const found = await lookFor(asking, ids);
  if (found !== undefined) return found;
  // Twice, some time apart, before it is believed: a cut send showed after 0.2 s at the latest (transcript 26).
  await delay(lookAgainAfterMs, undefined, { signal: asking.signal });
  const later = await lookFor(asking, ids);
  if (later !== undefined) return later;
  return bringsOwnImage(await readAgent(asking)) ? unknownRun('kagent-0', ids) : undefined;
}

/** By a task that holds our message; the context is ours alone, so a task without a history is ours as well. */
async function lookFor(asking: Asking, { contextId, messageId }: RunIds): Promise<AgentRun | undefined> {
  const tasks = (await tasksOf(asking, contextId)) ?? [];
  const task = tasks.find(({ history }) => history?.some((message) => message.messageId === messageId)) ?? tasks[0];
  return task === undefined ? undefined : startedRun({ task }, 'kagent-0', asking.wire.redact);
}
