/**
 * Has the SDK replay one recorded run, and finds the first event at which the code does something else.
 *
 * Runs no activity and talks to no server. Throws for what the SDK could not replay.
 */
import type { PayloadCodec } from '@temporalio/common';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { z } from 'zod';
import { type History, historyToJSON } from '../../runtime/temporal-private.ts';
import { checkAgentsType, handleIncidentType } from '../../workflows/contract/plain/names.ts';
import { type RecordedRun, startOf } from './read-histories.ts';

/** What the bundle of workflows has. */
const knownTypes: readonly string[] = [handleIncidentType, checkAgentsType];
const longestDetail = 300;

/** Of the JSON form of a history, which writes the types of events as words. */
const Typed = z.object({ events: z.array(z.object({ eventType: z.string() })) });

export interface Replayed {
  /** Types of all events, such as TIMER_STARTED. */
  events: readonly string[];
  /** Missing where all replays. */
  differs?: { eventId: number; detail: string };
}

export interface ReplayOptions {
  workflowBundle: WorkflowBundleOption;
  /** Undefined without keys. */
  codec: PayloadCodec | undefined;
}

export async function replayRun(run: RecordedRun, { workflowBundle, codec }: ReplayOptions): Promise<Replayed> {
  checkWhole(run);
  const events = typesOf(run.history);
  const opener = createOpener(codec);
  const options = { workflowBundle, dataConverter: { payloadCodecs: [opener.codec] } };
  const failureOf = async (count: number): Promise<string | undefined> => {
    try {
      await Worker.runReplayHistory(options, { events: run.history.events?.slice(0, count) }, run.workflowId);
      return undefined;
    } catch (error) {
      return essenceOf(error instanceof Error ? error.message : String(error));
    }
  };
  const differs = await firstDifference(events, failureOf);
  if (opener.problem() === undefined) return { events, ...(differs !== undefined && { differs }) };
  throw new Error(`${run.source} cannot be decrypted: ${opener.problem()} Its keys are read from CODEC_KEY_DIR.`);
}

/** Given anything else the SDK's threads die, and it never answers. */
function checkWhole({ source, history }: RecordedRun): void {
  const type = startOf(history)?.workflowType?.name ?? '';
  if (!knownTypes.includes(type))
    throw new Error(`${source} begins with no start of ${knownTypes.join(' or ')}; found "${type}".`);
  const odd = (history.events ?? []).findIndex(({ eventId }, index) => Number(eventId) !== index + 1);
  if (odd >= 0) throw new Error(`${source} lacks event ${odd + 1}; expected the whole history.`);
}

/** The shortest beginning that does not replay ends with that event: the SDK does not always name it. */
async function firstDifference(
  events: readonly string[],
  failureOf: (count: number) => Promise<string | undefined>,
): Promise<Replayed['differs']> {
  const begun = events.indexOf('WORKFLOW_TASK_STARTED');
  // Before that no code has run, and the SDK would wait for it for ever.
  let detail = begun < 0 ? undefined : await failureOf(events.length);
  if (detail === undefined) return undefined;
  let [replays, fails] = [begun, events.length];
  while (fails - replays > 1) {
    const middle = Math.floor((replays + fails) / 2);
    const found = await failureOf(middle);
    if (found === undefined) replays = middle;
    else [fails, detail] = [middle, found];
  }
  return { eventId: fails, detail };
}

/** Remembers what could not be decrypted: the SDK reports it like any other failure of the code. */
function createOpener(codec: PayloadCodec | undefined): { codec: PayloadCodec; problem: () => string | undefined } {
  let problem: string | undefined;
  const decode: PayloadCodec['decode'] = async (payloads) => {
    const sealed = payloads.some(({ metadata }) => Buffer.from(metadata?.['encoding'] ?? []).includes('encrypted'));
    try {
      if (codec === undefined && sealed) throw new Error('It is encrypted, and no key is here.');
      return (await codec?.decode(payloads)) ?? payloads;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
      throw error;
    }
  };
  return { codec: { encode: async (payloads) => payloads, decode }, problem: () => problem };
}

function typesOf(history: History): string[] {
  const { events } = Typed.parse(JSON.parse(historyToJSON(history)));
  return events.map(({ eventType }) => eventType.replace(/^EVENT_TYPE_/, ''));
}

/** The SDK's own words in one line, without those around them. */
function essenceOf(message: string): string {
  const [, quoted = message] = /message: "((?:[^"\\]|\\.)*)"/.exec(message) ?? [];
  const text = quoted.replace(/^\[TMPRL\d+\] /, '').replaceAll(/\\n|\s+/g, ' ');
  return text.length > longestDetail ? `${text.slice(0, longestDetail)}…` : text;
}
