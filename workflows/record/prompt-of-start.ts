/**
 * Whether the prompt that came with the start may be sent, or the worker has to write one that says more.
 *
 * Pure.
 */
import type { StartedIncident } from '../contract/incident.ts';
import type { IncidentRecord } from './incident-record.ts';

/** So that the prompt says when the agent is asked, to a few seconds. */
const freshMs = 10_000;

/** `ageMs`: since the start. `unread`: signals that have arrived. */
export function promptOfStart(
  incident: StartedIncident,
  { asks }: Pick<IncidentRecord, 'asks'>,
  { ageMs, unread }: { ageMs: number; unread: number },
): string | undefined {
  return asks === 1 && unread === 0 && ageMs <= freshMs ? incident.firstPrompt : undefined;
}
