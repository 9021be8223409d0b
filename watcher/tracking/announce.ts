/**
 * What is announced to one Hook about one finding: that it occurred, that more is known, that it is over, or why it is refused.
 *
 * Keeps how the Hook stands to it in the object's memory. Asks nothing of the world.
 */
import type { Claim, Refusal } from '../matching/match.ts';
import { arbitrate } from './arbitrate.ts';
import { type Arbitration, type Candidate, candidateOf, sightingOf } from './arbitration.ts';
import { afterBar, findingKey, type Memory, type Seen, type Standing, standingKey, takerKey } from './memory.ts';

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
  const { memory, listener } = arbitration;
  const key = standingKey(listener.hook.uid, findingKey(seen.finding));
  const before = memory.standings.get(key);
  if (before?.state === 'taken') return updateOf(before, arbitration, seen);
  if (before?.state === 'refused' && seen.finding.nature === 'edge') return [];
  const candidate = candidateOf(arbitration, seen);
  if (candidate === undefined) return [];
  const now = arbitrate(arbitration, candidate);
  memory.standings.set(key, now);
  return announceStanding(arbitration, candidate, { before, now });
}

function announceStanding(
  { memory, listener }: Arbitration,
  { seen, claim }: Candidate,
  { before, now }: { before: Standing | undefined; now: Standing },
): Announcement[] {
  if (now.state === 'waiting') return [];
  if (now.state === 'taken') {
    memory.takers.set(takerKey(listener.hook.uid, seen.finding), claim.configuration.key);
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
  const { takers } = arbitration.memory;
  const { listener, configuration, sighting } = standing.claim;
  const key = takerKey(listener.hook.uid, seen.finding);
  if (!takers.has(key)) takers.set(key, configuration.key);
  standing.claim = { listener, configuration, sighting: sightingOf(arbitration, seen) };
  const { nature, occurrence } = seen.finding;
  const isBetter = nature === 'edge' && sighting.finding.occurrence.cause !== occurrence.cause;
  return isBetter ? [{ kind: 'updated', ...standing.claim }] : [];
}

/** The ends of states that were taken and are not visible any more. */
export function endingsOf(memory: Memory, gone: ReadonlySet<string>): Announcement[] {
  const current = [...memory.standings].flatMap(([key, standing]) =>
    standing.state === 'taken' && gone.has(afterBar(key)) ? [standing.claim] : [],
  );
  const former = [...memory.former.values()].filter(({ findingKey: key }) => gone.has(key)).map(({ claim }) => claim);
  return [...current, ...former]
    .filter(({ sighting }) => sighting.finding.nature === 'state')
    .map((claim) => ({ kind: 'ended', isGone: memory.object.isBeingDeleted, ...claim }));
}
