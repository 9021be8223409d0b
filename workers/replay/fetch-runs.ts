/**
 * Reads the runs of an execution from Temporal, the oldest first: the one that was asked for and all that are chained to it.
 *
 * Called by main for names that are no files. One run is kept in memory at a time. Changes nothing.
 */
import { Client, Connection, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { type DataConverter, ValueError } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { DecryptionError, UnknownKeyError } from '../../codec/key-errors.ts';
import { temporalChannel } from '../../workflows/contract/temporal-channel.ts';
import { UnavailableError, UnreadableError } from './exit-codes.ts';
import { attributesOf, eventsOf, type RecordedEvent, type RecordedRun } from './history.ts';

/** For one answer of Temporal. */
const answerMs = 30_000;
/** gRPC's NOT_FOUND. */
const notFound = 5;

export interface TemporalRuns {
  fetch: (workflowId: string, runId?: string) => AsyncIterable<RecordedRun>;
  close: () => Promise<void>;
}

interface Place {
  client: Client;
  /** For people. */
  name: string;
  warn: (line: string) => void;
}

export interface Options {
  address: string | undefined;
  namespace: string | undefined;
  warn: (line: string) => void;
  dataConverter?: DataConverter | undefined;
}

export function openTemporal({ address, namespace, warn, dataConverter }: Options): TemporalRuns {
  const { connectionOptions, namespace: given } = settings();
  const target = address ?? connectionOptions.address ?? 'localhost:7233';
  const chosen = namespace ?? given ?? 'default';
  const connection = Connection.lazy({
    ...connectionOptions,
    address: target,
    channelArgs: temporalChannel, // Temporal is called directly, as the worker does
    interceptors: [], // a try of the client's own that is due after `close` would end the process
  });
  const client = new Client({ connection, namespace: chosen, ...(dataConverter !== undefined && { dataConverter }) });
  const place = { client, name: `namespace ${chosen} of Temporal at ${target}`, warn };
  return { fetch: (workflowId, runId) => fetchRuns(place, workflowId, runId), close: () => connection.close() };
}

function settings() {
  try {
    return loadClientConnectConfig();
  } catch (error) {
    throw new UnavailableError(`Temporal's own settings cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

async function* fetchRuns(place: Place, workflowId: string, runId?: string): AsyncGenerator<RecordedRun> {
  const { client } = place;
  const asked = await ask(place, [workflowId, runId], () => client.workflow.getHandle(workflowId, runId).describe());
  let next: string | undefined = await firstKept(place, workflowId, asked.runId);
  while (next !== undefined) {
    const run: string = next;
    const fetch = () => client.workflow.getHandle(workflowId, run).fetchHistory();
    const events = eventsOf(await ask(place, [workflowId, run], fetch));
    yield { source: `${workflowId}, run ${run}`, events };
    next = idOf(attributesOf(events.at(-1)).newExecutionRunId);
  }
}

/** Goes back from run to run, as far as Temporal still keeps them. */
async function firstKept(place: Place, workflowId: string, runId: string): Promise<string> {
  for (let first = runId; ; ) {
    const event = await firstEvent(place, workflowId, first);
    const before = idOf(attributesOf(event).continuedExecutionRunId);
    if (before === undefined) return first;
    if ((await firstEvent(place, workflowId, before)) === undefined) {
      place.warn(`${workflowId}, run ${before}: not replayed, because ${place.name} keeps it no more.`);
      return first;
    }
    first = before;
  }
}

/** Undefined where Temporal does not keep the run. */
async function firstEvent(
  { client, name }: Place,
  workflowId: string,
  runId: string,
): Promise<RecordedEvent | undefined> {
  const { namespace } = client.options;
  const request = { namespace, execution: { workflowId, runId }, maximumPageSize: 1 };
  try {
    const call = () => client.workflowService.getWorkflowExecutionHistory(request);
    const { history } = await client.withDeadline(Date.now() + answerMs, call);
    return eventsOf(history ?? {})[0];
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === notFound) return undefined;
    throw new UnavailableError(`Run ${runId} of ${workflowId} cannot be had from ${name}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function ask<T>(
  { client, name }: Place,
  [workflowId, runId]: [string, string | undefined],
  call: () => Promise<T>,
): Promise<T> {
  const which = runId === undefined ? '' : ` and run ${runId}`;
  try {
    return await client.withDeadline(Date.now() + answerMs, call);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      throw new UnavailableError(`There is no file ${workflowId}, and no execution with this id${which} in ${name}.`, {
        cause: error,
      });
    }
    if (error instanceof ValueError || error instanceof UnknownKeyError || error instanceof DecryptionError) {
      const wanted = 'wanted its key in CODEC_KEY_DIR';
      throw new UnreadableError(`${workflowId}${which} cannot be decrypted: ${error.message} (${wanted})`, {
        cause: error,
      });
    }
    throw new UnavailableError(`${workflowId}${which} cannot be had from ${name}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Temporal writes no id as an empty text. */
function idOf(runId: string | undefined): string | undefined {
  return runId === '' ? undefined : runId;
}

/** What the server said stands in the cause. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
