/**
 * What the record knows of an incident beside its first occurrence, for the prompt: its members, how often, and until when.
 *
 * Pure; changes no record.
 */
import { isoSeconds } from '../contract/plain/rfc3339.ts';
import type { SoFar } from '../contract/plain/so-far.ts';
import type { IncidentRecord } from './incident-record.ts';
import { membersSoFar } from './known-members.ts';

export function soFarOf(record: IncidentRecord, nowMs: number): SoFar {
  const { firstSeen, lastSeen, count, newest } = record;
  return { firstSeen, lastSeen, count, members: membersSoFar(record), newest, askedAt: isoSeconds(nowMs) };
}
