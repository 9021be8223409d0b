/**
 * The findings of one object before one Hook at one moment: which configuration means each of them, and which one takes what
 * several types see of one fact.
 *
 * Each finding is matched once, however many rivals it has. Made for one look at the object, and forgotten with it.
 */
import type { IncidentType } from '../../workflows/contract/hook.ts';
import type { Finding } from '../detectors/detector.ts';
import { specificity } from '../detectors/index.ts';
import type { Listener } from '../hooks/listeners.ts';
import { newAllowance } from '../matching/allowance.ts';
import { type Claim, type Refusal, refuse, type Sighting } from '../matching/match.ts';
import { findingKey, type Memory, type Seen, type Stance } from './memory.ts';

/** By type: how long a state must hold, in place of what its detector says. */
export type Holds = Partial<Record<IncidentType, number>>;

interface Given {
  memory: Memory;
  listener: Listener;
  /** The Hook was not there before, so that it witnessed nothing of what is visible. */
  isNew: boolean;
  holds: Holds;
  clockMs: number;
}

export type Arbitration = ReturnType<typeof newArbitration>;

/** The configuration that means a finding, or the one whose refusal is shown. */
export interface Candidate {
  seen: Seen;
  claim: Claim;
  refusal: Refusal | undefined;
}

export function newArbitration(given: Given) {
  return {
    ...given,
    byFact: Map.groupBy(given.memory.seen.values(), ({ finding }) => finding.fact),
    /** For the expressions of all of them together. */
    allowance: newAllowance(),
    /** By `findingKey`. */
    candidates: new Map<string, Candidate | undefined>(),
  };
}

/** How the Hook stands to the object; begins with the first finding that is shown to it. */
export function stanceOf({ memory: { stances }, listener: { hook } }: Arbitration): Stance {
  const stance = stances.get(hook.uid) ?? { standings: new Map(), takers: new Map() };
  stances.set(hook.uid, stance);
  return stance;
}

export function sightingOf({ memory, isNew }: Arbitration, { finding, isWitnessed }: Seen): Sighting {
  const { object, owners, changedSinceMs } = memory;
  return {
    object,
    owners,
    finding,
    isWitnessed: isWitnessed && !isNew,
    ...(changedSinceMs !== undefined && { changedSinceMs }),
  };
}

/** Undefined where the Hook has no configuration of the type. */
export function candidateOf(arbitration: Arbitration, seen: Seen): Candidate | undefined {
  const { candidates } = arbitration;
  const key = findingKey(seen.finding);
  if (!candidates.has(key)) candidates.set(key, findCandidate(arbitration, seen));
  return candidates.get(key);
}

/** The first configuration of the type that means it; else the first that refuses, or one whose expression failed. */
function findCandidate(arbitration: Arbitration, seen: Seen): Candidate | undefined {
  const { listener, allowance } = arbitration;
  const sighting = sightingOf(arbitration, seen);
  let shown: Candidate | undefined;
  for (const configuration of listener.hook.configurations) {
    if (configuration.type !== seen.finding.type) continue;
    const claim = { listener, configuration, sighting };
    const refusal = refuse(claim, allowance);
    if (refusal === undefined) return { seen, claim, refusal };
    if (shown === undefined || isFault(refusal, shown.refusal)) shown = { seen, claim, refusal };
  }
  return shown;
}

/** A fault of the Hook has to be shown, also behind a configuration that only means something else. */
function isFault(refusal: Refusal, shown: Refusal | undefined): boolean {
  return refusal.reason === 'ExpressionFailed' && shown?.reason !== 'ExpressionFailed';
}

/** Of the types that are more specific and see the same fact, the candidate of the most specific one that means it. */
export function moreSpecific(arbitration: Arbitration, { finding }: Seen): Candidate | undefined {
  const sides = (arbitration.byFact.get(finding.fact) ?? []).filter((seen) => rank(seen.finding) < rank(finding));
  for (const seen of sides.toSorted((a, b) => rank(a.finding) - rank(b.finding))) {
    const candidate = candidateOf(arbitration, seen);
    if (candidate !== undefined && candidate.refusal === undefined) return candidate;
  }
  return undefined;
}

function rank({ type }: Finding): number {
  return specificity.indexOf(type);
}
