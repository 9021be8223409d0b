/** What of a recording does not fire, and why: a Hook refuses it, or it has not been true for long enough. Pure. */
import type { Sighting } from '../matching/match.ts';
import type { Announcement } from '../tracking/announce.ts';
import { findingKey } from '../tracking/memory.ts';
import type { Tracker } from '../tracking/tracker.ts';

/** What does not fire, and why. */
export interface NotFired {
  what: string;
  /** Empty where no Hooks were given. */
  hook: string;
  reason: string;
  message: string;
}

export function refusalOf({ listener, sighting, refusal }: Announcement & { kind: 'refused' }): NotFired {
  return { what: describe(sighting), hook: `${listener.hook.namespace}/${listener.hook.name}`, ...refusal };
}

/** States that are true, and have not been for long enough. */
export function waitingOf(tracker: Tracker): NotFired[] {
  return [...tracker.visible()].flatMap(({ memory, sighting }) =>
    [...memory.stances].flatMap(([hook, { standings }]) => {
      const standing = standings.get(findingKey(sighting.finding));
      if (standing?.state !== 'waiting') return [];
      const message = `It fires at ${new Date(standing.dueMs).toISOString()} if it goes on.`;
      return [{ what: describe(sighting), hook, reason: 'NotYet', message }];
    }),
  );
}

function describe({ object, finding }: Sighting): string {
  const place = object.namespace === '' ? object.name : `${object.namespace}/${object.name}`;
  const container = finding.container === undefined ? '' : ` (${finding.container})`;
  return `${finding.type} ${object.kind} ${place}${container}`;
}
