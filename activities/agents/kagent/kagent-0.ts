/**
 * Step 7, Kagent 0.x: a session first, then a send that does not wait, in the 0.3 dialect that all of 0.x speak.
 *
 * Sends are not idempotent there, so a repeat looks first for what an earlier try has started. A run is read from Kagent's
 * database, which needs no agent Pod. Seen on 0.8.6, 0.9.12 and 0.10.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { AgentRun, CancelAnswer } from '../../../workflows/contract/agent-run.ts';
import type { Delivery, UnsentRequest } from '../../../workflows/contract/outcome.ts';
import { callRpc } from '../a2a/call-rpc.ts';
import { cancelBy } from '../a2a/cancel-run.ts';
import { dialect03 } from '../a2a/dialect.ts';
import { feelPulse } from '../a2a/feel-pulse.ts';
import { readRun } from '../a2a/read-run.ts';
import { startedRun, unknownRun } from '../a2a/started-run.ts';
import type { Task } from '../a2a/task.ts';
import { DeliveryError } from '../delivery-error.ts';
import {
  type AgentPort,
  type MaybeRunOf,
  type Pulse,
  type RunOf,
  type RunReading,
  type StartOptions,
} from '../port.ts';
import type { AdapterDependencies } from './adapter.ts';
import { agentPath, nameOf } from './agent-path.ts';
import { type RunIds, runIdsOf } from './run-ids.ts';
import { type Asking, makeSession, readAgent, readTask, tasksOf } from './sessions.ts';

/** How far apart two looks must be that both find nothing; a cut send showed after 0.2 s at the latest (transcript 26). */
const lookAgainMs = 2_000;

export function createKagent0(dependencies: AdapterDependencies): AgentPort {
  const { wire, lookAgainAfterMs = lookAgainMs } = dependencies;
  const blot = dependencies.blot;

  async function start(delivery: Delivery, options: StartOptions): Promise<AgentRun> {
    const { agent } = delivery;
    agentPath('/api/a2a', agent); // refuses before anything is sent
    const asking = { wire, agent, signal: options.signal };
    const ids = runIdsOf(agent, options.idempotencyKey);
    const { namespace, resourceName } = delivery.context;
    const object = namespace === '' ? resourceName : `${namespace}/${resourceName}`;
    const earlier = await beforeSend(async () => {
      await makeSession(asking, { id: ids.contextId, name: `${delivery.hookName}: ${object}` });
      return options.isRepeat === true ? earlierRun(asking, ids) : undefined;
    });
    if (earlier !== undefined) return withLink(agent, earlier);
    return withLink(agent, await send(delivery, ids, options));
  }

  async function send(delivery: Delivery, ids: RunIds, options: StartOptions): Promise<AgentRun> {
    const path = agentPath('/api/a2a', delivery.agent);
    const params = dialect03.sendParams({ ...ids, text: sendable(delivery.prompt) });
    return dependencies.observed({ delivery, path: `${path}/`, options }, async (answered) => {
      const call = {
        agent: nameOf(delivery.agent),
        path: `${path}/`,
        dialect: dialect03,
        method: dialect03.send,
        params,
      };
      try {
        return startedRun(await callRpc(wire, { ...call, signal: options.signal, answered }), 'kagent-0', blot());
      } catch (error) {
        throw await orMissing(error, { wire, agent: delivery.agent, signal: options.signal });
      }
    });
  }

  /** What an earlier try has started. Agents that bring their own image may keep their tasks from Kagent, so nobody knows. */
  async function earlierRun(asking: Asking, ids: RunIds): Promise<AgentRun | undefined> {
    const task = await lookTwice(asking, ids);
    if (task !== undefined) return startedRun({ task }, 'kagent-0', blot());
    return specOf(await readAgent(asking))?.type === 'BYO' ? unknownRun('kagent-0', ids) : undefined;
  }

  /** Twice, some time apart, before it is believed that nothing was started. */
  async function lookTwice(asking: Asking, ids: RunIds): Promise<Task | undefined> {
    const found = await lookFor(asking, ids);
    if (found !== undefined) return found;
    await delay(lookAgainAfterMs, undefined, { signal: asking.signal });
    return lookFor(asking, ids);
  }

  async function look({ agent, run, signal }: RunOf): Promise<RunReading> {
    const task = await readTask({ wire, agent, signal }, run.executionId);
    return task === undefined ? { state: 'missing' } : readRun(task, blot());
  }

  async function feel({ agent, run, signal }: RunOf): Promise<Pulse> {
    const path = `${agentPath('/api/a2a', agent)}/`;
    const pulse = await feelPulse(wire, {
      ...{ agent: nameOf(agent), path, dialect: dialect03, taskId: run.executionId, signal },
      trustsSilence: true,
    });
    // Another replica of the agent says "not found" of a run that its neighbour works on.
    return pulse === 'gone' && replicasOf(await readAgent({ wire, agent, signal })) > 1 ? 'unclear' : pulse;
  }

  async function find({ agent, idempotencyKey, signal }: MaybeRunOf): Promise<AgentRun | undefined> {
    const task = await lookFor({ wire, agent, signal }, runIdsOf(agent, idempotencyKey));
    return task === undefined ? undefined : startedRun({ task }, 'kagent-0', blot());
  }

  async function cancel({ agent, run, signal }: RunOf): Promise<CancelAnswer> {
    const path = `${agentPath('/api/a2a', agent)}/`;
    return cancelBy(wire, { agent: nameOf(agent), path, dialect: dialect03, taskId: run.executionId, signal });
  }

  function withLink({ namespace, name }: Delivery['agent'], run: AgentRun): AgentRun {
    const { uiUrl } = dependencies;
    if (uiUrl === undefined || run.contextId === undefined) return run;
    const parts = ['agents', namespace, name, 'chat', run.contextId].map(encodeURIComponent);
    return { ...run, link: `${uiUrl.replace(/\/+$/, '')}/${parts.join('/')}` };
  }

  const describe = async ({ agent, prompt }: Delivery): Promise<UnsentRequest> => ({
    method: 'POST',
    path: `${agentPath('/api/a2a', agent)}/`,
    body: { method: dialect03.send, params: dialect03.sendParams({ messageId: '', text: sendable(prompt) }) },
  });

  return { start, describe, look, feel, cancel, find };
}

