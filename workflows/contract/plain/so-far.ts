/**
 * What is known of an incident when its prompt is written, beside what started it.
 *
 * Types and one pure function.
 */
import type { Incident, Occurrence } from '../incident.ts';
import { addMember, type Members, noMembers } from './members.ts';

export interface SoFar {
  firstSeen: string;
  lastSeen: string;
  /** Occurrences of all members. */
  count: number;
  members: Members;
  /** It may know more of the occurrence that the prompt is about: a cause that was learned later. */
  newest: Occurrence;
  /** When the prompt is written, RFC 3339 in UTC. */
  askedAt: string;
}

/** Where nothing more has happened than what started it. */
export function soFarOfFirst({ occurrence }: Incident, askedAt: string): SoFar {
  const { at, times } = occurrence;
  const members = addMember(noMembers, occurrence);
  return { firstSeen: at, lastSeen: at, count: times, members, newest: occurrence, askedAt };
}
