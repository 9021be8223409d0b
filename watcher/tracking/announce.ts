/**
 * What one Hook hears of one finding: that it occurred, that more is known, that it is over, or why it hears nothing.
 *
 * Keeps the Hook's standing in the object's memory. Asks nothing of the world.
 */
import type { Listener } from '../hooks/listeners.ts';
import type { LiveConfiguration } from '../hooks/read-configuration.ts';
import type { Refusal, Sighting } from '../matching/match.ts';
import { arbitrate, type Case, type Verdict } from './arbitrate.ts';
import { afterBar, findingKey, type Memory, type Standing, standingKey, type Told, takerKey } from './memory.ts';

export type Announcement =
  /** Tell the Hook: something new. `updated`: more is known of what it was told before. */
  | ({ kind: 'occurred' | 'updated' } & Told)
  /** A state that the Hook was told of is not true any more. */
  | ({ kind: 'ended'; isGone: boolean } & Told)
  | {
      kind: 'refused';
      listener: Listener;
      configuration: LiveConfiguration | undefined;
      sighting: Sighting;
      refusal: Refusal;
    };

/** What one Hook hears of one finding now; mostly nothing, because it was told or has refused before. */
export function announce(matter: Case): Announcement[] {
  const { memory, seen, listener, rulings } = matter;
  const { finding } = seen;
  const key = standingKey(listener.hook.uid, findingKey(finding));
  const standing = memory.standings.get(key);
  const sighting = rulings.sightingOf(memory, seen);
  if (standing?.state === 'told') {
    keepTaken(matter, standing.told);
    return updateOf(standing, sighting);
  }
  if (standing?.state === 'refused' && finding.nature === 'edge') return [];
  return announceVerdict(arbitrate(matter), { matter, sighting, key });
}

/** What a configuration took stays its own, also where it turns out to be another trouble than it was taken for. */
function keepTaken({ memory: { takers }, listener, seen }: Case, { configuration }: Told): void {
  const key = takerKey(listener.hook.uid, seen.finding);
  if (!takers.has(key)) takers.set(key, configuration.key);
}

interface Decided {
  matter: Case;
  sighting: Sighting;
  /** Of the standing. */
  key: string;
}

function announceVerdict(verdict: Verdict, { matter, sighting, key }: Decided): Announcement[] {
  const { memory, listener } = matter;
  if (verdict.kind === 'wait') {
    const { dueMs, configuration } = verdict;
    memory.standings.set(key, { state: 'waiting', dueMs, configuration });
    return [];
  }
  if (verdict.kind === 'refuse') {
    const { refusal, configuration } = verdict;
    const before = memory.standings.get(key);
    memory.standings.set(key, { state: 'refused', reason: refusal.reason });
    const isKnown = before?.state === 'refused' && before.reason === refusal.reason;
    return isKnown ? [] : [{ kind: 'refused', listener, configuration, sighting, refusal }];
  }
  const { configuration } = verdict;
  memory.standings.set(key, { state: 'told', told: { listener, configuration, sighting } });
  memory.takers.set(takerKey(listener.hook.uid, sighting.finding), configuration.key);
  return [{ kind: 'occurred', listener, configuration, sighting }];
}

/** A better cause of what was told, such as an OOM kill that the runtime noticed late, is news to who took it. */
function updateOf(standing: Standing & { state: 'told' }, sighting: Sighting): Announcement[] {
  const { told } = standing;
  const isBetter =
    sighting.finding.nature === 'edge' && told.sighting.finding.occurrence.cause !== sighting.finding.occurrence.cause;
  standing.told = { ...told, sighting };
  return isBetter ? [{ kind: 'updated', ...standing.told }] : [];
}

/** The Hooks that were told of states which are not visible any more hear that they are over. */
export function endingsOf(memory: Memory, gone: ReadonlySet<string>): Announcement[] {
  const current = [...memory.standings].flatMap(([standing, value]) =>
    value.state === 'told' && gone.has(afterBar(standing)) ? [value.told] : [],
  );
  const former = [...memory.former.values()].filter(({ findingKey: key }) => gone.has(key)).map(({ told }) => told);
  return [...current, ...former]
    .filter(({ sighting }) => sighting.finding.nature === 'state')
    .map((told) => ({ kind: 'ended', isGone: memory.object.isBeingDeleted, ...told }));
}
