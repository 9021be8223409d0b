/**
 * Whether a history can be given to the SDK at all: the SDK gives no answer, for ever, where it is not whole. Pure.
 *
 * Called before every replay. Throws an UnreadableError where there is nothing to replay, and finds what is out of order.
 */
import { checkAgentsType, handleIncidentType } from '../../workflows/contract/names.ts';
import { UnreadableError } from './exit-codes.ts';
import { attributesOf, type RecordedEvent, type RecordedRun, titleOf } from './history.ts';

/** What the bundle of workflows has. */
const knownTypes: readonly string[] = [handleIncidentType, checkAgentsType];

/** Metadata of a payload that was encrypted; in JSON it is written as base64. */
const encrypted = Buffer.from('binary/encrypted').toString('base64');

/** What may come after WorkflowTaskStarted. */
const afterTaskStarted = new Set([
  'WorkflowTaskCompleted',
  'WorkflowTaskFailed',
  'WorkflowTaskTimedOut',
  'WorkflowExecutionTerminated',
  'WorkflowExecutionTimedOut',
]);

export interface Break {
  /** Place in the list of events. */
  index: number;
  reason: string;
}

/** Throws an UnreadableError. */
export function checkReadable({ source, events }: RecordedRun): void {
  const problem = noStart(events) ?? otherType(events) ?? noField(events) ?? sealed(events) ?? decoded(events);
  if (problem !== undefined) throw new UnreadableError(`The history of ${source} ${problem}.`);
}

type Problem = string | undefined;

function noStart([first]: readonly RecordedEvent[]): Problem {
  if (first?.eventType === 'WorkflowExecutionStarted') return undefined;
  const found = first === undefined ? 'has no event' : `begins with event ${first.eventId}, ${titleOf(first)}`;
  return `${found}; wanted WorkflowExecutionStarted first`;
}

function otherType([first]: readonly RecordedEvent[]): Problem {
  const type = attributesOf(first).workflowType?.name ?? '';
  return knownTypes.includes(type) ? undefined : `is of workflow type "${type}"; known are ${knownTypes.join(' and ')}`;
}

function noField([first]: readonly RecordedEvent[]): Problem {
  const { originalExecutionRunId = '', taskQueue } = attributesOf(first);
  if (originalExecutionRunId !== '' && taskQueue !== undefined) return undefined;
  const lack = taskQueue === undefined ? 'taskQueue' : 'originalExecutionRunId';
  return `has no ${lack} in event 1; wanted every field as Temporal wrote it`;
}

function sealed(events: readonly RecordedEvent[]): Problem {
  const event = events.find((one) => JSON.stringify(one).includes(`"${encrypted}"`));
  if (event === undefined) return undefined;
  return `is encrypted in event ${event.eventId}, ${titleOf(event)}; wanted it in the clear, or its keys in CODEC_KEY_DIR`;
}

/** Viewers can save what payloads say in place of the payloads. */
function decoded([first]: readonly RecordedEvent[]): Problem {
  const payloads = attributesOf(first).input?.payloads ?? [];
  if (payloads.length > 0 && payloads.every(({ metadata }) => metadata?.['encoding'] !== undefined)) return undefined;
  return 'has no encoded input in event 1; wanted payloads as Temporal keeps them, not decoded for reading';
}

/** The first event that cannot stand where it stands, whatever the code does. */
export function findBreak(events: readonly RecordedEvent[]): Break | undefined {
  for (const [index, { eventId, eventType }] of events.entries()) {
    if (Number(eventId) !== index + 1) return { index, reason: `event ${index + 1} is missing from the history` };
    const before = events[index - 1];
    if (before?.eventType === 'WorkflowTaskStarted' && !afterTaskStarted.has(eventType)) {
      return { index, reason: `the history has no end of the workflow task that event ${before.eventId} started` };
    }
  }
  return undefined;
}
