/**
 * Step 4: one occurrence becomes a running execution, once: started or joined, or not at all for a reason.
 *
 * Throws only when Temporal cannot be asked now; then the same call is made again, and meets what the lost one has done. Keeps
 * no state: identity and Temporal decide.
 */
import { type Client, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import type {
  Incident,
  Occurrence,
  OccurrencesSignal,
  ResolvedSignal,
  StartedIncident,
} from '../../workflows/contract/incident.ts';
import { signalNames } from '../../workflows/contract/plain/names.ts';
import type { Ending } from '../ledger/account.ts';
import { decideStart } from './decide-start.ts';
import { firstRequestId, successorRequestId } from './identity.ts';
import { lastRunOf } from './last-run.ts';
import { startExecution } from './start-request.ts';

/** How the occurrences ended; every one ends in exactly one way. */
export type StartResult =
  /** `known`: ids of those that the run before the one that was started knew. */
  | { outcome: Exclude<Ending, 'too-old'>; runId: string; known?: readonly string[] }
  | { outcome: 'refused'; reason: 'StartRejected' | 'SignalRejected' | 'Paused'; message: string };

const grpcInvalidArgument = 3;
const grpcAlreadyExists = 6;

/** Occurrences of one incident that are sent together, oldest first; the incident is that of the first of them. */
export interface Batch {
  workflowId: string;
  incident: Incident;
  occurrences: Occurrence[];
  /** Who asks: an equal request of the same process is the same request. */
  requester?: string;
  /** The prompt about the one occurrence that there is. */
  firstPrompt?: string | undefined;
  /** The Hook starts nothing now; what runs already is joined all the same. */
  isPaused?: boolean;
}

export async function startOrJoin(client: Client, batch: Batch): Promise<StartResult> {
  if (batch.isPaused === true) return joinOnly(client, batch);
  const { workflowId, incident, occurrences } = batch;
  const requestId = firstRequestId(workflowId, `${batch.requester ?? ''}\n${incident.occurrence.id}`);
  const run = await startExecution(client, { workflowId, requestId, incident: withOthers(batch) }).catch(
    (error: unknown) => (hasCode(error, grpcAlreadyExists) ? followLastRun(client, batch) : rejectedOrThrow(error)),
  );
  if ('outcome' in run) return run;
  // The answer to an earlier, equal request was lost, and what it started has ended meanwhile.
  if (!run.isOpen) return followLastRun(client, batch);
  const { runId } = run;
  const rest = occurrences.filter(({ id }) => id !== incident.occurrence.id);
  return signalOccurrences(client, { workflowId, runId, occurrences: rest }, 'started');
}

/** The signal comes too late for the first prompt, which a worker may write at once. */
function withOthers({ incident, occurrences, firstPrompt }: Batch): StartedIncident {
  const along = occurrences.filter(({ id }) => id !== incident.occurrence.id);
  if (along.length > 0) return { ...incident, along };
  return firstPrompt === undefined ? incident : { ...incident, firstPrompt };
}

async function joinOnly(client: Client, { workflowId, occurrences }: Batch): Promise<StartResult> {
  const lastRun = await lastRunOf(client, workflowId);
  if (lastRun?.status !== 'open') return { outcome: 'refused', reason: 'Paused', message: 'The Hook is paused.' };
  return signalOccurrences(client, { workflowId, runId: lastRun.runId, occurrences }, 'joined');
}

/** The id is taken: what to do depends on how the newest run stands, and on which of the occurrences it knew. */
async function followLastRun(client: Client, batch: Batch): Promise<StartResult> {
  const { workflowId, incident, occurrences } = batch;
  const lastRun = await lastRunOf(client, workflowId);
  if (lastRun === undefined) throw new Error(`${workflowId} was there and is not any more; asking again.`);
  const { runId } = lastRun;
  if (lastRun.status === 'open') return signalOccurrences(client, { workflowId, runId, occurrences }, 'joined');
  const asking = {
    hookGeneration: incident.hook.generation,
    quietWindowMs: incident.timing.quietWindowMs,
    nowMs: Date.now(),
  };
  const byDecision = Map.groupBy(occurrences, (occurrence) => decideStart(lastRun, { ...asking, occurrence }));
  const known = byDecision.get('already-handled') ?? [];
  const fresh = byDecision.get('successor') ?? [];
  const [first] = fresh;
  if (first === undefined) return { outcome: known.length > 0 ? 'already-handled' : 'incident-failed', runId };
  const successor = { ...batch, incident: { ...incident, occurrence: first }, occurrences: fresh };
  const result = await startSuccessor(client, successor, runId);
  return result.outcome === 'refused' ? result : { ...result, known: known.map(({ id }) => id) };
}

/** Follows a closed run; two watchers that follow the same run make one successor. */
export async function startSuccessor(client: Client, batch: Batch, predecessor: string): Promise<StartResult> {
  const { workflowId, occurrences } = batch;
  const requestId = successorRequestId(workflowId, predecessor);
  const incident = { ...withOthers(batch), follows: predecessor };
  const run = await startExecution(client, { workflowId, requestId, incident }).catch(rejectedOrThrow);
  if ('outcome' in run) return run;
  const { runId } = run;
  // Another watcher may have made this run for another occurrence: it must know ours, and drops it if it does.
  return signalOccurrences(client, { workflowId, runId, occurrences }, 'started');
}

/**
 * To one run only: a run that has closed meanwhile refuses the signal, and the caller starts over. What the server rejects
 * for what it contains would be rejected again, so it ends here.
 */
async function signalOccurrences(
  client: Client,
  to: { workflowId: string; runId: string; occurrences: Occurrence[] },
  outcome: 'started' | 'joined',
): Promise<StartResult> {
  const { workflowId, runId, occurrences } = to;
  if (occurrences.length === 0) return { outcome, runId };
  const signal: OccurrencesSignal = { occurrences };
  try {
    await client.workflow.getHandle(workflowId, runId).signal(signalNames.occurrences, signal);
    return { outcome, runId };
  } catch (error) {
    if (!hasCode(error, grpcInvalidArgument)) throw error;
    return { outcome: 'refused', reason: 'SignalRejected', message: error.message };
  }
}

/** Signals to the open run, if there is one, that a state is over; false where nothing is running. */
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
  if (!hasCode(error, grpcInvalidArgument) || /search attribute/i.test(error.message)) throw error;
  return { outcome: 'refused', reason: 'StartRejected', message: error.message };
}

/** The client wraps some errors of the service in one of its own. */
function hasCode(error: unknown, code: number): error is Error {
  if (!(error instanceof Error)) return false;
  return [error, error.cause].some((each) => isGrpcServiceError(each) && Number(each.code) === code);
}
