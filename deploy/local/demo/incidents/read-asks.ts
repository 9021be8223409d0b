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

const Calls = z.array(
  z.looseObject({
    method: z.string(),
    path: z.string(),
    answered: z.string().default('no answer'),
    body: z
      .object({
        prompt: z.string(),
        context: z.looseObject({ eventName: z.string(), resourceName: z.string() }),
        id: z.unknown(),
        method: z.string(),
        params: z.looseObject({ message: z.looseObject({ messageId: z.string() }) }),
      })
      .partial()
      .optional()
      .catch(undefined),
  }),
);
type Call = z.infer<typeof Calls>[number];

const Runs = z.array(
  z.looseObject({
    agent: z.string(),
    taskId: z.string(),
    contextId: z.string(),
    messageId: z.string(),
    prompt: z.string(),
  }),
);
type Run = z.infer<typeof Runs>[number];

export async function readAsks({ url, protocol }: StandIn): Promise<Ask[]> {
  const fetchJson = async (path: string): Promise<unknown> => (await fetch(`${url}${path}`)).json();
  // In this order, no run lacks the call that has started it.
  const runs = protocol === 'rest' ? [] : Runs.parse(await fetchJson('/_fake/runs'));
  const calls = Calls.parse(await fetchJson('/_fake/requests')).filter(({ method }) => method === 'POST');
  return protocol === 'rest' ? calls.map(requestOf) : runs.map((run) => askOf(run, calls));
}

function requestOf({ path, answered, body }: Call): AskRequest {
  return {
    kind: 'request',
    type: body?.context?.eventName ?? 'something',
    pod: body?.context?.resourceName ?? 'nothing in particular',
    how: `POST ${path}`,
    answered,
    prompt: body?.prompt ?? '',
  };
}

function askOf({ agent, taskId, contextId, messageId, prompt }: Run, calls: readonly Call[]): AskRun {
  const sessions = calls.filter(({ path, body }) => path === '/api/sessions' && body?.id === contextId);
  const sends = calls.filter(({ body }) => body?.params?.message.messageId === messageId);
  const methods = sends.map(({ path, body }) => `${body?.method ?? 'something'} at ${path}`);
  return {
    kind: 'run',
    agent,
    taskId,
    contextId,
    prompt,
    how: [...sessions.map(() => 'session'), ...methods].join(' and '),
    answered: sends.map(({ answered }) => answered).join(', '),
  };
}
