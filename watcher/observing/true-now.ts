/**
 * Which incidents are true now, taken by a Hook or not: what an execution that is still open is compared with.
 *
 * Asks nothing of the world.
 */
import type { Listeners } from '../hooks/listeners.ts';
import type { Sighting } from '../matching/match.ts';
import { type Installation, workflowIdFor } from '../starting/incident-of.ts';
import type { Tracker } from '../tracking/tracker.ts';

interface Seeing {
  tracker: Tracker;
  listeners: Listeners;
  installation: Installation;
}

/** Whoever listens to the type counts, also where it would not match any more: then the state still is not over. */
export function trueNow(observing: Seeing): Set<string> {
  const states = [...observing.tracker.visible()].filter(({ sighting }) => sighting.finding.nature === 'state');
  return new Set(states.flatMap(({ sighting }) => idsOf(observing, sighting)));
}

function idsOf({ listeners, installation }: Seeing, sighting: Sighting): string[] {
  const { type } = sighting.finding;
  return [...listeners.of(type, sighting.object.namespace)].flatMap((listener) =>
    listener.hook.configurations
      .filter((configuration) => configuration.type === type)
      .map((configuration) => workflowIdFor(installation, { listener, configuration, sighting })),
  );
}
