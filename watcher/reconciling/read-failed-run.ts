/**
 * Reads the incident of a closed run, and the occurrences that joined it, back from its history.
 *
 * Of a run that followed another by continue-as-new, the newest occurrence that it brought along is among them.
 */
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { z } from 'zod';
import { decodeArrayFromPayloads } from '../../runtime/temporal-private.ts';
import { Incident, Occurrence } from '../../workflows/contract/incident.ts';
import { signalNames } from '../../workflows/contract/plain/names.ts';

/** The incident with its newest occurrence, and the newest of each other member. */
interface FailedRun {
  incident: Incident;
  occurrences: Occurrence[];
}

const Carried = z.object({ newest: Occurrence });
const Signal = z.object({ occurrences: z.array(Occurrence) });

/** Undefined where the history cannot be read (any more). */
export async function readFailedRun(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId: string },
): Promise<FailedRun | undefined> {
  const [first, ...later] = await eventsOf(client, workflowId, runId);
  const [input, carried] = await decode(client, first?.workflowExecutionStartedEventAttributes?.input?.payloads);
  const incident = Incident.safeParse(input);
  if (!incident.success) return undefined;
  const received = [incident.data.occurrence];
  const brought = Carried.safeParse(carried);
  if (brought.success) received.push(brought.data.newest);
  for (const event of later) received.push(...(await joinedBy(client, event)));
  const newest = newestOfEach(received);
  const last = newest.at(-1) ?? incident.data.occurrence;
  return { incident: { ...incident.data, occurrence: last }, occurrences: newest.slice(0, -1) };
}

type Event = Awaited<ReturnType<typeof eventsOf>>[number];

async function joinedBy(client: Client, { workflowExecutionSignaledEventAttributes: signal }: Event) {
  if (signal?.signalName !== signalNames.occurrences) return [];
  const [payload] = await decode(client, signal.input?.payloads);
  const parsed = Signal.safeParse(payload);
  return parsed.success ? parsed.data.occurrences : [];
}

/** Per member, in the order in which they were received. */
function newestOfEach(received: Occurrence[]): Occurrence[] {
  const newest = new Map<string, Occurrence>();
  for (const occurrence of received) {
    if ((newest.get(occurrence.member)?.order ?? Number.NEGATIVE_INFINITY) > occurrence.order) continue;
    newest.delete(occurrence.member);
    newest.set(occurrence.member, occurrence);
  }
  return [...newest.values()];
}

async function eventsOf(client: Client, workflowId: string, runId: string) {
  try {
    return (await client.workflow.getHandle(workflowId, runId).fetchHistory()).events ?? [];
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return [];
    throw error;
  }
}

type Payloads = Parameters<typeof decodeArrayFromPayloads>[1];

function decode(client: Client, payloads: Payloads): Promise<unknown[]> {
  return decodeArrayFromPayloads(client.options.loadedDataConverter, payloads);
}
