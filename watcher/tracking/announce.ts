/**
 * What is announced to one Hook about one finding: that it occurred, that more is known, that it is over, or why it is refused.
 *
 * Keeps how the Hook stands to it in the object's memory. Asks nothing of the world.
 */
import type { Claim, Refusal } from '../matching/match.ts';
import { arbitrate } from './arbitrate.ts';
import { type Arbitration, type Candidate, candidateOf, sightingOf, stanceOf } from './arbitration.ts';
import { findingKey, type Memory, type Seen, type Standing, standingsOf } from './memory.ts';

export type Announcement = Claim &
  (
    | { kind: 'occurred' }
    /** More is known of what occurred before. */
    | { kind: 'updated' }
    /** A state that occurred is not true any more. */
    | { kind: 'ended'; isGone: boolean }
    | { kind: 'refused'; refusal: Refusal }
  );

/** Mostly nothing, because the Hook has taken or refused it before. */
export function announce(arbitration: Arbitration, seen: Seen): Announcement[] {
  const { standings } = stanceOf(arbitration);
  const key = findingKey(seen.finding);
  const before = standings.get(key);
  if (before?.state === 'taken') return updateOf(before, arbitration, seen);
  if (before?.state === 'refused' && seen.finding.nature === 'edge') return [];
  const candidate = candidateOf(arbitration, seen);
  if (candidate === undefined) return [];
  const now = arbitrate(arbitration, candidate);
  standings.set(key, now);
  return announceStanding(arbitration, candidate, { before, now });
}

function announceStanding(
  arbitration: Arbitration,
  { seen, claim }: Candidate,
  { before, now }: { before: Standing | undefined; now: Standing },
): Announcement[] {
  if (now.state === 'waiting') return [];
  if (now.state === 'taken') {
    stanceOf(arbitration).takers.set(seen.finding.fact, claim.configuration.key);
    return [{ kind: 'occurred', ...claim }];
  }
  const { refusal } = now;
  const isKnown = before?.state === 'refused' && before.refusal.reason === refusal.reason;
  return isKnown ? [] : [{ kind: 'refused', refusal, ...claim }];
}

/**
 * What a configuration took stays its own, also where it turns out to be another trouble than it was taken for. A better cause
 * of an edge, such as an OOM kill that the runtime noticed late, is news to it.
 */
function updateOf(standing: Standing & { state: 'taken' }, arbitration: Arbitration, seen: Seen): Announcement[] {
  const { takers } = stanceOf(arbitration);
  const { listener, configuration, sighting } = standing.claim;
  const { fact } = seen.finding;
  if (!takers.has(fact)) takers.set(fact, configuration.key);
  standing.claim = { listener, configuration, sighting: sightingOf(arbitration, seen) };
  const { nature, occurrence } = seen.finding;
  const isBetter = nature === 'edge' && sighting.finding.occurrence.cause !== occurrence.cause;
  return isBetter ? [{ kind: 'updated', ...standing.claim }] : [];
}

/** The ends of states that were taken and are not visible any more. */
export function endingsOf(memory: Memory): Announcement[] {
  const taken = standingsOf(memory).flatMap((standing) => (standing.state === 'taken' ? [standing.claim] : []));
  return [...taken, ...memory.former.values()]
    .filter(({ sighting: { finding } }) => finding.nature === 'state' && !memory.seen.has(findingKey(finding)))
    .map((claim) => ({ kind: 'ended', isGone: memory.object.isBeingDeleted, ...claim }));
}
