/**
 * Runs of A2A 1.0 agents after they were started: looked at, probed, answered, cancelled, and found again where an agent
 * lists tasks.
 */
import { z } from 'zod';
import type { AgentRun, Protocol } from '../../../workflows/contract/agent-run.ts';
import type { AskedAgent } from '../../../workflows/contract/asked-agent.ts';
import { nameOf } from '../http/agent-path.ts';
import type { Address } from '../http/request-of.ts';
import { answerPaused } from '../pauses/answer-paused.ts';
import type { AgentPort, MaybeRunOf, RunOf } from '../port.ts';
import { readRun } from '../runs/read-run.ts';
import { runIdsOf, startedRun } from '../runs/started-run.ts';
import { Task } from '../runs/task.ts';
import { type AdapterDependencies, askRpc, callRpc, type Faulted, faultError, replyError } from './call-rpc.ts';
import { cancelBy } from './cancel-run.ts';
import { dialect10, type OutgoingMessage } from './dialect.ts';
import { probeRun } from './probe-run.ts';

export interface A2a10Options {
  protocol: Protocol;
  locate: (agent: AskedAgent, signal: AbortSignal) => Promise<Address>;
  /** A repeat of the same first message joins what it started, as in Kagent 1.x; the server then picks the context. */
  repeatsSafely: boolean;
  extensions?: readonly string[];
}

/** The task is not there, or not ours: A2A's own code, and Kagent 1.x for what belongs to others. */
const missingCodes = new Set([-32001, -31403]);
/** The agent has no lists of tasks. */
const unsupportedCodes = new Set([-32601, -32004]);

const TaskList = z.looseObject({ tasks: z.array(Task) });

export function createA2a10Runs(dependencies: AdapterDependencies, options: A2a10Options) {
  const { wire, lookAgainAfterMs } = dependencies;
  const { protocol, locate, repeatsSafely, extensions } = options;
  const headers = extensions === undefined ? {} : { 'A2A-Extensions': extensions.join(', ') };

  async function targetOf({ agent, signal }: Pick<RunOf, 'agent' | 'signal'>) {
    return { ...(await locate(agent, signal)), agent: nameOf(agent), dialect: dialect10, headers, signal };
  }

  const call = async (of: Pick<RunOf, 'agent' | 'signal'>, method: string, params: object) =>
    askRpc(wire, { ...(await targetOf(of)), method, params });

  async function readTask(of: RunOf, params: { historyLength?: number } = {}): Promise<Task | undefined> {
    const answer = await call(of, dialect10.get, { id: of.run.executionId, ...params });
    if ('fault' in answer) return missingOrThrow(answer);
    const task = Task.safeParse(answer.result);
    if (!task.success) throw replyError(answer.reply, 'without a task in its result');
    return task.data;
  }

  /** The run in the context that is made for it; `unsupported` where the agent lists no tasks. */
  async function listed(of: MaybeRunOf): Promise<AgentRun | 'unsupported' | undefined> {
    const { contextId } = runIdsOf(of.agent, of.idempotencyKey);
    const task = firstListed(await call(of, 'ListTasks', { contextId, pageSize: 10 }));
    return typeof task === 'object' ? startedRun({ task }, protocol, wire.redact) : task;
  }

  /** On Kagent 1.x nothing but a repeat of the send finds a run again, and a repeat would start one that is not there. */
  async function find(of: MaybeRunOf): Promise<AgentRun | undefined> {
    const found = repeatsSafely ? undefined : await listed(of);
    return found === 'unsupported' ? undefined : found;
  }

  return {
    look: async (of) => readRun(await readTask(of, { historyLength: 0 }), wire.redact),
    find,
    listed,
    targetOf,
    probe: async (of) => probeRun(wire, { ...(await targetOf(of)), taskId: of.run.executionId, trustsSilence: false }),
    cancel: async (of) => cancelBy(wire, { ...(await targetOf(of)), taskId: of.run.executionId }),
    answer: (of) => {
      const { send: method, sendParams } = dialect10;
      const send = async (message: OutgoingMessage) =>
        callRpc(wire, { ...(await targetOf(of)), method, params: sendParams(message) });
      return answerPaused(of, { read: () => readTask(of), send, lookAgainAfterMs });
    },
  } satisfies Partial<AgentPort> & { listed: unknown; targetOf: unknown };
}

function firstListed(answer: Awaited<ReturnType<typeof askRpc>>): Task | 'unsupported' | undefined {
  if ('fault' in answer) return unsupportedCodes.has(answer.fault.code) ? 'unsupported' : missingOrThrow(answer);
  const list = TaskList.safeParse(answer.result);
  if (!list.success) throw replyError(answer.reply, 'without tasks in its result');
  return list.data.tasks[0];
}

function missingOrThrow(answer: Faulted): undefined {
  if (missingCodes.has(answer.fault.code)) return undefined;
  throw faultError(answer);
}
