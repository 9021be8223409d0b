/**
 * What is known of the agents that Hooks name: the newest result about each, from whichever round it came.
 *
 * A round says nothing of agents that it was not about; what no Hook names any more is forgotten.
 */
import type { AgentCheck } from '../../workflows/contract/agent-check.ts';
import { keyOf } from './agent-rounds.ts';

type Agent = Parameters<typeof keyOf>[0];
type LookUpResult = AgentCheck['reachable'];

/** What is known of the agent platform. */
export interface KnownAgents {
  reachable: LookUpResult | undefined;
  /** Whether it exists. */
  of: (agent: Agent) => LookUpResult | undefined;
  /** Whether it can work now; undefined where the platform does not say. */
  readinessOf: (agent: Agent) => LookUpResult | undefined;
  /** When a round last found the agent after one that had not, or with new credentials; by Temporal's clock. */
  becameGoodMs: (agent: Agent) => number | undefined;
  /** Another one whenever a round has ended. */
  version: () => number;
}

/** A round that has ended. */
export interface Round {
  check: AgentCheck;
  closedMs: number;
  /** It was asked for because the credentials had changed. */
  isNewKey: boolean;
}

interface Known {
  existence: LookUpResult;
  ready: LookUpResult | undefined;
  becameGoodMs: number | undefined;
  /** Found with the credentials that are in force. */
  isGood: boolean;
}

export function createAgentStore() {
  const byKey = new Map<string, Known>();
  let version = 0;
  const agents: KnownAgents = {
    reachable: undefined,
    of: (agent) => byKey.get(keyOf(agent))?.existence,
    readinessOf: (agent) => byKey.get(keyOf(agent))?.ready,
    becameGoodMs: (agent) => byKey.get(keyOf(agent))?.becameGoodMs,
    version: () => version,
  };
  return {
    agents,
    /** Whether an agent was found again. */
    take: ({ check, closedMs, isNewKey }: Round) => {
      version += 1;
      agents.reachable = check.reachable;
      // What was good with the old key says nothing about what failed with it.
      if (isNewKey) for (const known of byKey.values()) known.isGood = false;
      let hasFound = false;
      for (const { verdict: existence, ready, ...agent } of check.agents) {
        const before = byKey.get(keyOf(agent));
        const isGood = existence.status === 'True';
        const isFound = isGood && before?.isGood !== true;
        const becameGoodMs = isFound ? closedMs : before?.becameGoodMs;
        byKey.set(keyOf(agent), { existence, ready, becameGoodMs, isGood });
        hasFound ||= isFound;
      }
      return hasFound;
    },
    /** Forgets all but these. */
    keepOnly: (keys: ReadonlySet<string>) => {
      for (const key of byKey.keys()) if (!keys.has(key)) byKey.delete(key);
    },
  };
}
