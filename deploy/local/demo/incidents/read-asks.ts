/**
 * What a stand-in for Kagent received: requests of the REST API, or the runs that its agents really started.
 *
 * Only reads, from the admin endpoints that stand-ins have.
 */
import { z } from 'zod';
import type { StandIn } from '../system/system.ts';

interface Received {
  /** What was sent, as shown to the user. */
  how: string;
  /** A status, or the kind of a fault. */
  answered: string;
  prompt: string;
}

/** A request of the REST API; nobody knows more of what became of it. */
export interface AskRequest extends Received {
  kind: 'request';
  type: string;
  pod: string;
}

/** A run that an agent started, and the request that did it. */
export interface AskRun extends Received {
  kind: 'run';
  agent: string;
  taskId: string;
  contextId: string;
}

export type Ask = AskRequest | AskRun;

export async function readAsks({ url, protocol }: StandIn): Promise<Ask[]> {
  return protocol === 'rest' ? readRequests(url) : readRuns(url);
}

async function fetchJson(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

const anyRequest = { method: z.string(), path: z.string(), answered: z.string().default('no answer') };

const Requests = z.array(
  z.looseObject({
    ...anyRequest,
    body: z
      .looseObject({ prompt: z.string(), context: z.looseObject({ eventName: z.string(), resourceName: z.string() }) })
      .optional()
      .catch(undefined),
  }),
);

async function readRequests(url: string): Promise<Ask[]> {
  const requests = Requests.parse(await fetchJson(`${url}/_fake/requests`));
  return requests
    .filter(({ method }) => method === 'POST')
    .map(({ path, answered, body }) => ({
      kind: 'request',
      type: body?.context.eventName ?? 'something',
      pod: body?.context.resourceName ?? 'nothing in particular',
      how: `POST ${path}`,
      answered,
      prompt: body?.prompt ?? '',
    }));
}

const Runs = z.array(
  z.looseObject({
    agent: z.string(),
    taskId: z.string(),
    contextId: z.string(),
    messageId: z.string(),
    prompt: z.string(),
  }),
);

const Calls = z.array(
  z.looseObject({
    ...anyRequest,
    body: z
      .looseObject({
        id: z.unknown(),
        method: z.string().optional(),
        params: z.looseObject({ message: z.looseObject({ messageId: z.string() }) }).optional(),
      })
      .optional()
      .catch(undefined),
  }),
);
type Call = z.infer<typeof Calls>[number];

async function readRuns(url: string): Promise<Ask[]> {
  // In this order, no run lacks the call that has started it.
  const runs = Runs.parse(await fetchJson(`${url}/_fake/runs`));
  const calls = Calls.parse(await fetchJson(`${url}/_fake/requests`)).filter(({ method }) => method === 'POST');
  return runs.map(({ agent, taskId, contextId, messageId, prompt }) => {
    const sessions = calls.filter(({ path, body }) => path === '/api/sessions' && body?.id === contextId);
    const sends = calls.filter(({ body }) => body?.params?.message.messageId === messageId);
    return {
      kind: 'run',
      agent,
      taskId,
      contextId,
      prompt,
      how: [...sessions.map(() => 'session'), ...sends.map(nameOf)].join(' and '),
      answered: sends.map(({ answered }) => answered).join(', '),
    };
  });
}

function nameOf({ path, body }: Call): string {
  return `${body?.method ?? 'something'} at ${path}`;
}
