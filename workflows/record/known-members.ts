/**
 * The newest occurrence of each member of an incident, by which a new occurrence differs from a known one.
 *
 * Kept in the record, which travels as JSON. The object has no prototype, so that a member may have any name.
 */
import type { Occurrence } from '../contract/incident.ts';
import type { IncidentMemo } from '../contract/outcome.ts';
import type { Members } from '../contract/plain/members.ts';
import { memberLimit } from '../contract/plain/names.ts';

export type KnownMembers = IncidentMemo['known'];

/** As they came as JSON, which makes ordinary objects. */
export function readMembers(known: KnownMembers): KnownMembers {
  const members = { ...known };
  Reflect.setPrototypeOf(members, null);
  return members;
}

/** At the end: the oldest are forgotten first. */
export function rememberMember(members: KnownMembers, { id, order, member, objectName }: Occurrence): KnownMembers {
  delete members[member];
  members[member] = { id, order, name: objectName };
  const all = Object.keys(members);
  for (const oldest of all.slice(0, Math.max(0, all.length - memberLimit))) delete members[oldest];
  return members;
}

/** Each name once, those that were seen last at the end. */
export function namesOf(members: KnownMembers): string[] {
  return [...new Set(Object.values(members).flatMap(({ name }) => (name === undefined ? [] : [name])))];
}

/** The members for the prompt; of those that an older version handed on, only the names are known. */
export function membersSoFar({ members, known }: { members?: Members; known: KnownMembers }): Members {
  if (members !== undefined) return members;
  return { rows: Object.entries(known).map(([id, { name = '' }]) => ({ id, name })), more: 0 };
}
