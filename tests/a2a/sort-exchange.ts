/**
 * Sorts a recorded exchange by what our own reading functions make of its answer; every exchange has exactly one class.
 *
 * What nothing here can read is `unsorted`.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readCard } from '../../activities/agents/a2a/card.ts';
import { type RpcAnswer, readRpcAnswer } from '../../activities/agents/a2a/json-rpc.ts';
import { sortFault, sortStatus } from '../../activities/agents/a2a/sort-fault.ts';
import type { FailedTry } from '../../activities/agents/http/describe-failure.ts';
import { KagentAgent } from '../../activities/agents/kagent/sessions.ts';
import type { RunReading } from '../../activities/agents/port.ts';
import { readRun } from '../../activities/agents/runs/read-run.ts';
import { readSendResult, Task } from '../../activities/agents/runs/task.ts';
import { readTranscript, type Transcript } from '../transcripts/read-transcript.ts';

/** The names of all recordings, summaries among them. */
export function recordedNames(): string[] {
  const text = readFileSync(new URL('../transcripts/exchanges.jsonl', import.meta.url), 'utf8');
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => z.object({ name: z.string() }).parse(JSON.parse(line)).name);
}

const Call = z.looseObject({
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  method: z.string().catch(''),
});

/** The id and method of the recorded call; empty where its body was no call. */
function callOf({ request }: Pick<Transcript, 'request'>): { id: string; method: string } {
  const call = Call.safeParse(request.body).data;
  return { id: typeof call?.id === 'string' ? call.id : '', method: call?.method ?? '' };
}

/** What our client makes of the recorded answer to an RPC. */
export function answerIn(name: string): RpcAnswer {
  const transcript = readTranscript(name);
  return readRpcAnswer(transcript.response.body, callOf(transcript).id);
}

export const asItIs = (text: string): string => text;

export function classOf(name: string): string {
  const transcript = exchangeOf(name);
  if (transcript === undefined) return 'summary';
  const { status, headers, body } = transcript.response;
  if (status === null) return 'connection lost';
  if (headers['content-type']?.startsWith('text/event-stream') === true) return streamClass(transcript);
  if (isRpc(body)) return `rpc ${rpcClass(transcript)}`;
  if (typeof body !== 'object') return `status ${statusClass(transcript)}`;
  return restClass(transcript);
}

function exchangeOf(name: string): Transcript | undefined {
  try {
    return readTranscript(name);
  } catch (error) {
    if (error instanceof z.ZodError) return undefined;
    throw error;
  }
}

function isRpc(body: unknown): boolean {
  return z.looseObject({ jsonrpc: z.literal('2.0') }).safeParse(body).success;
}

function rpcClass(transcript: Transcript): string {
  const { id, method } = callOf(transcript);
  const answer = readRpcAnswer(transcript.response.body, id);
  if ('flaw' in answer) return answer.flaw;
  if ('fault' in answer) return sortedClass(sortFault(answer.fault));
  if (/^(message\/send|SendMessage)$/.test(method)) {
    const sent = readSendResult(answer.result);
    if (sent === undefined) return 'unsorted';
    return 'task' in sent ? `run ${readingClass(readRun(sent.task, asItIs))}` : 'message';
  }
  const task = Task.safeParse(answer.result).data;
  if (task !== undefined) return `run ${readingClass(readRun(task, asItIs))}`;
  if (z.looseObject({ tasks: z.array(Task) }).safeParse(answer.result).success) return 'list of tasks';
  return readCard({ status: 200, json: answer.result }) === undefined ? 'unsorted' : 'card';
}

function readingClass(reading: RunReading): string {
  return reading.state === 'ended' ? reading.ending.outcome : reading.state;
}

function sortedClass({ reason, mayHaveStarted }: Pick<FailedTry, 'reason' | 'mayHaveStarted'>): string {
  return mayHaveStarted === false ? reason : `${reason}, may have started`;
}

function statusClass({ response: { status, headers } }: Transcript): string {
  const found = { status: status ?? 0, retryAfter: headers['retry-after'] ?? null };
  return sortedClass(sortStatus(found, { nowMs: 0, jitter: 0 }));
}

const Line = z.looseObject({ jsonrpc: z.literal('2.0') });

/** By its last event; only a stream of JSON-RPC answers is read. */
function streamClass({ request, response }: Transcript): string {
  const said = eventsIn(response);
  const { id } = callOf({ request });
  const answers = said.map((event) => readRpcAnswer(event, id));
  const last = answers.at(-1);
  if (last === undefined) return 'stream without an event';
  if (answers.some((answer) => 'flaw' in answer)) return 'unsorted';
  return 'fault' in last ? `stream that ends in ${sortedClass(sortFault(last.fault))}` : 'stream of results';
}

/** The JSON-RPC answers of a recorded stream. */
function eventsIn({ body, events }: Transcript['response']): unknown[] {
  const lines: unknown[] = typeof body === 'string' ? body.split('\n').map(parsedLine) : [];
  return [...lines, ...(events ?? []).map(({ line }) => line)].filter((line) => Line.safeParse(line).success);
}

function parsedLine(line: string): unknown {
  return line.startsWith('data: ') ? JSON.parse(line.slice('data: '.length)) : line;
}

const Found = z.looseObject({ error: z.literal(false), data: z.unknown().optional() });

const restShapes: [path: RegExp, name: string, shape: z.ZodType][] = [
  [/^\/version$/, 'version', z.looseObject({ kagent_version: z.string() })],
  [/^\/health$/, 'health', Found],
  [/^\/api\/agents\/[^/]+\/[^/]+$/, 'agent', Found.extend({ data: KagentAgent.required() })],
  [/^\/api\/agents(\?.*)?$/, 'agents', Found.extend({ data: z.array(KagentAgent.required()) })],
  [/^\/api\/sessions\/agent\//, 'sessions', Found.extend({ data: z.array(z.looseObject({ id: z.string() })) })],
  [/^\/api\/sessions\/[^/]+\/tasks$/, 'tasks', Found.extend({ data: z.array(Task).optional() })],
  [/^\/api\/sessions\/[^/]+$/, 'session', Found],
  [/^\/api\/sessions$/, 'session', Found.extend({ data: z.looseObject({ id: z.string() }) })],
  [/^\/api\/tasks\//, 'task', Found.extend({ data: Task })],
  [/^\/api\/me$/, 'user', z.looseObject({ sub: z.string() })],
];

function restClass(transcript: Transcript): string {
  const { request, response } = transcript;
  const { status, body } = response;
  if (readCard({ status: status ?? 0, json: body }) !== undefined) return 'card';
  if (z.strictObject({ error: z.string() }).safeParse(body).success) return `error ${status}`;
  const found = restShapes.find(([path]) => path.test(request.path));
  return found?.[2].safeParse(body).success === true ? found[1] : 'unsorted';
}
