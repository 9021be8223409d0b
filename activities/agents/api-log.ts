/**
 * The debug log of the calls to Kagent: one line for each request and one for each answer.
 *
 * Shows neither the key nor a prompt; of the prompt it shows length and hash, so that two can be compared.
 */
import { createHash } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { CallObserver, EndedCall, SentCall } from './call-observer.ts';
import type { AgentDirectory, AgentLookUp } from './directory.ts';

export interface ApiLog {
  isLevelEnabled: (level: 'debug') => boolean;
  debug: (details: object, message: string) => void;
}

export function createApiLog(log: ApiLog): CallObserver {
  return {
    sent: (call) => {
      if (log.isLevelEnabled('debug')) log.debug({ ...placeOf(call), ...requestOf(call) }, 'request');
    },
    ended: (call, end) => {
      if (log.isLevelEnabled('debug')) log.debug({ ...placeOf(call), ...answerOf(end) }, 'answer');
    },
  };
}

/** The same lines for looking agents up. */
export function logLookUps(directory: AgentDirectory, log: ApiLog): AgentDirectory {
  async function logged(place: object, ask: () => Promise<AgentLookUp>): Promise<AgentLookUp> {
    if (!log.isLevelEnabled('debug')) return ask();
    const startedMs = performance.now();
    log.debug({ ...place, authorization }, 'request');
    const found = await ask();
    const { status, reason } = found.verdict;
    log.debug({ ...place, durationMs: Math.round(performance.now() - startedMs), found: status, reason }, 'answer');
    return found;
  }
  return {
    reach: async (signal, agents) => {
      const ask = async () => ({ verdict: await directory.reach(signal, agents) });
      return (await logged({ method: 'GET', path: '/health' }, ask)).verdict;
    },
    find: (agent, signal) => {
      const place = { method: 'GET', agent: agent.name, agentNamespace: agent.namespace };
      return logged(place, () => directory.find(agent, signal));
    },
  };
}

const authorization = 'Bearer [redacted]';

/** What both lines of a call have, to be found together; the attempt is Temporal's, as its Web UI counts. */
function placeOf({ delivery, method, path, idempotencyKey }: SentCall): object {
  const { attempt, workflowExecution } = Context.current().info;
  const { name: agent } = delivery.agent;
  return { agent, attempt, workflowId: workflowExecution?.workflowId, idempotencyKey, method, path };
}

function requestOf({ delivery, timeoutMs }: SentCall): object {
  const { prompt, hookName, context } = delivery;
  const { eventName, eventTime, namespace, resourceName } = context;
  return {
    authorization,
    timeoutMs,
    hook: hookName,
    context: { eventName, eventTime, namespace, resourceName },
    prompt: '[redacted]',
    promptLength: prompt.length,
    promptSha256: createHash('sha256').update(prompt).digest('hex'),
  };
}

function answerOf({ durationMs, httpStatus, result }: EndedCall): object {
  const came = { status: httpStatus, durationMs: Math.round(durationMs) };
  if ('agentRun' in result) return { ...came, executionId: result.agentRun.executionId };
  return { ...came, errorType: result.errorType, error: result.message };
}
