/**
 * Sends a recorded request once more, to a double, and gives what came back in the same form as what was recorded.
 *
 * Used by the test that holds the double against the recordings.
 */
import { request } from 'node:http';
import { z } from 'zod';
import type { Transcript } from './read-transcript.ts';
import { blurred, eventsOf, shapeOf } from './shape-of.ts';

/** The ids of the situation, which stand in for the recorded ones. */
export interface Ids {
  id?: string;
  contextId?: string;
  /** Stands in for the prompt of a recording whose agent was steered otherwise. */
  prompt?: string;
}

export interface Outcome {
  status: number | null;
  contentType: string | undefined;
  shape: unknown;
}

export function recordedOutcome({ response }: Transcript): Outcome {
  const contentType = response.headers['content-type'];
  return { status: response.status, contentType, shape: shapeOfBody(contentType, response.events ?? response.body) };
}

const Events = z.array(z.looseObject({ line: z.unknown() }));

function shapeOfBody(contentType: string | undefined, body: unknown): unknown {
  if (contentType === 'text/event-stream') {
    const events = typeof body === 'string' ? eventsOf(body) : eventsOf(Events.parse(body ?? []));
    return events.map((event) => shapeOf(event));
  }
  return typeof body === 'string' ? blurred(body) : shapeOf(body);
}

export async function replayTranscript(url: string, transcript: Transcript, ids: Ids = {}): Promise<Outcome> {
  const { method, headers } = transcript.request;
  const reply = await ask(`${url}${withIds(transcript.request.path, ids)}`, {
    method,
    headers,
    body: bodyOf(transcript.request.body, ids),
  });
  const isJson = reply.contentType?.startsWith('application/json') ?? false;
  const body: unknown = isJson ? JSON.parse(reply.text) : reply.text;
  return { status: reply.status, contentType: reply.contentType, shape: shapeOfBody(reply.contentType, body) };
}

interface Request {
  method: string;
  headers: Record<string, string>;
  body: string;
}

interface Reply {
  status: number;
  contentType: string | undefined;
  text: string;
}

/** By node:http: fetch sends no GET with a body and adds headers of its own. */
export function ask(url: string, { method, headers, body }: Request): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += String(chunk)));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, contentType: response.headers['content-type'], text }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

function withIds(path: string, { id, contextId }: Ids): string {
  const task = id === undefined ? path : path.replace(/^(\/api\/tasks\/)[^/]+/, `$1${id}`);
  return contextId === undefined ? task : task.replace(/^(\/api\/sessions\/)(?!agent\/)[^/]+/, `$1${contextId}`);
}

const Body = z.looseObject({ params: z.looseObject({ message: z.looseObject({}).optional() }).optional() });

function bodyOf(recorded: unknown, ids: Ids): string {
  if (recorded === null || recorded === undefined) return '';
  if (typeof recorded === 'string') return recorded;
  const steered = JSON.stringify(recorded)
    .replace(/\[\[latency=[\d.]+\]\]/g, '[[latency=0.03]]')
    .replace('"hello"', JSON.stringify(ids.prompt ?? 'hello'));
  const body = Body.safeParse(JSON.parse(steered));
  if (!body.success || body.data.params === undefined) return steered;
  const { params } = body.data;
  replaceIds(params, ids);
  replaceIds(params.message ?? {}, ids);
  return JSON.stringify(body.data);
}

function replaceIds(place: Record<string, unknown>, { id, contextId }: Ids): void {
  if ('id' in place && id !== undefined) place['id'] = id;
  if ('taskId' in place && id !== undefined) place['taskId'] = id;
  if ('contextId' in place && contextId !== undefined) place['contextId'] = contextId;
}
