/**
 * What trouble in one namespace costs another: a container there is OOM-killed, and its agent must be asked soon.
 *
 * The clock runs from before the status is written until the request has reached the agent, so what the
 * API server itself needs under that load is in it.
 */
import { oomKilled, running } from '../e2e/cluster-actions.ts';
import type { World } from '../e2e/world.ts';
import { waitFor } from '../wait-for.ts';

export interface Neighbour {
  /** Kills once more, and fails where the agent is asked later than that. Gives the name of the Pod. */
  isAskedWithin: (limitMs: number) => Promise<string>;
  /** The longest of all times; undefined where nothing was measured. */
  slowestMs: () => number | undefined;
}

/** Far above every limit, so that the figure is known also where it is too large. */
const givenUpMs = 120_000;

/** Adds to `expected` each Pod that the agent must be asked about. */
export function createNeighbour(world: World, expected: Map<string, number>): Neighbour {
  const { cluster, namespace } = world;
  const waitedMs: number[] = [];
  let kills = 0;
  return {
    slowestMs: () => (waitedMs.length === 0 ? undefined : Math.max(...waitedMs)),
    isAskedWithin: async (limitMs) => {
      const name = `neighbour-${kills}`;
      kills += 1;
      expected.set(name, 1);
      await cluster.createPod(namespace, name);
      await cluster.setStatus(namespace, name, running());
      const killedMs = Date.now();
      await cluster.setStatus(namespace, name, oomKilled({ killed: 'c0', now: 'c1', restartCount: 1 }));
      const { at } = await waitFor(`the ask about ${name}`, async () => world.asksAbout(name)[0], givenUpMs);
      const tookMs = Date.parse(at) - killedMs;
      waitedMs.push(tookMs);
      if (tookMs > limitMs)
        throw new Error(`The neighbour was asked about after ${tookMs} ms; expected ${limitMs} ms.`);
      return name;
    },
  };
}
