/**
 * A Kagent that behaves: knows its agents, checks the key, starts runs, honours idempotency keys.
 *
 * Pure but for the list of its runs.
 */
import { z } from 'zod';

export interface Run {
  executionId: string;
  agent: string;
  idempotencyKey?: string;
  prompt: string;
}

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

export interface AskedKagent {
  method: string;
  path: string;
  headers: Record<string, string | undefined>;
  body: unknown;
}

export interface KagentOptions {
  /** Agents beside those of the specification; `*` for any. */
  agents?: readonly string[];
  /** When given, requests need it as their bearer. */
  apiKey?: string;
}

const knownAgents = ['incident-responder', 'memory-analyzer'];

const text = z.string().min(1);
const ExecuteBody = z.object({
  prompt: text,
  context: z.object({
    eventName: text,
    eventTime: text,
    resourceName: text,
    namespace: z.string(),
    eventMessage: z.string(),
  }),
  metadata: z.object({ source: text, hookName: text, kubernetesCluster: text.optional() }),
});

/** The agent that a path names, if it is one of an agent; `isExecute` for the endpoint that starts a run. */
export function agentOf(path: string): { agent: string; isExecute: boolean } | undefined {
  const match = /^\/v1\/agents\/([^/]+)(\/execute)?$/.exec(path);
  return match?.[1] === undefined
    ? undefined
    : { agent: decodeURIComponent(match[1]), isExecute: match[2] !== undefined };
}

export function createKagent({ agents = [], apiKey }: KagentOptions): {
  runs: Run[];
  answer(asked: AskedKagent): Answer;
} {
  const runs: Run[] = [];
  const known = new Set([...knownAgents, ...agents]);

  function answer(asked: AskedKagent): Answer {
    if (asked.method === 'GET' && asked.path === '/health') return { status: 200, body: { status: 'ok' } };
    if (apiKey !== undefined && asked.headers['authorization'] !== `Bearer ${apiKey}`) {
      return errorAnswer(401, 'unauthorized', 'Invalid API key');
    }
    const named = agentOf(asked.path);
    const isRoute = named !== undefined && asked.method === (named.isExecute ? 'POST' : 'GET');
    if (!isRoute) return errorAnswer(404, 'not_found', `No endpoint ${asked.method} ${asked.path}`);
    if (!isKnown(named.agent)) return errorAnswer(404, 'agent_not_found', `Agent '${named.agent}' not found`);
    if (named.isExecute) return execute(named.agent, asked);
    return { status: 200, body: { id: named.agent, name: named.agent, status: 'active' } };
  }

  function isKnown(agent: string): boolean {
    return known.has(agent) || known.has('*');
  }

  function execute(agent: string, asked: AskedKagent): Answer {
    const body = ExecuteBody.safeParse(asked.body);
    if (!body.success) return errorAnswer(400, 'invalid_request', z.prettifyError(body.error));
    return accepted(start(agent, body.data.prompt, asked.headers['idempotency-key']));
  }

  function start(agent: string, prompt: string, idempotencyKey: string | undefined): Run {
    const before = runs.find((run) => idempotencyKey !== undefined && run.idempotencyKey === idempotencyKey);
    if (before !== undefined) return before;
    const executionId = `exec-${String(runs.length + 1).padStart(6, '0')}`;
    const run = { executionId, agent, prompt, ...(idempotencyKey !== undefined && { idempotencyKey }) };
    runs.push(run);
    return run;
  }

  return { runs, answer };
}

/** An error in the form of the specification. */
export function errorAnswer(status: number, error: string, message: string): Answer {
  return { status, body: { error, message, code: status } };
}

function accepted({ executionId }: Run): Answer {
  const message = 'Agent execution started successfully';
  return { status: 200, body: { success: true, executionId, message, estimatedDuration: '30s' } };
}
