/**
 * Which agents the next round of checks is about: all in turn, and of many namespaces the same share each.
 *
 * Pure but for what it remembers, which is bounded by what Hooks name. A cycle of rounds looks at every agent once; a namespace
 * whose Hooks name ever new ones lengthens it for nobody but itself.
 */
import type { AskedAgent } from '../../workflows/contract/asked-agent.ts';
import type { LiveHook } from '../hooks/live-hook.ts';

/** The agents by `namespace/name`, for each namespace that has Hooks which name them. */
export type NamedAgents = ReadonlyMap<string, ReadonlyMap<string, AskedAgent>>;

/** So that one execution stays small. */
const roundLimit = 500;

export function keyOf({ namespace, name }: Pick<AskedAgent, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

export function agentsNamedBy(hooks: readonly LiveHook[]): NamedAgents {
  const named = new Map<string, Map<string, AskedAgent>>();
  for (const { namespace, configurations } of hooks) {
    const here = named.get(namespace) ?? new Map<string, AskedAgent>();
    for (const { agent } of configurations) here.set(keyOf(agent), agent);
    if (here.size > 0) named.set(namespace, here);
  }
  return named;
}

export function keysOf(named: NamedAgents): Set<string> {
  return new Set([...named.values()].flatMap((here) => [...here.keys()]));
}

export function createAgentRounds(limit = roundLimit) {
  /** The number of the round that was about an agent last. */
  const askedIn = new Map<string, number>();
  let round = 0;
  let cycle = { after: 0, roundsLeft: 0 };

  const lastOf = (key: string) => askedIn.get(key) ?? 0;
  const waitsInCycle = (key: string) => lastOf(key) <= cycle.after;

  /** What the next round is about; the same until it was `asked`. */
  function next(named: NamedAgents): AskedAgent[] {
    const keys = keysOf(named);
    for (const key of askedIn.keys()) if (!keys.has(key)) askedIn.delete(key);
    if (cycle.roundsLeft <= 0 || ![...keys].some(waitsInCycle)) {
      cycle = { after: round, roundsLeft: Math.ceil(keys.size / limit) };
    }
    const longestFirst = ([one]: Keyed, [other]: Keyed) => lastOf(one) - lastOf(other) || (one < other ? -1 : 1);
    const queues = [...named.values()].map((here) =>
      [...here].filter(([key]) => waitsInCycle(key)).toSorted(longestFirst),
    );
    return takeTurns(queues, limit);
  }

  return {
    /** Whether an agent is named that no round was asked about. */
    hasNew: (named: NamedAgents) => [...keysOf(named)].some((key) => !askedIn.has(key)),
    next,
    /** A round about these was asked for. */
    asked: (agents: readonly AskedAgent[]) => {
      round += 1;
      cycle.roundsLeft -= 1;
      for (const agent of agents) askedIn.set(keyOf(agent), round);
    },
    /** All but these are as new: what is known of them was found out with another key. */
    renew: (except: Iterable<string>) => {
      const kept = new Set(except);
      for (const key of askedIn.keys()) if (!kept.has(key)) askedIn.delete(key);
    },
  };
}

type Keyed = readonly [key: string, agent: AskedAgent];

/** One of each queue, then the next of each; an agent that several namespaces name is taken once. */
function takeTurns(queues: readonly (readonly Keyed[])[], limit: number): AskedAgent[] {
  const taken = new Map<string, AskedAgent>();
  const deepest = Math.max(0, ...queues.map(({ length }) => length));
  for (let turn = 0; turn < deepest; turn += 1) {
    for (const queue of queues) {
      const next = queue[turn];
      if (next === undefined) continue;
      if (taken.size === limit) return [...taken.values()];
      taken.set(...next);
    }
  }
  return [...taken.values()];
}
