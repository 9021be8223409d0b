/**
 * What to do about an occurrence when its workflow id is taken: join it, start a successor, or neither.
 *
 * Pure; the table of design section 6 as code.
 */
import type { Occurrence } from '../../workflows/contract/incident.ts';
import type { IncidentMemo } from '../../workflows/contract/outcome.ts';
import { memberLimit } from '../../workflows/contract/plain/names.ts';
import type { Ending } from '../ledger/account.ts';

export interface LastRun {
  status: 'open' | 'completed' | 'ended-by-people' | 'failed';
  closedMs: number | undefined;
  memo: IncidentMemo | undefined;
}

/** What becomes of one occurrence. After a failed run, the same for all of them. */
export type Decision = 'join' | 'successor' | Extract<Ending, 'already-handled' | 'incident-failed'>;

/** Without a change of the Hook, a failed incident is asked about again at most this often. */
const failedForMs = 15 * 60_000;

export interface Asking {
  occurrence: Occurrence;
  hookGeneration: number;
  quietWindowMs: number;
  nowMs: number;
}

export function decideStart(lastRun: LastRun, asking: Asking): Decision {
  if (lastRun.status === 'open') return 'join';
  if (lastRun.status === 'failed') return decideAfterFailure(lastRun, asking);
  if (isKnown(lastRun.memo, asking.occurrence)) return 'already-handled';
  if (lastRun.status === 'ended-by-people' && isSameEpisode(lastRun, asking)) return 'already-handled';
  return 'successor';
}

/** One successor when the Hook was changed since, at most one every 15 minutes otherwise. */
function decideAfterFailure({ closedMs, memo }: LastRun, { hookGeneration, nowMs }: Asking): Decision {
  if (memo !== undefined && hookGeneration > memo.hookGeneration) return 'successor';
  return closedMs !== undefined && nowMs - closedMs < failedForMs ? 'incident-failed' : 'successor';
}

/** Whether the run knew this occurrence, or a later one of the same member; by the time where its members were cut off. */
function isKnown(memo: IncidentMemo | undefined, occurrence: Occurrence): boolean {
  if (memo === undefined) return false;
  const known = Object.hasOwn(memo.known, occurrence.member) ? memo.known[occurrence.member] : undefined;
  if (known !== undefined) return known.id === occurrence.id || occurrence.order <= known.order;
  return Object.keys(memo.known).length >= memberLimit && Date.parse(occurrence.at) <= Date.parse(memo.lastSeen);
}

/** What a person has ended stays ended while the same trouble goes on: an edge within the quiet window of the end. */
function isSameEpisode({ closedMs, memo }: LastRun, { quietWindowMs, nowMs }: Asking): boolean {
  return memo?.nature === 'edge' && closedMs !== undefined && nowMs - closedMs < quietWindowMs;
}
