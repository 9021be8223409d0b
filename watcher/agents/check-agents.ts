/**
 * Keeps what is known of agents fresh: has a round look them up when Hooks name other agents, and every few minutes.
 *
 * A round that the worker started itself, because its credentials changed, counts as well. Never blocks anything.
 */
import type { Logger } from 'pino';
import type { LiveHook } from '../hooks/live-hook.ts';
import { pause } from '../loops/backoff.ts';
import type { Loop } from '../serving/loops.ts';
import { agentsNamedBy, createAgentRounds, keyOf, keysOf, type NamedAgents } from './agent-rounds.ts';
import { createAgentStore, type KnownAgents, type Round } from './known-agents.ts';
import { describeNewest, type RoundExecutions, readRound, startRound } from './round-executions.ts';

interface CheckAgentsOptions extends RoundExecutions {
  hooks: () => LiveHook[];
  everyMs: number;
  /** How soon a round that the worker has started is noticed, while none of ours is under way. */
  lookEveryMs?: number;
  /** Called when an agent was found again. */
  onFound?: () => void;
  /** Whether rounds come to an end. */
  loop: Loop;
  log: Logger;
  signal: AbortSignal;
}

/** How soon a changed Hook is noticed, which asks Temporal nothing, and the end of a round. */
const tickMs = 1000;
const defaultLookEveryMs = 10_000;

export function keepChecking(options: CheckAgentsOptions): { agents: KnownAgents; done: Promise<void> } {
  const state = newState();
  return { agents: state.store.agents, done: run(options, state) };
}

type State = ReturnType<typeof newState>;

const noHooks: readonly LiveHook[] = [];

/** Times by a stopwatch. */
function newState() {
  return {
    rounds: createAgentRounds(),
    store: createAgentStore(),
    /** The Hooks that were seen last, and the agents that they name. */
    seen: { hooks: noHooks, named: agentsNamedBy(noHooks) },
    /** Run id of the round that was read last. */
    readRun: '',
    askedMs: Number.NEGATIVE_INFINITY,
    lookedMs: Number.NEGATIVE_INFINITY,
    /** A round goes on, as far as is known. */
    isUnderWay: false,
    /** Whether a round has ended since the last one was asked for. */
    isAnswered: true,
  };
}

async function run(options: CheckAgentsOptions, state: State): Promise<void> {
  const { signal, log, loop } = options;
  let logged = '';
  while (!signal.aborted) {
    try {
      await tick(options, state);
      logged = '';
    } catch (error) {
      loop.failed(error);
      // Every second the same, for as long as a key is missing.
      if (logged !== String(error))
        log.warn({ error: String(error) }, 'the agents could not be checked; it is tried again');
      logged = String(error);
    }
    await pause(tickMs, signal);
  }
}

async function tick(options: CheckAgentsOptions, state: State): Promise<void> {
  const named = namedNow(options, state);
  state.store.keepOnly(keysOf(named));
  if (isToLook(options, state)) await readNewest(options, state);
  if (named.size > 0 && isDue(options, state, named)) await ask(options, state, named);
  if (state.isAnswered || named.size === 0) options.loop.succeeded();
}

/** Found out anew only when a Hook has come, changed or gone: there may be thousands, and this is asked every second. */
function namedNow({ hooks: live }: CheckAgentsOptions, { seen }: State): NamedAgents {
  const hooks = live();
  const isSame = hooks.length === seen.hooks.length && hooks.every((hook, n) => hook === seen.hooks[n]);
  if (!isSame) {
    seen.hooks = [...hooks];
    seen.named = agentsNamedBy(hooks);
  }
  return seen.named;
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

/** Where a round is in its way, the next tick asks again. */
async function ask(options: CheckAgentsOptions, state: State, named: NamedAgents): Promise<void> {
  const agents = state.rounds.next(named);
  state.isUnderWay = true; // ours, or the one that is in its way
  if (!(await startRound(options, { agents }))) return;
  state.rounds.asked(agents);
  state.askedMs = performance.now();
  state.isAnswered = false;
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
async function newestRound(options: CheckAgentsOptions, state: State): Promise<Round | undefined> {
  const newest = await describeNewest(options);
  state.isUnderWay = newest?.status.name === 'RUNNING';
  if (newest === undefined || state.isUnderWay || newest.runId === state.readRun) return undefined;
  const round = await readRound(options.client, newest);
  state.readRun = newest.runId; // not before: a key that the worker had first may still come
  return round;
}
