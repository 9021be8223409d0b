/**
 * A 429 holds back the calls of the agent that it was said about. Where several agents of a namespace's Hooks get one, it
 * holds back that namespace; where several namespaces do, it means the server or the key, and holds back all calls.
 *
 * Decides from an injected clock and never waits: who is held gets a turn of its own and comes back then.
 */
import { createThrottleLane, type ThrottleLane } from './throttle-lane.ts';

/** One call: who makes it, which agent it is for, and in which namespace the Hook is that wants it. */
export interface Call {
  caller: string;
  agent: string;
  namespace: string;
}

export type ThrottleGate = ReturnType<typeof createThrottleGate>;

/** So many that are to be left alone at once mean more than themselves. */
const several = 2;
/** What was said to others holds nobody for longer at a time; a longer limit is said again, to the next one that is tried. */
const longestForAllMs = 60_000;
/** How long the distance between calls is remembered after the last turn. */
const rememberMs = 10 * 60_000;
/** Lanes of either kind that are kept. */
const laneLimit = 1_000;

interface AgentLane {
  lane: ThrottleLane;
  /** Of the Hook whose call was turned away last. */
  namespace: string;
}

const openLanes = () => ({
  agents: new Map<string, AgentLane>(),
  namespaces: new Map<string, ThrottleLane>(),
  all: createThrottleLane(),
});
type Lanes = ReturnType<typeof openLanes>;

export function createThrottleGate(nowMs: () => number = () => performance.now()) {
  let lanes = openLanes();
  let endpoint: string | undefined;

  return {
    /** How long this call has to stay away, in milliseconds; 0: it may go now. It keeps its turn until it went. */
    holdMs: (call: Call): number => {
      const now = nowMs();
      const its = lanesOf(lanes, call);
      const holdMs = Math.max(...its.map((lane) => lane.holdMs(call.caller, now)));
      if (holdMs === 0) for (const lane of its) lane.went(call.caller);
      return holdMs;
    },
    /** This call was turned away, and has to stay away for so long. */
    throttled: (call: Call, waitMs: number) => {
      const now = nowMs();
      forgetOld(lanes, now);
      const lane = lanes.agents.get(call.agent)?.lane ?? createThrottleLane();
      lane.close(waitMs, now);
      putNewest(lanes.agents, call.agent, { lane, namespace: call.namespace });
      holdOthers(lanes, call, now);
    },
    eased: (call: Call) => {
      for (const lane of lanesOf(lanes, call)) lane.ease();
    },
    /** Which server and key the gate is for; another one begins with an open gate. */
    use: (next: string) => {
      if (endpoint !== next) lanes = openLanes();
      endpoint = next;
    },
  };
}

function lanesOf({ agents, namespaces, all }: Lanes, { agent, namespace }: Call): ThrottleLane[] {
  return [agents.get(agent)?.lane, namespaces.get(namespace), all].filter((lane) => lane !== undefined);
}

/** What several have in common is the shortest of their times. */
function holdOthers({ agents, namespaces, all }: Lanes, { namespace }: Call, now: number): void {
  const held = [...agents.values()]
    .map((agent) => ({ namespace: agent.namespace, forMs: agent.lane.closedForMs(now) }))
    .filter(({ forMs }) => forMs > 0);
  const shortestMs = (those: typeof held) => Math.min(...those.map(({ forMs }) => forMs));
  const here = held.filter((agent) => agent.namespace === namespace);
  if (here.length >= several) {
    const lane = namespaces.get(namespace) ?? createThrottleLane();
    lane.close(shortestMs(here), now);
    putNewest(namespaces, namespace, lane);
  }
  if (new Set(held.map((agent) => agent.namespace)).size >= several) {
    all.close(Math.min(shortestMs(held), longestForAllMs), now);
  }
}

function putNewest<T>(map: Map<string, T>, name: string, value: T): void {
  map.delete(name);
  map.set(name, value);
  const [oldest = name] = map.keys();
  if (map.size > laneLimit) map.delete(oldest);
}

function forgetOld({ agents, namespaces }: Lanes, now: number): void {
  const isOld = (lane: ThrottleLane) => lane.endMs() + rememberMs <= now;
  for (const [name, { lane }] of agents) if (isOld(lane)) agents.delete(name);
  for (const [name, lane] of namespaces) if (isOld(lane)) namespaces.delete(name);
}
