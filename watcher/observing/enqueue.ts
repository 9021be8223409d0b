/**
 * Announcements into the queue to Temporal, in the order in which they were made; refusals into the log.
 *
 * Decides nothing but whether other members of an incident that ended still fire.
 */
import type { Logger } from 'pino';
import { createFiring, type Firing } from '../starting/firing.ts';
import type { Handover } from '../starting/handover.ts';
import { type Installation, incidentOf, workflowIdFor } from '../starting/incident-of.ts';
import type { Announcement } from '../tracking/announce.ts';

export interface Queueing {
  installation: Installation;
  handover: Handover;
  log: Logger;
  nowMs: () => number;
  /** Called for each occurrence that a Hook with its type takes or refuses, before anything becomes of it. */
  onSeen?: () => void;
  /** Called for each refusal. */
  onRefused?: (refused: Announcement & { kind: 'refused' }) => void;
}

/** What it returns resolves when these announcements, and all before them, are in the queue. */
export function createEnqueue(queueing: Queueing) {
  const firing = createFiring();
  let enqueued = Promise.resolve();
  return (announcements: readonly Announcement[]): Promise<void> => {
    if (announcements.length === 0) return Promise.resolve();
    const done = enqueued.then(async () => {
      for (const announcement of announcements) await enqueueOne(queueing, firing, announcement);
    });
    enqueued = done.catch(() => undefined); // a failure is the caller's; those behind it go on
    return done;
  };
}

async function enqueueOne(queueing: Queueing, firing: Firing, announcement: Announcement): Promise<void> {
  if (announcement.kind === 'refused') return logRefusal(queueing, announcement);
  const { installation, handover, nowMs, onSeen } = queueing;
  const { listener, sighting, kind } = announcement;
  const workflowId = workflowIdFor(installation, announcement);
  const { nature, type, occurrence } = sighting.finding;
  if (kind !== 'ended') {
    if (nature === 'state') firing.begins(workflowId, occurrence.id);
    const isUpdate = kind === 'updated';
    if (!isUpdate) onSeen?.();
    const { isPaused } = listener.hook;
    return handover.occurred(workflowId, incidentOf(installation, announcement), { isPaused, isUpdate });
  }
  const occurrenceId = firing.ends(workflowId, occurrence.id);
  if (occurrenceId === undefined) return; // other members still fire
  const { object } = sighting;
  const message = `The ${object.kind} ${object.name} ${announcement.isGone ? 'is gone' : `recovered (${type})`}.`;
  await handover.resolved(workflowId, { occurrenceId, at: new Date(nowMs()).toISOString(), message });
}

function logRefusal({ onSeen, onRefused, log }: Queueing, refused: Announcement & { kind: 'refused' }): void {
  const { listener, sighting, refusal } = refused;
  const { namespace, name } = listener.hook;
  const { type, occurrence } = sighting.finding;
  onSeen?.();
  onRefused?.(refused);
  log.debug({ hook: `${namespace}/${name}`, type, occurrence: occurrence.id, ...refusal }, 'refused');
}
