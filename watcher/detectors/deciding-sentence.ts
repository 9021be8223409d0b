/**
 * The sentence that explains a finding and stands elsewhere: on another container of the Pod, or in an Event.
 *
 * Pure; says only what an object or an Event proves, Events with their time, because they stay for an hour when what they
 * report is over.
 */
import { isoSeconds } from '../../workflows/contract/plain/rfc3339.ts';
import type { EventView } from '../views/event-view.ts';
import type { ContainerView, PodView } from '../views/pod-view.ts';

/** Why a controller could not create Pods, such as a quota with its numbers; to be put behind a sentence. */
export function whyNotCreated(events: readonly EventView[]): string {
  const newest = events.findLast(({ type, reason }) => type === 'Warning' && reason === 'FailedCreate');
  if (newest === undefined) return '';
  const when = newest.lastMs === 0 ? '' : ` at ${isoSeconds(newest.lastMs)}`;
  return ` A Pod could not be created${when}: ${newest.message}`;
}

/** What a bound Pod whose containers show nothing wrong waits for; to be put behind a sentence. */
export function whatIsWaitedFor({ containers }: PodView): string {
  const init = containers.find(({ kind, running }) => kind === 'init' && running);
  if (init !== undefined) {
    return ` Its init container ${init.name} has been running${since(init)} and has not ended; what comes after it waits.`;
  }
  const sidecar = containers.find(({ kind, running, started }) => kind === 'sidecar' && running && !started);
  if (sidecar !== undefined) {
    return ` Its sidecar ${sidecar.name} has been running${since(sidecar)}, but its startup probe or postStart hook has not succeeded yet.`;
  }
  const waiting = containers.flatMap(({ kind, name, waiting: why }) =>
    kind === 'ephemeral' || why === undefined ? [] : [`${name} (${why.reason})`],
  );
  return waiting.length === 0 ? '' : ` Waiting: ${waiting.join(', ')}.`;
}

function since({ startedAt }: ContainerView): string {
  return startedAt === undefined ? '' : ` since ${startedAt}`;
}
