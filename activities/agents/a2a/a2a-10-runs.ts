/**
 * Runs of A2A 1.0 agents after they were started: looked at, felt, answered, cancelled, and found again where an agent
 * lists tasks.
 */
import { z } from 'zod';
import type { AgentRun, Answered, CancelAnswer, Protocol } from '../../../workflows/contract/agent-run.ts';
import { nameOf } from '../http/agent-path.ts';
import type { Reply } from '../http/exchange.ts';
import { answerPaused } from '../pauses/answer-paused.ts';
import type { AgentName, AgentPort, AnswerOf, MaybeRunOf, Pulse, RunOf, RunReading } from '../port.ts';
import { readRun } from '../runs/read-run.ts';
import { runIdsOf } from '../runs/run-ids.ts';
import { startedRun } from '../runs/started-run.ts';
import { Task } from '../runs/task.ts';
import type { AdapterDependencies } from './adapter.ts';
import { askRpc, type Faulted, faultError, flawError } from './call-rpc.ts';
import { cancelBy } from './cancel-run.ts';
import { dialect10, type OutgoingMessage } from './dialect.ts';
import { feelPulse } from './feel-pulse.ts';

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

export interface A2a10Runs extends Pick<AgentPort, 'look' | 'feel' | 'cancel' | 'answer' | 'find'> {
  /** The run in the context that is made for it; `unsupported` where the agent lists no tasks. */
  listed: (of: MaybeRunOf) => Promise<AgentRun | 'unsupported' | undefined>;
}

/** How far apart two looks must be that both find no answer of ours. */
const lookAgainMs = 2_000;

export function createA2a10Runs(dependencies: AdapterDependencies, options: A2a10Options): A2a10Runs {
  const { wire, blot, lookAgainAfterMs = lookAgainMs } = dependencies;
  const { protocol, locate, repeatsSafely } = options;
  const headers = extensionHeaders(options);

  /** One method of the agent, on what it is about. */
  async function call({ agent, signal }: Pick<RunOf, 'agent' | 'signal'>, method: string, params: object) {
    const place = await locate(agent, signal);
    return askRpc(wire, { agent: nameOf(agent), ...place, dialect: dialect10, method, params, headers, signal });
  }

  async function look(of: RunOf): Promise<RunReading> {
    const answer = await call(of, dialect10.get, { id: of.run.executionId, historyLength: 0 });
    if ('fault' in answer) return missingOrThrow(answer);
    const task = Task.safeParse(answer.result);
    if (!task.success) throw flawError(answer.reply, 'without a task in its result');
    return readRun(task.data, blot());
  }

  async function feel({ agent, run, signal }: RunOf): Promise<Pulse> {
    const about = { agent: nameOf(agent), ...(await locate(agent, signal)), taskId: run.executionId, signal };
    return feelPulse(wire, { ...about, dialect: dialect10, trustsSilence: false });
  }

  async function cancel({ agent, run, signal }: RunOf): Promise<CancelAnswer> {
    const about = { agent: nameOf(agent), ...(await locate(agent, signal)), taskId: run.executionId, signal };
    return cancelBy(wire, { ...about, dialect: dialect10 });
  }

  async function listed(of: MaybeRunOf): Promise<AgentRun | 'unsupported' | undefined> {
    const { contextId } = runIdsOf(of.agent, of.idempotencyKey);
    const answer = await call(of, 'ListTasks', { contextId, pageSize: 10 });
    if ('fault' in answer) {
      if (unsupportedCodes.has(answer.fault.code)) return 'unsupported';
      missingOrThrow(answer);
      return undefined;
    }
    const list = TaskList.safeParse(answer.result);
    if (!list.success) throw flawError(answer.reply, 'without tasks in its result');
    const [task] = list.data.tasks;
    return task === undefined ? undefined : startedRun({ task }, protocol, blot());
  }

  const answer = (of: AnswerOf) => answerBy((method, params) => call(of, method, params), of, lookAgainAfterMs);

  /** On Kagent 1.x nothing but a repeat of the send finds a run again, and a repeat would start one that is not there. */
  async function find(of: MaybeRunOf): Promise<AgentRun | undefined> {
    const found = repeatsSafely ? undefined : await listed(of);
    return found === 'unsupported' ? undefined : found;
  }

  return { look, feel, cancel, answer, find, listed };
}

type Method = (method: string, params: object) => Promise<{ result: unknown; reply: Reply } | Faulted>;

/** Reads the task with its history, which a look leaves out. */
async function answerBy(call: Method, of: AnswerOf, lookAgainAfterMs: number): Promise<Answered> {
  const read = async () => {
    const answer = await call(dialect10.get, { id: of.run.executionId });
    if ('fault' in answer) {
      missingOrThrow(answer);
      return undefined;
    }
    const task = Task.safeParse(answer.result);
    if (!task.success) throw flawError(answer.reply, 'without a task in its result');
    return task.data;
  };
  const send = async (message: OutgoingMessage) => {
    const sent = await call(dialect10.send, dialect10.sendParams(message));
    if ('fault' in sent) throw faultError(sent);
  };
  return answerPaused(of, { read, send, lookAgainAfterMs });
}

export function extensionHeaders({ extensions }: Pick<A2a10Options, 'extensions'>): Record<string, string> {
  return extensions === undefined ? {} : { 'A2A-Extensions': extensions.join(', ') };
}

function missingOrThrow(answer: Faulted): { state: 'missing' } {
  if (missingCodes.has(answer.fault.code)) return { state: 'missing' };
  throw faultError(answer);
}
