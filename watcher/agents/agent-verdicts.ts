/**
 * What is known of the agents that Hooks name: the newest verdict about each, from whichever round it came.
 *
 * A round says nothing of agents that it was not about; what no Hook names any more is forgotten.
 */
import type { AgentCheck, LookUpResult as Verdict } from '../../workflows/contract/agent-check.ts';
import { keyOf } from './agent-rounds.ts';

type Agent = Parameters<typeof keyOf>[0];

/** What is known of the agent platform. */
export interface AgentVerdicts {
  reachable: Verdict | undefined;
  of: (agent: Agent) => Verdict | undefined;
  /** Whether it can work now; undefined where the platform does not say. */
  readinessOf: (agent: Agent) => Verdict | undefined;
  /** When a round last found the agent after one that had not, or with new credentials; by Temporal's clock. */
  becameGoodMs: (agent: Agent) => number | undefined;
}

/** A round that has ended. */
export interface Round {
  check: AgentCheck;
  closedMs: number;
  /** It was asked for because the credentials had changed. */
  isNewKey: boolean;
}

export interface VerdictStore {
  verdicts: AgentVerdicts;
  /** Whether an agent was found again. */
  take: (round: Round) => boolean;
  /** Forgets all but these. */
  keepOnly: (keys: ReadonlySet<string>) => void;
}

interface Known {
  verdict: Verdict;
  ready: Verdict | undefined;
  becameGoodMs: number | undefined;
  /** Found with the credentials that are in force. */
  isGood: boolean;
}

export function createVerdictStore(): VerdictStore {
  const agents = new Map<string, Known>();
  let reachable: Verdict | undefined;

  return {
    verdicts: {
      get reachable() {
        return reachable;
      },
      of: (agent) => agents.get(keyOf(agent))?.verdict,
      readinessOf: (agent) => agents.get(keyOf(agent))?.ready,
      becameGoodMs: (agent) => agents.get(keyOf(agent))?.becameGoodMs,
    },
    take: ({ check, closedMs, isNewKey }) => {
      reachable = check.reachable;
      // What was good with the old key says nothing about what failed with it.
      if (isNewKey) for (const known of agents.values()) known.isGood = false;
      let hasFound = false;
      for (const { verdict, ready, ...agent } of check.agents) {
        const before = agents.get(keyOf(agent));
        const isGood = verdict.status === 'True';
        const isFound = isGood && before?.isGood !== true;
        const becameGoodMs = isFound ? closedMs : before?.becameGoodMs;
        agents.set(keyOf(agent), { verdict, ready, becameGoodMs, isGood });
        hasFound ||= isFound;
      }
      return hasFound;
    },
    keepOnly: (keys) => {
      for (const key of agents.keys()) if (!keys.has(key)) agents.delete(key);
    },
  };
}
