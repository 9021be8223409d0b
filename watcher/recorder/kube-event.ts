/**
 * A Kubernetes Event of ours, in the form of events.k8s.io/v1. Pure.
 *
 * Its name follows from what it reports, so that two watchers, or one that was restarted, write one Event; what happens again
 * becomes a series, as the API has it.
 */
import { createHash } from 'node:crypto';
import { inertLine } from '../../workflows/contract/plain/inert-text.ts';
import { isoMicros } from '../../workflows/contract/plain/rfc3339.ts';
import { cutToBytes } from '../starting/identity.ts';

/** Every reason of our Events, one CamelCase word by which people filter, with its type and what was done. */
const eventReasons = {
  EventFiring: { type: 'Normal', action: 'StartExecution' },
  AgentCallSuccess: { type: 'Normal', action: 'AskAgent' },
  AgentCallFailure: { type: 'Warning', action: 'AskAgent' },
  DuplicateEventIgnored: { type: 'Normal', action: 'JoinExecution' },
  EventResolved: { type: 'Normal', action: 'EndExecution' },
  AgentRunCompleted: { type: 'Normal', action: 'FollowAgent' },
  AgentRunFailed: { type: 'Warning', action: 'FollowAgent' },
  ApprovalRequired: { type: 'Warning', action: 'AwaitPeople' },
  AnswerRequired: { type: 'Warning', action: 'AwaitPeople' },
  NotWatched: { type: 'Warning', action: 'Watch' },
} as const;
export type EventReason = keyof typeof eventReasons;

interface ObjectReference {
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
  uid: string;
}

export interface NewEvent {
  /** Unlike that of every other Event about the object; the name is made from it. */
  key: string;
  regarding: ObjectReference;
  related?: ObjectReference;
  reason: EventReason;
  note: string;
  at: string;
  /** How often it has happened, where more than once, and when last. */
  series?: { count: number; lastAt: string };
}

/** The API server refuses longer notes. */
const noteLimitBytes = 1024;
/** Characters left for the name of the object, of the 253 that a name may have. */
const nameLimit = 230;

const reportingController = 'kagent.dev/kagent-hook-controller';

export function eventNameOf({ key, regarding }: NewEvent): string {
  const hash = createHash('sha256').update(`${regarding.uid}\n${key}`).digest('hex').slice(0, 16);
  return `${regarding.name.slice(0, nameLimit).replace(/[^a-z0-9]+$/, '')}.${hash}`;
}

export function kubeEventOf(event: NewEvent, reportingInstance: string) {
  const { regarding, related, reason, note, at, series } = event;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: eventNameOf(event), namespace: regarding.namespace },
    eventTime: isoMicros(Date.parse(at)),
    regarding,
    ...(related !== undefined && { related }),
    reason,
    ...eventReasons[reason],
    // Terminals show it: `kubectl describe` and `kubectl events` do not escape everything.
    note: cutToBytes(inertLine(note, noteLimitBytes), noteLimitBytes),
    reportingController,
    reportingInstance: reportingInstance.slice(0, 128) || 'watcher',
    ...(series !== undefined && { series: seriesOf(series) }),
  };
}

export function seriesOf({ count, lastAt }: NonNullable<NewEvent['series']>) {
  return { count, lastObservedTime: isoMicros(Date.parse(lastAt)) };
}
