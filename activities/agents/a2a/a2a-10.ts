/**
 * Step 7, A2A 1.0: Kagent 1.x, and any other agent that speaks it.
 *
 * What differs between them is given: where an agent is found, and what a repeat of a send does. Sources: A2A 1.0 §9 and
 * Kagent's `docs/architecture/a2a-gateway.md`; the SDK's own server in tests.
 */
import { z } from 'zod';
import type { AgentRun, CancelAnswer, Protocol } from '../../../workflows/contract/agent-run.ts';
import type { Delivery, UnsentRequest } from '../../../workflows/contract/outcome.ts';
import type { AdapterDependencies } from '../kagent/adapter.ts';
import { nameOf } from '../kagent/agent-path.ts';
import { runIdsOf } from '../kagent/run-ids.ts';
import type { AgentName, AgentPort, MaybeRunOf, Pulse, RunOf, RunReading, StartOptions } from '../port.ts';
import { askRpc, callRpc, faultError } from './call-rpc.ts';
import { cancelBy } from './cancel-run.ts';
import { dialect10 } from './dialect.ts';
import { feelPulse } from './feel-pulse.ts';
import { readRun } from './read-run.ts';
import { startedRun, unknownRun } from './started-run.ts';
import { Task } from './task.ts';

export interface Place {
  path: string;
  isFromOrigin?: boolean;
}

export interface A2a10Options {
  protocol: Protocol;
  locate: (agent: AgentName, signal: AbortSignal) => Promise<Place>;
  /** A repeat of the same first message joins what it started, as in Kagent 1.x; the server then picks the context. */
  repeatsSafely: boolean;
  extensions?: readonly string[];
}

/** The task is not there, or not ours: A2A's own code, and Kagent 1.x for what belongs to others. */
const missingCodes = new Set([-32001, -31403]);
/** The agent has no lists of tasks. */
const unsupportedCodes = new Set([-32601, -32004]);

const TaskList = z.looseObject({ tasks: z.array(Task) });

export function createA2a10(dependencies: AdapterDependencies, options: A2a10Options): AgentPort {
  const { wire, blot } = dependencies;
  const { protocol, locate, repeatsSafely, extensions } = options;
  const headers = extensions === undefined ? {} : { 'A2A-Extensions': extensions.join(', ') };

  async function start(delivery: Delivery, starting: StartOptions): Promise<AgentRun> {
    const { agent } = delivery;
    const ids = runIdsOf(agent, starting.idempotencyKey);
    const place = await locate(agent, starting.signal);
    if (starting.isRepeat === true && !repeatsSafely) {
      const earlier = await listed({ agent, idempotencyKey: starting.idempotencyKey, signal: starting.signal });
      if (earlier === 'unsupported') return unknownRun(protocol, ids);
      if (earlier !== undefined) return earlier;
    }
    const message = {
      messageId: ids.messageId,
      text: delivery.prompt.toWellFormed(),
      ...(extensions && { extensions }),
    };
    const params = dialect10.sendParams(repeatsSafely ? message : { ...message, contextId: ids.contextId });
    return dependencies.observed({ delivery, path: place.path, options: starting }, async (answered) => {
      const call = { agent: nameOf(agent), ...place, dialect: dialect10, method: dialect10.send, params, headers };
      return startedRun(await callRpc(wire, { ...call, signal: starting.signal, answered }), protocol, blot());
    });
  }

  async function look({ agent, run, signal }: RunOf): Promise<RunReading> {
    const place = await locate(agent, signal);
    const params = { id: run.executionId, historyLength: 0 };
    const call = { agent: nameOf(agent), ...place, dialect: dialect10, method: dialect10.get, params, headers, signal };
    const answer = await askRpc(wire, call);
    if ('fault' in answer) {
      if (missingCodes.has(answer.fault.code)) return { state: 'missing' };
      throw faultError(answer);
    }
    return readRun(Task.parse(answer.result), blot());
  }

  async function feel({ agent, run, signal }: RunOf): Promise<Pulse> {
    const place = await locate(agent, signal);
    const call = { agent: nameOf(agent), ...place, dialect: dialect10, taskId: run.executionId, signal };
    return feelPulse(wire, { ...call, trustsSilence: false });
  }

  async function cancel({ agent, run, signal }: RunOf): Promise<CancelAnswer> {
    const place = await locate(agent, signal);
    return cancelBy(wire, { agent: nameOf(agent), ...place, dialect: dialect10, taskId: run.executionId, signal });
  }

  /** The run in the context that is made for it, where the agent can list tasks. */
  async function listed(of: MaybeRunOf): Promise<AgentRun | 'unsupported' | undefined> {
    const { agent, idempotencyKey, signal } = of;
    const { contextId } = runIdsOf(agent, idempotencyKey);
    const place = await locate(agent, signal);
    const params = { contextId, pageSize: 10 };
    const answer = await askRpc(wire, {
      ...{ agent: nameOf(agent), ...place, dialect: dialect10, method: 'ListTasks', params, headers, signal },
    });
    if ('fault' in answer) {
      if (unsupportedCodes.has(answer.fault.code)) return 'unsupported';
      if (missingCodes.has(answer.fault.code)) return undefined;
      throw faultError(answer);
    }
    const [task] = TaskList.parse(answer.result).tasks;
    return task === undefined ? undefined : startedRun({ task }, protocol, blot());
  }

  /** On Kagent 1.x nothing but a repeat of the send finds a run again, and a repeat would start one that is not there. */
  async function find(of: MaybeRunOf): Promise<AgentRun | undefined> {
    const found = repeatsSafely ? undefined : await listed(of);
    return found === 'unsupported' ? undefined : found;
  }

  const describe = async ({ agent, prompt }: Delivery): Promise<UnsentRequest> => ({
    method: 'POST',
    path: (await locate(agent, AbortSignal.timeout(5_000))).path,
    body: { method: dialect10.send, params: dialect10.sendParams({ messageId: '', text: prompt }) },
  });

  return { start, describe, look, feel, cancel, find };
}
