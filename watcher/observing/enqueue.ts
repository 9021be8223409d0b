/**
 * Announcements into the queue to Temporal, in the order in which they were made; refusals into the log.
 *
 * Decides nothing but whether other members of an incident that ended still fire.
 */
import { createFiring, type Firing } from '../starting/firing.ts';
import { incidentOf, workflowIdFor } from '../starting/incident-of.ts';
import type { Announcement } from '../tracking/announce.ts';
import type { ObserverOptions } from './observe.ts';

type Queueing = Pick<ObserverOptions, 'installation' | 'handover' | 'log' | 'nowMs' | 'onSeen' | 'onRefused'>;

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
