/**
 * A Kubernetes Event of ours, in the form of events.k8s.io/v1. Pure.
 *
 * Its name follows from what it tells, so that two watchers, or one that was restarted, write one Event; repeated news is a
 * series, as the API wants it.
 */
import { createHash } from 'node:crypto';
import { inertLine } from '../../workflows/contract/plain/inert-text.ts';
import { cutToBytes } from '../starting/identity.ts';

/** What the Event is about. */
interface Regarding {
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
  uid: string;
}

export interface News {
  /** Tells this news apart from all other news about the object; the Event's name is made from it. */
  key: string;
  regarding: Regarding;
  related?: { apiVersion: string; kind: string; namespace: string; name: string; uid: string };
  type: 'Normal' | 'Warning';
  /** One CamelCase word; people filter by it. */
  reason: string;
  /** What was done, one CamelCase word. */
  action: string;
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

export function eventNameOf({ key, regarding }: News): string {
  const hash = createHash('sha256').update(`${regarding.uid}\n${key}`).digest('hex').slice(0, 16);
  return `${regarding.name.slice(0, nameLimit).replace(/[^a-z0-9]+$/, '')}.${hash}`;
}

export function kubeEventOf(news: News, reportingInstance: string) {
  const { regarding, related, type, reason, action, note, at, series } = news;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: eventNameOf(news), namespace: regarding.namespace },
    eventTime: microTime(at),
    regarding,
    ...(related !== undefined && { related }),
    type,
    reason,
    action,
    // Terminals show it: `kubectl describe` and `kubectl events` do not escape everything.
    note: cutToBytes(inertLine(note, noteLimitBytes), noteLimitBytes),
    reportingController,
    reportingInstance: reportingInstance.slice(0, 128) || 'watcher',
    ...(series !== undefined && { series: seriesOf(series) }),
  };
}

export function seriesOf({ count, lastAt }: NonNullable<News['series']>) {
  return { count, lastObservedTime: microTime(lastAt) };
}

function microTime(at: string): string {
  return new Date(at).toISOString().replace(/\.(\d{3})Z$/, '.$1000Z');
}
