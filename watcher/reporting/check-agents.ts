/**
 * Keeps the verdicts about agents fresh: asks the worker for a round when Hooks name other agents and every few minutes.
 *
 * Started by watch; read by report. The worker has the key, so the question goes through Temporal. A round that the worker
 * started itself, because its credentials changed, counts as well. Never blocks anything.
 */
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { Logger } from 'pino';
import { AgentCheck, type AgentCheckRequest, type Verdict } from '../../workflows/contract/agent-check.ts';
import { checkAgentsId, checkAgentsType, roundCauses, taskQueue } from '../../workflows/contract/names.ts';
import { pause } from '../backoff.ts';
import type { LiveHook } from '../hooks/live-hook.ts';
import type { Loop } from '../serving/loops.ts';

/** What is known of the agent platform; verdicts by `namespace/name`. */
export interface AgentVerdicts {
  reachable: Verdict | undefined;
  of: (agent: { namespace: string; name: string }) => Verdict | undefined;
  /** Whether it can work now; undefined where the platform does not say. */
  readinessOf: (agent: { namespace: string; name: string }) => Verdict | undefined;
  /** When a round last found the agent after one that had not, or with new credentials; by Temporal's clock. */
  becameGoodMs: (agent: { namespace: string; name: string }) => number | undefined;
}

export interface CheckAgentsOptions {
  client: Client;
  installation: string;
  hooks: () => LiveHook[];
  everyMs: number;
  /** Told when an agent was found again. */
  onFound?: () => void;
  /** Told whether rounds come to an end. */
  loop: Loop;
  log: Logger;
  signal: AbortSignal;
}

/** How soon a changed Hook, or a round started elsewhere, is noticed. */
const lookEveryMs = 1000;
/** Agents in one round; more than that many distinct ones are checked in the order of their names, up to here. */
const agentLimit = 500;

export function keepChecking(options: CheckAgentsOptions): { verdicts: AgentVerdicts; done: Promise<void> } {
  const known: Known = {
    agents: new Map(),
    readiness: new Map(),
    becameGood: new Map(),
    reachable: undefined,
    readRun: '',
    asked: '',
    startedMs: 0,
    isAnswered: true,
  };
  const verdicts: AgentVerdicts = {
    get reachable() {
      return known.reachable;
    },
    of: ({ namespace, name }) => known.agents.get(`${namespace}/${name}`),
    readinessOf: ({ namespace, name }) => known.readiness.get(`${namespace}/${name}`),
    becameGoodMs: ({ namespace, name }) => known.becameGood.get(`${namespace}/${name}`),
  };
  return { verdicts, done: run(options, known) };
}

interface Known {
  agents: Map<string, Verdict>;
  readiness: Map<string, Verdict>;
  becameGood: Map<string, number>;
  reachable: Verdict | undefined;
  /** Run id of the round that was read last. */
  readRun: string;
  /** The agents of the round that was asked for last. */
  asked: string;
  startedMs: number;
  /** Whether a round has told its verdicts since the last one was asked for. */
  isAnswered: boolean;
}

async function run(options: CheckAgentsOptions, known: Known): Promise<void> {
  const { signal, log, loop } = options;
  let told = '';
  while (!signal.aborted) {
    try {
      await look(options, known);
      told = '';
    } catch (error) {
      loop.failed(error);
      // Every second the same, for as long as a key is missing.
      if (told !== String(error))
        log.warn({ error: String(error) }, 'the agents could not be checked; it is tried again');
      told = String(error);
    }
    await pause(lookEveryMs, signal);
  }
}

async function look(options: CheckAgentsOptions, known: Known): Promise<void> {
  const request = requestOf(options.hooks());
  const wanted = JSON.stringify(request);
  const isDue = wanted !== known.asked || Date.now() - known.startedMs >= options.everyMs;
  if (isDue && request.agents.length > 0 && (await startRound(options, request))) {
    known.asked = wanted;
    known.startedMs = Date.now();
    known.isAnswered = false;
  }
  if (known.asked !== '') await readNewest(options, known);
  if (known.isAnswered || request.agents.length === 0) options.loop.succeeded();
}

/** The distinct agents of all Hooks, in one order, so that equal sets make equal requests. */
function requestOf(hooks: LiveHook[]): AgentCheckRequest {
  const agents = new Map(
    hooks.flatMap(({ configurations }) =>
      configurations.map(({ agent }) => [`${agent.namespace}/${agent.name}`, agent]),
    ),
  );
  const names = [...agents.keys()].toSorted().slice(0, agentLimit);
  return { agents: names.flatMap((name) => agents.get(name) ?? []) };
}

/** False where a round is under way: it may have been asked about other agents, so the next look asks again. */
async function startRound({ client, installation }: CheckAgentsOptions, request: AgentCheckRequest): Promise<boolean> {
  try {
    await client.workflow.start(checkAgentsType, {
      workflowId: checkAgentsId(installation),
      taskQueue: taskQueue(installation),
      args: [request],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
      memo: { request },
      staticSummary: `look up ${request.agents.length} agent(s)`,
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

async function readNewest(options: CheckAgentsOptions, known: Known): Promise<void> {
  const round = await newestRound(options, known);
  if (round === undefined) return;
  const agents = new Map(round.check.agents.map(({ namespace, name, verdict }) => [`${namespace}/${name}`, verdict]));
  const found = foundAgain(agents, round.isNewKey ? new Map() : known.agents);
  for (const name of found) known.becameGood.set(name, round.closedMs);
  known.reachable = round.check.reachable;
  known.isAnswered = true;
  known.agents = agents;
  known.readiness = new Map(
    round.check.agents.flatMap(({ namespace, name, ready }) =>
      ready === undefined ? [] : [[`${namespace}/${name}`, ready] as const],
    ),
  );
  if (found.length > 0) options.onFound?.();
  options.log.debug({ agents: agents.size, reachable: known.reachable.status }, 'the agents were checked');
}

interface Round {
  check: AgentCheck;
  closedMs: number;
  isNewKey: boolean;
}

/** The newest round, where it is over and was not read before. */
async function newestRound({ client, installation }: CheckAgentsOptions, known: Known): Promise<Round | undefined> {
  const workflowId = checkAgentsId(installation);
  const round = await client.workflow.getHandle(workflowId).describe().catch(undefinedIfMissing);
  if (round === undefined || round.runId === known.readRun || round.status.name === 'RUNNING') return undefined;
  const isDone = round.status.name === 'COMPLETED';
  const result: unknown = isDone ? await client.workflow.getHandle(workflowId, round.runId).result() : undefined;
  known.readRun = round.runId; // not before: a key that the worker had first may still come
  const check = AgentCheck.safeParse(result);
  if (!check.success) return undefined;
  const isNewKey = round.memo?.['cause'] === roundCauses.credentials;
  return { check: check.data, closedMs: round.closeTime?.getTime() ?? Date.now(), isNewKey };
}

function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof WorkflowNotFoundError) return undefined;
  throw error;
}

/** What was good with the old key says nothing about what failed with it: with a new one, every good agent is found again. */
function foundAgain(agents: Map<string, Verdict>, before: ReadonlyMap<string, Verdict>): string[] {
  return [...agents.keys()].filter(
    (name) => agents.get(name)?.status === 'True' && before.get(name)?.status !== 'True',
  );
}
