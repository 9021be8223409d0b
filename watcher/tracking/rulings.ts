/**
 * What one Hook says to all findings of one object at one moment: each of them is asked about once, however many rivals it has.
 *
 * Made by the tracker for each Hook and each look, filled by arbitrate, and forgotten with the look.
 */
import type { LiveConfiguration } from '../hooks/read-configuration.ts';
import { type Allowance, newAllowance } from '../matching/allowance.ts';
import type { Refusal, Sighting } from '../matching/match.ts';
import type { Memory, Seen } from './memory.ts';

export type Own =
  | { configuration: LiveConfiguration }
  | { configuration: LiveConfiguration | undefined; refusal: Refusal };

/** A side of a fact, and the configuration that takes it. */
export interface Rival {
  seen: Seen;
  configuration: LiveConfiguration;
}

export interface Rulings {
  /** By `findingKey`. */
  own: Map<string, Own>;
  /** By fact: whose it is, where it is anybody's. */
  takers: Map<string, Rival | undefined>;
  byFact: ReadonlyMap<string, Seen[]>;
  /** For the expressions of all of them together. */
  allowance: Allowance;
  sightingOf: (memory: Memory, seen: Seen) => Sighting;
}

/** `isNew`: the Hook was not there before, so that it witnessed nothing of what is visible. */
export function newRulings({ seen }: Memory, isNew: boolean): Rulings {
  return {
    own: new Map(),
    takers: new Map(),
    byFact: Map.groupBy(seen.values(), ({ finding }) => finding.fact),
    allowance: newAllowance(),
    sightingOf: ({ object, owners, changedSinceMs }, { finding, isWitnessed }) => ({
      object,
      owners,
      finding,
      isWitnessed: isWitnessed && !isNew,
      ...(changedSinceMs !== undefined && { changedSinceMs }),
    }),
  };
}
