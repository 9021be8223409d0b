/**
 * Keeps the verdicts about agents fresh: asks the worker for a round when Hooks name other agents and every few minutes.
 *
 * Started by rounds; read by report. The worker has the key, so the question goes through Temporal. A round that the worker
 * started itself, because its credentials changed, counts as well. Never blocks anything.
 */
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { Logger } from 'pino';
import { AgentCheck, type AgentCheckRequest } from '../../workflows/contract/agent-check.ts';
import { checkAgentsId, checkAgentsType, roundCauses, taskQueue } from '../../workflows/contract/names.ts';
import { pause } from '../backoff.ts';
import type { LiveHook } from '../hooks/live-hook.ts';
import type { Loop } from '../serving/loops.ts';
import { type AgentRounds, agentsNamedBy, createAgentRounds, keyOf, keysOf, type NamedAgents } from './agent-rounds.ts';
import { type AgentVerdicts, createVerdictStore, type Round, type VerdictStore } from './agent-verdicts.ts';

export interface CheckAgentsOptions {
  client: Client;
  installation: string;
  hooks: () => LiveHook[];
  everyMs: number;
  /** How soon a round that the worker has started is noticed, while none of ours is under way. */
  lookEveryMs?: number;
  /** Told when an agent was found again. */
  onFound?: () => void;
  /** Told whether rounds come to an end. */
  loop: Loop;
  log: Logger;
  signal: AbortSignal;
}

/** How soon a changed Hook is noticed, which asks Temporal nothing, and the end of a round. */
const tickMs = 1000;
const defaultLookEveryMs = 10_000;

export function keepChecking(options: CheckAgentsOptions): { verdicts: AgentVerdicts; done: Promise<void> } {
  const state: State = {
    rounds: createAgentRounds(),
    store: createVerdictStore(),
    readRun: '',
    askedMs: Number.NEGATIVE_INFINITY,
    lookedMs: Number.NEGATIVE_INFINITY,
    isUnderWay: false,
    isAnswered: true,
  };
  return { verdicts: state.store.verdicts, done: run(options, state) };
}

/** Times by a stopwatch. */
interface State {
  rounds: AgentRounds;
  store: VerdictStore;
  /** Run id of the round that was read last. */
  readRun: string;
  askedMs: number;
  lookedMs: number;
  /** A round goes on, as far as is known. */
  isUnderWay: boolean;
  /** Whether a round has told its verdicts since the last one was asked for. */
  isAnswered: boolean;
}

async function run(options: CheckAgentsOptions, state: State): Promise<void> {
  const { signal, log, loop } = options;
  let told = '';
  while (!signal.aborted) {
    try {
      await tick(options, state);
      told = '';
    } catch (error) {
      loop.failed(error);
      // Every second the same, for as long as a key is missing.
      if (told !== String(error))
        log.warn({ error: String(error) }, 'the agents could not be checked; it is tried again');
      told = String(error);
    }
    await pause(tickMs, signal);
  }
}

async function tick(options: CheckAgentsOptions, state: State): Promise<void> {
  const named = agentsNamedBy(options.hooks());
  state.store.keepOnly(keysOf(named));
  if (isToLook(options, state)) await readNewest(options, state);
  if (named.size > 0 && isDue(options, state, named)) await ask(options, state, { agents: state.rounds.next(named) });
  if (state.isAnswered || named.size === 0) options.loop.succeeded();
}

function isToLook({ lookEveryMs = defaultLookEveryMs }: CheckAgentsOptions, state: State): boolean {
  if (state.isUnderWay) return true;
  const hasAsked = state.askedMs > Number.NEGATIVE_INFINITY;
  return hasAsked && performance.now() - state.lookedMs >= lookEveryMs;
}

/** Not before the last round was read: what it has found out would be hidden by the next one. */
function isDue({ everyMs }: CheckAgentsOptions, { rounds, askedMs, isUnderWay }: State, named: NamedAgents): boolean {
  return !isUnderWay && (rounds.hasNew(named) || performance.now() - askedMs >= everyMs);
}

async function ask(options: CheckAgentsOptions, state: State, request: AgentCheckRequest): Promise<void> {
  state.isUnderWay = true; // ours, or the one that is in its way
  if (!(await startRound(options, request))) return;
  state.rounds.asked(request.agents);
  state.askedMs = performance.now();
  state.isAnswered = false;
}

/** False where a round is under way: it may have been asked about other agents, so the next tick asks again. */
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

async function readNewest(options: CheckAgentsOptions, state: State): Promise<void> {
  const round = await newestRound(options, state);
  state.lookedMs = performance.now();
  if (round === undefined) return;
  state.isAnswered = true;
  const { check, isNewKey } = round;
  // A round is about some of many agents; the others are asked about with the new key as well.
  if (isNewKey) state.rounds.renew(check.agents.map(keyOf));
  if (state.store.take(round)) options.onFound?.();
  options.log.debug({ agents: check.agents.length, reachable: check.reachable.status }, 'agents were checked');
}

/** The newest round, where it is over and was not read before. */
async function newestRound({ client, installation }: CheckAgentsOptions, state: State): Promise<Round | undefined> {
  const workflowId = checkAgentsId(installation);
  const round = await client.workflow.getHandle(workflowId).describe().catch(undefinedIfMissing);
  state.isUnderWay = round?.status.name === 'RUNNING';
  if (round === undefined || state.isUnderWay || round.runId === state.readRun) return undefined;
  const isDone = round.status.name === 'COMPLETED';
  const result: unknown = isDone ? await client.workflow.getHandle(workflowId, round.runId).result() : undefined;
  state.readRun = round.runId; // not before: a key that the worker had first may still come
  const check = AgentCheck.safeParse(result);
  if (!check.success) return undefined;
  const isNewKey = round.memo?.['cause'] === roundCauses.credentials;
  return { check: check.data, closedMs: round.closeTime?.getTime() ?? Date.now(), isNewKey };
}

function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof WorkflowNotFoundError) return undefined;
  throw error;
}
