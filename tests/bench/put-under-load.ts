/**
 * Puts a contestant under load and counts what became of every call: received when, lost, or received twice.
 *
 * Does not compare; each load has names of its own, so that loads can follow one another on one engine.
 */
import { waitFor } from '../wait-for.ts';
import type { Contestant } from './contestant.ts';
import { closedLoop, openLoop, type Percentiles, percentilesOf } from './latency.ts';
import { countUsage, type Processes, type Usage } from './usage.ts';

export interface Outcome {
  /** Of those that were received, from the time at which the call was due. */
  latency: Percentiles;
  lost: number;
  doubled: number;
  /** Calls over the time from the first call to the last receipt. */
  perSecond: number;
  usage: Record<string, Usage>;
}

export interface Task {
  contestant: Contestant;
  /** Beginning of all names. */
  prefix: string;
  count: number;
  /** What is counted besides the contestant's own processes. */
  engines: Processes;
  /** Trouble beside the calls, such as a server that stands still for a while. */
  meanwhile?: () => Promise<void>;
}

/** Calls in flight at saturation: enough that the engine never waits for the caller. */
const inFlight = 50;
/** How long the last receipts are waited for. */
const patienceMs = 120_000;

/** As fast as calls come back. Latencies count from the beginning of the whole load, so only the rate says something. */
export function saturate(task: Task): Promise<Outcome> {
  return load(task, async (fire) => {
    const startMs = await closedLoop({ count: task.count, fire }, inFlight);
    return Array.from({ length: task.count }, () => startMs);
  });
}

export function holdRate(task: Task, perSecond: number): Promise<Outcome> {
  return load(task, (fire) => openLoop({ perSecond, count: task.count, fire }));
}

async function load(task: Task, run: (fire: (n: number) => Promise<unknown>) => Promise<number[]>): Promise<Outcome> {
  const { contestant, engines } = task;
  const names = Array.from({ length: task.count }, (_, n) => `${task.prefix}-${n}`);
  await contestant.prepare(names);
  const usageSince = await countUsage({ ...contestant.processes, ...engines });
  const [due] = await Promise.all([run((n) => contestant.fire(names[n] ?? '')), task.meanwhile?.()]);
  const firstMs = Math.min(...due);
  const received = await receiptsOf(contestant, names);
  const times = names.flatMap((name, n) => (received.get(name) ?? []).slice(0, 1).map((atMs) => atMs - (due[n] ?? 0)));
  const lastMs = Math.max(...[...received.values()].flat());
  return {
    latency: percentilesOf(times),
    lost: names.filter((name) => !received.has(name)).length,
    doubled: names.filter((name) => (received.get(name)?.length ?? 0) > 1).length,
    perSecond: Math.round((times.length / (lastMs - firstMs)) * 10_000) / 10,
    usage: await usageSince(),
  };
}

/** Receipts of each name, by time, when all have come or patience is at its end. */
async function receiptsOf(contestant: Contestant, names: readonly string[]): Promise<Map<string, number[]>> {
  const expected = new Set(names);
  const read = async () => {
    const mine = (await contestant.receipts()).filter(({ about }) => expected.has(about));
    return Map.groupBy(mine, ({ about }) => about);
  };
  // Whoever is missing at the end is counted as lost.
  await waitFor('all receipts', async () => (await read()).size >= expected.size, patienceMs).catch(() => undefined);
  const received = await read();
  return new Map([...received].map(([name, calls]) => [name, calls.map(({ atMs }) => atMs)]));
}
