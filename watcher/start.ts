/**
 * Step 4: one occurrence becomes a running execution, once: started, joined, covered, held or refused.
 *
 * Called by handover.ts, one at a time per incident. Throws only when Temporal cannot be asked now; then the same call is
 * made again, and meets what the lost one has done. Keeps no state: identity and Temporal decide.
 */
import { type Client, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import type { Incident, Occurrence, ResolvedSignal } from '../workflows/contract/incident.ts';
import { signalNames } from '../workflows/contract/names.ts';
import { decideStart } from './decide-start.ts';
import { firstRequestId, successorRequestId } from './identity.ts';
import { lastRunOf } from './last-run.ts';
import { startExecution } from './start-request.ts';

/** How an occurrence ended; every one ends in exactly one of these. */
export type StartResult =
  | { outcome: 'started' | 'joined' | 'covered' | 'held'; runId: string }
  | { outcome: 'refused'; reason: 'StartRejected'; message: string };

const grpcInvalidArgument = 3;
const grpcAlreadyExists = 6;

/** The incident as its first occurrence would start it, and all occurrences to hand over, oldest first. */
export interface Start {
  workflowId: string;
  incident: Incident;
  occurrences: Occurrence[];
}

export async function startOrJoin(client: Client, start: Start): Promise<StartResult> {
  const { workflowId, incident } = start;
  const requestId = firstRequestId(workflowId, incident.occurrence.id);
  try {
    const runId = await startExecution(client, { workflowId, requestId, incident, isSuccessor: false });
    await signalRest(client, start, runId);
    return { outcome: 'started', runId };
  } catch (error) {
    if (isGrpcServiceError(error) && Number(error.code) === grpcAlreadyExists) return followLastRun(client, start);
    return rejectedOrThrow(error);
  }
}

/** The id is taken: what to do depends on how the newest run stands. */
async function followLastRun(client: Client, start: Start): Promise<StartResult> {
  const { workflowId, incident } = start;
  const lastRun = await lastRunOf(client, workflowId);
  if (lastRun === undefined) throw new Error(`${workflowId} was there and is not any more; asking again.`);
  const newest = start.occurrences.at(-1) ?? incident.occurrence;
  const decision = decideStart(lastRun, {
    occurrence: newest,
    hookGeneration: incident.hook.generation,
    quietWindowMs: incident.timing.quietWindowMs,
    nowMs: Date.now(),
  });
  if (decision === 'covered' || decision === 'held') return { outcome: decision, runId: lastRun.runId };
  if (decision === 'join') {
    await signalOccurrences(client, { workflowId, runId: lastRun.runId, occurrences: start.occurrences });
    return { outcome: 'joined', runId: lastRun.runId };
  }
  return startSuccessor(client, start, lastRun.runId);
}

async function startSuccessor(client: Client, start: Start, predecessor: string): Promise<StartResult> {
  const { workflowId, incident } = start;
  const requestId = successorRequestId(workflowId, predecessor);
  try {
    const runId = await startExecution(client, { workflowId, requestId, incident, isSuccessor: true });
    // Another watcher may have made this run for another occurrence: it must know ours, and drops it if it does.
    await signalOccurrences(client, { workflowId, runId, occurrences: start.occurrences });
    return { outcome: 'started', runId };
  } catch (error) {
    return rejectedOrThrow(error);
  }
}

async function signalRest(client: Client, start: Start, runId: string): Promise<void> {
  const rest = start.occurrences.filter(({ id }) => id !== start.incident.occurrence.id);
  if (rest.length > 0) await signalOccurrences(client, { workflowId: start.workflowId, runId, occurrences: rest });
}

/** To one run only: a run that has closed meanwhile refuses the signal, and the caller starts over. */
async function signalOccurrences(
  client: Client,
  to: { workflowId: string; runId: string; occurrences: Occurrence[] },
): Promise<void> {
  const handle = client.workflow.getHandle(to.workflowId, to.runId);
  await handle.signal(signalNames.occurrences, { occurrences: to.occurrences });
}

/** Tells the open run, if there is one, that a state is over; false where nothing is running. */
export async function signalResolved(client: Client, workflowId: string, signal: ResolvedSignal): Promise<boolean> {
  try {
    await client.workflow.getHandle(workflowId).signal(signalNames.resolved, signal);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** A start that the server rejects for what it contains blocks nobody; unregistered search attributes mean "not ready". */
function rejectedOrThrow(error: unknown): StartResult {
  const isRejection = isGrpcServiceError(error) && Number(error.code) === grpcInvalidArgument;
  if (!isRejection || /search attribute/i.test(error.message)) throw error;
  return { outcome: 'refused', reason: 'StartRejected', message: error.message };
}
