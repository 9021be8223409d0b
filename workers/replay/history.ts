/**
 * A recorded run as the other files of this folder see it: the JSON form of Temporal's histories, one event after the other.
 *
 * Made by read-history-file and fetch-runs. Says what events are called; never judges them.
 */
import { type History, historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { z } from 'zod';

const Payload = z.looseObject({ metadata: z.record(z.string(), z.string()).optional(), data: z.string().optional() });
type Payload = z.infer<typeof Payload>;
const Named = z.looseObject({ name: z.string().optional() });

const RecordedEvent = z.looseObject({
  eventId: z.coerce.number().transform(String),
  eventType: z.string().transform(withoutShouting),
  userMetadata: z.looseObject({ summary: Payload.nullish() }).nullish(),
});
export type RecordedEvent = z.infer<typeof RecordedEvent>;

const Attributes = z.looseObject({
  workflowType: Named.optional(),
  workflowId: z.string().optional(),
  originalExecutionRunId: z.string().optional(),
  continuedExecutionRunId: z.string().optional(),
  newExecutionRunId: z.string().optional(),
  taskQueue: Named.optional(),
  input: z.looseObject({ payloads: z.array(Payload).optional() }).nullish(),
  activityType: Named.optional(),
  signalName: z.string().optional(),
});

/** A run and where it is from, as people called it. */
export interface RecordedRun {
  source: string;
  events: readonly RecordedEvent[];
}

/** The events of a history that came from Temporal. */
export function eventsOf(history: History): RecordedEvent[] {
  const json: unknown = JSON.parse(historyToJSON(history));
  return z.object({ events: z.array(RecordedEvent).default([]) }).parse(json).events;
}

/** The events of a history in any of its JSON forms. Throws where it is none. */
export function eventsFromJson(json: object): RecordedEvent[] {
  return eventsOf(historyFromJSON(json));
}

/** What stands in the one field of an event that is named after its type. */
export function attributesOf(event: RecordedEvent | undefined): z.infer<typeof Attributes> {
  const found = Object.entries(event ?? {}).find(([key]) => key.endsWith('EventAttributes'));
  return Attributes.safeParse(found?.[1]).data ?? {};
}

/** The type of an event, with what it is about where it says so. */
export function titleOf(event: RecordedEvent): string {
  const { activityType, signalName } = attributesOf(event);
  const about = activityType?.name ?? signalName;
  const summary = textIn(event.userMetadata?.summary);
  const isStart = event.eventType === 'WorkflowExecutionStarted'; // its summary tells of the whole run
  return [event.eventType, about, summary === undefined || isStart ? undefined : `(${summary})`]
    .filter((word) => word !== undefined)
    .join(' ');
}

/** How the run ended, or undefined while it goes on. */
export function endOf(events: readonly RecordedEvent[]): string | undefined {
  const last = events.at(-1)?.eventType ?? '';
  return /^WorkflowExecution(Completed|Failed|Canceled|Terminated|TimedOut|ContinuedAsNew)$/.exec(last)?.[1];
}

function textIn(payload: Payload | null | undefined): string | undefined {
  try {
    return z.string().parse(JSON.parse(Buffer.from(payload?.data ?? '', 'base64').toString()));
  } catch {
    return undefined;
  }
}

/** EVENT_TYPE_TIMER_STARTED → TimerStarted, as Temporal's own tools show it; both forms are read again. */
function withoutShouting(type: string): string {
  const words = type.replace(/^EVENT_TYPE_/, '').split('_');
  return words.map((word) => `${word.charAt(0)}${word.slice(1).toLowerCase()}`).join('');
}