/** A task that holds our message; the context is ours alone, so a task without a history is ours as well. */
async function lookFor(asking: Asking, { contextId, messageId }: RunIds): Promise<Task | undefined> {
  const tasks = (await tasksOf(asking, contextId)) ?? [];
  return tasks.find(({ history }) => history?.some((message) => message.messageId === messageId)) ?? tasks[0];
}

/** What fails before the send has started nothing. */
async function beforeSend<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    throw new DeliveryError(error.reason, error.message, error.retryAfterMs, false);
  }
}

async function orMissing(error: unknown, asking: Asking): Promise<unknown> {
  if (!(error instanceof DeliveryError) || error.reason !== 'EndpointNotFound') return error;
  if (!/Agent \S+ not found/.test(error.message)) return error;
  const known = await readAgent(asking);
  const reason = known === undefined ? 'AgentNotFound' : 'AgentNotReady';
  return new DeliveryError(reason, error.message, undefined, false);
}

/** NUL breaks a run: Kagent keeps its text in a database that cannot hold it (transcript 53). */
function sendable(prompt: string): string {
  return prompt.replaceAll('\0', '').toWellFormed();
}

const Replicas = z.looseObject({ replicas: z.int().optional() }).nullish().catch(undefined);
const Deployed = z.looseObject({ deployment: Replicas }).nullish().catch(undefined);
const AgentSpec = z.looseObject({
  spec: z.looseObject({ type: z.string().optional().catch(undefined), declarative: Deployed, byo: Deployed }),
});

function specOf(known: Awaited<ReturnType<typeof readAgent>>) {
  return AgentSpec.safeParse(known?.agent).data?.spec;
}

function replicasOf(known: Awaited<ReturnType<typeof readAgent>>): number {
  const spec = specOf(known);
  return Math.max(spec?.declarative?.deployment?.replicas ?? 1, spec?.byo?.deployment?.replicas ?? 1);
}
