/**
 * The histories to replay: of saved files, and of what a query lists in Temporal.
 *
 * Has one history in memory at a time; changes nothing.
 */
import { readFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { z } from 'zod';
import { type History, historyFromJSON } from '../../runtime/temporal-private.ts';
import { readTemporalSettings } from '../../runtime/temporal-settings.ts';
import { temporalChannel } from '../../workflows/contract/temporal-channel.ts';

const connectTimeoutMs = 10_000;

/** A list of executions decodes their memos, which no replay needs: so the key of one need not be here. */
const withoutMemos: PayloadCodec = {
  encode: async (payloads) => payloads,
  decode: async (payloads) => payloads.map(() => ({ metadata: { encoding: Buffer.from('binary/null') } })),
};

/** Temporal does not answer, or has no such execution. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

/** A run and where it is from, as people call it. */
export interface RecordedRun {
  source: string;
  workflowId: string;
  history: History;
}

/** As the options of the command say; Temporal's own variables come after them. */
export interface TemporalOptions {
  address: string | undefined;
  namespace: string | undefined;
}

/** A history may also come as the bare list of its events. */
const SavedHistory = z.union([
  z.looseObject({ events: z.array(z.looseObject({})).min(1) }),
  z
    .array(z.looseObject({}))
    .min(1)
    .transform((events) => ({ events })),
]);

export function readHistoryFile(file: string): RecordedRun {
  try {
    const history = historyFromJSON(SavedHistory.parse(JSON.parse(readFileSync(file, 'utf8'))));
    return { source: file, workflowId: startOf(history)?.workflowId || file, history };
  } catch (error) {
    const expected = 'expected a history such as temporal workflow show --output json prints';
    throw new Error(`${file} cannot be read (${messageOf(error)}); ${expected}.`, { cause: error });
  }
}

/** Every run of an execution: those that it continues, and those that continue it, have its id. */
export function queryOfId(workflowId: string): string {
  return `WorkflowId = '${workflowId.replaceAll(/[\\']/g, '\\$&')}'`;
}

/** `what` is named where Temporal cannot be asked, or knows nothing of it. */
export async function* listRuns(
  place: TemporalOptions,
  { what, query }: { what: string; query: string },
): AsyncGenerator<RecordedRun> {
  const { connectionOptions, address, namespace } = readTemporalSettings(place);
  const at = `namespace ${namespace} of Temporal at ${address}`;
  const options = { ...connectionOptions, channelArgs: temporalChannel, connectTimeout: connectTimeoutMs };
  let found = 0;
  try {
    const connection = await Connection.connect(options);
    const client = new Client({ connection, namespace, dataConverter: { payloadCodecs: [withoutMemos] } });
    for await (const { workflowId, runId } of client.workflow.list({ query })) {
      found += 1;
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      yield { source: `${workflowId}, run ${runId}`, workflowId, history };
    }
    await connection.close();
  } catch (error) {
    throw new UnavailableError(`${what} cannot be had from ${at}: ${messageOf(error)}`, { cause: error });
  }
  if (found === 0) throw new UnavailableError(`${what} is no file, and names no execution in ${at}.`);
}

export function startOf({ events }: History) {
  return events?.[0]?.workflowExecutionStartedEventAttributes;
}

/** In one line and without a whole event in it; what the server said stands in the cause. */
function messageOf(error: unknown): string {
  const said = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = (said instanceof Error ? said.message : String(said)).replaceAll(/\s+/g, ' ');
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
