/**
 * What the prompt is told of an incident beside its first occurrence: its members, how often, and until when.
 *
 * Pure; changes no record.
 */
import type { Occurrence } from '../contract/incident.ts';
import type { Members } from '../contract/plain/members.ts';
import { isoSeconds } from '../contract/plain/rfc3339.ts';
import type { SoFar } from '../contract/plain/so-far.ts';
import type { KnownMembers } from './known-members.ts';

/** The part of a record that is read here. */
interface Remembered {
  firstSeen: string;
  lastSeen: string;
  count: number;
  newest: Occurrence;
  known: KnownMembers;
  members?: Members;
}

/** Of what an older version handed on only the names are known. */
export function membersSoFar({ members, known }: Pick<Remembered, 'members' | 'known'>): Members {
  if (members !== undefined) return members;
  return { rows: Object.entries(known).map(([id, { name = '' }]) => ({ id, name })), more: 0 };
}

export function soFarOf(record: Remembered, nowMs: number): SoFar {
  const { firstSeen, lastSeen, count, newest } = record;
  return { firstSeen, lastSeen, count, members: membersSoFar(record), newest, askedAt: isoSeconds(nowMs) };
}
