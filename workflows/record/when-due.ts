/**
 * When an incident is over, and when its agent is to be asked again, by the record. Pure.
 *
 * What is due in the past is due now.
 */
import type { Incident } from '../contract/incident.ts';
import { type IncidentRecord, isRunning } from './incident-record.ts';

/** Milliseconds until the incident is over; undefined while a state is still true, which is never over. */
export function msUntilOver(incident: Incident, record: IncidentRecord, nowMs: number): number | undefined {
  const { quietWindowMs } = incident.timing;
  if (incident.nature === 'edge') return record.lastReceivedMs + quietWindowMs - nowMs;
  if (record.resolved === undefined) return undefined;
  return record.resolved.atMs + quietWindowMs - nowMs;
}

/**
 * Milliseconds until the agent is asked again about an incident that keeps firing; undefined where it is not. An edge
 * keeps firing when it occurred since the agent was asked last, a state while it is true.
 */
export function msUntilRepeat(incident: Incident, record: IncidentRecord, nowMs: number): number | undefined {
  const { repeatAfterMs } = incident.timing;
  const { askedMs, lastReceivedMs, resolved } = record;
  if (repeatAfterMs === undefined || askedMs === undefined || isRunning(record)) return undefined;
  const isFiring = incident.nature === 'edge' ? lastReceivedMs > askedMs : resolved === undefined;
  return isFiring ? askedMs + repeatAfterMs - nowMs : undefined;
}
