/**
 * What the watcher keeps of a Kubernetes Event, in both of its shapes: whom it is about, what it says, how often and when.
 *
 * An Event is evidence; it never is an occurrence by itself.
 */
import { z } from 'zod';
import { Int32 } from './number.ts';
import { cut, NamespaceText, NameText, Time, Uid, UidText, VersionText, WordText } from './text.ts';

export interface EventView {
  uid: string;
  /** Its own: whoever wrote it had the right to write Events there. */
  namespace: string;
  resourceVersion: string;
  type: string;
  reason: string;
  /** Without the prefix that the recorder puts in front of combined Events. */
  message: string;
  count: number;
  /** Milliseconds since 1970. */
  firstMs: number;
  lastMs: number;
  /** The container that `fieldPath` names. */
  container?: string;
  about: { kind: string; namespace: string; name: string; uid: string };
}

const Reference = z.object({
  kind: NameText,
  namespace: NamespaceText,
  name: NameText,
  uid: UidText,
  fieldPath: NameText,
});

/** core/v1 and events.k8s.io/v1 at once: the same stored object, read in two ways. */
const RawEvent = z.object({
  metadata: z.object({ uid: Uid, namespace: NamespaceText, resourceVersion: VersionText, creationTimestamp: Time }),
  involvedObject: Reference.nullish(),
  regarding: Reference.nullish(),
  type: WordText,
  reason: WordText,
  message: z.string().nullish(),
  note: z.string().nullish(),
  eventTime: Time,
  firstTimestamp: Time,
  lastTimestamp: Time,
  deprecatedFirstTimestamp: Time,
  deprecatedLastTimestamp: Time,
  count: Int32.nullish(),
  deprecatedCount: Int32.nullish(),
  series: z.object({ count: Int32.nullish(), lastObservedTime: Time }).nullish(),
});
type RawEvent = z.infer<typeof RawEvent>;

/** The recorder of client-go combines similar Events under this prefix. */
const combined = '(combined from similar events): ';
/** Characters; validation of Events allows no longer message. */
const messageLimit = 1024;

/** Undefined when the object is no Event, or is about nothing. */
export function viewEvent(object: unknown): EventView | undefined {
  const parsed = RawEvent.safeParse(object);
  if (!parsed.success) return undefined;
  const { metadata, type, reason, involvedObject, regarding } = parsed.data;
  const about = involvedObject ?? regarding ?? undefined;
  if (about === undefined) return undefined;
  const container = /\{([^{}]+)\}$/.exec(about.fieldPath)?.[1];
  return {
    uid: metadata.uid,
    namespace: metadata.namespace,
    resourceVersion: metadata.resourceVersion,
    type,
    reason,
    message: messageOf(parsed.data),
    count: countOf(parsed.data),
    ...timesOf(parsed.data),
    ...(container !== undefined && { container }),
    about: { kind: about.kind, namespace: about.namespace, name: about.name, uid: about.uid },
  };
}

function countOf({ series, count, deprecatedCount }: RawEvent): number {
  return series?.count ?? count ?? deprecatedCount ?? 1;
}

function messageOf({ message, note }: RawEvent): string {
  const text = message ?? note ?? '';
  return cut(text.startsWith(combined) ? text.slice(combined.length) : text, messageLimit).toWellFormed();
}

/** The age of an Event is that of its newest time: an Event that goes on keeps its first times for hours. */
function timesOf(event: RawEvent): { firstMs: number; lastMs: number } {
  const texts = [
    event.firstTimestamp,
    event.deprecatedFirstTimestamp,
    event.eventTime,
    event.metadata.creationTimestamp,
    event.lastTimestamp,
    event.deprecatedLastTimestamp,
    event.series?.lastObservedTime,
  ];
  const times = texts.map((text) => Date.parse(text ?? '')).filter((ms) => !Number.isNaN(ms));
  return { firstMs: Math.min(...times, Number.MAX_SAFE_INTEGER), lastMs: Math.max(...times, 0) };
}
