/**
 * Keeps the verdicts about agents fresh: asks the worker for a round when Hooks name other agents and every few minutes.
 *
 * Started by watch; read by report. The worker has the key, so the question goes through Temporal. A round that the worker
 * started itself, because its credentials changed, counts as well. Never blocks anything.
 */
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { Logger } from 'pino';
import { AgentCheck, type AgentCheckRequest, type Verdict } from '../../workflows/contract/agent-check.ts';
import { checkAgentsId, checkAgentsType, taskQueue } from '../../workflows/contract/names.ts';
import { pause } from '../backoff.ts';
import type { LiveHook } from '../hooks/live-hook.ts';

/** What is known of the agent platform; verdicts by `namespace/name`. */
export interface AgentVerdicts {
  reachable: Verdict | undefined;
  of: (agent: { namespace: string; name: string }) => Verdict | undefined;
}

export interface CheckAgentsOptions {
  client: Client;
  installation: string;
  hooks: () => LiveHook[];
  everyMs: number;
  log: Logger;
  signal: AbortSignal;
}

/** How soon a changed Hook, or a round started elsewhere, is noticed. */
const lookEveryMs = 1000;
/** Agents in one round; more than that many distinct ones are checked in the order of their names, up to here. */
const agentLimit = 500;

export function keepChecking(options: CheckAgentsOptions): { verdicts: AgentVerdicts; done: Promise<void> } {
  const known: Known = { agents: new Map(), reachable: undefined, readRun: '', asked: '', startedMs: 0 };
  const verdicts: AgentVerdicts = {
    get reachable() {
      return known.reachable;
    },
    of: ({ namespace, name }) => known.agents.get(`${namespace}/${name}`),
  };
  return { verdicts, done: run(options, known) };
}

interface Known {
  agents: Map<string, Verdict>;
  reachable: Verdict | undefined;
  /** Run id of the round that was read last. */
  readRun: string;
  /** The agents of the round that was asked for last. */
  asked: string;
  startedMs: number;
}

async function run(options: CheckAgentsOptions, known: Known): Promise<void> {
  const { signal, log, hooks, everyMs } = options;
  while (!signal.aborted) {
    try {
      const request = requestOf(hooks());
      const wanted = JSON.stringify(request);
      const isDue = wanted !== known.asked || Date.now() - known.startedMs >= everyMs;
      if (isDue && request.agents.length > 0 && (await startRound(options, request))) {
        known.asked = wanted;
        known.startedMs = Date.now();
      }
      if (known.asked !== '') await readNewest(options, known);
    } catch (error) {
      log.warn({ error: String(error) }, 'the agents could not be checked; it is tried again');
    }
    await pause(lookEveryMs, signal);
  }
}

/** The distinct agents of all Hooks, in one order, so that equal sets make equal requests. */
function requestOf(hooks: LiveHook[]): AgentCheckRequest {
  const agents = new Map(
    hooks.flatMap(({ configurations }) =>
      configurations.map(({ agent }) => [`${agent.namespace}/${agent.name}`, agent]),
    ),
  );
  const names = [...agents.keys()].toSorted().slice(0, agentLimit);
  return { agents: names.flatMap((name) => agents.get(name) ?? []) };
}

/** False where a round is under way: it may have been asked about other agents, so the next look asks again. */
async function startRound({ client, installation }: CheckAgentsOptions, request: AgentCheckRequest): Promise<boolean> {
  try {
    await client.workflow.start(checkAgentsType, {
      workflowId: checkAgentsId(installation),
      taskQueue: taskQueue(installation),
      args: [request],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
      memo: { request },
      staticSummary: `look up ${request.agents.length} agent(s)`,
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

async function readNewest({ client, installation, log }: CheckAgentsOptions, known: Known): Promise<void> {
  const handle = client.workflow.getHandle(checkAgentsId(installation));
  const description = await handle.describe().catch((error: unknown) => {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  });
  if (description === undefined || description.runId === known.readRun || description.status.name === 'RUNNING') return;
  known.readRun = description.runId;
  if (description.status.name !== 'COMPLETED') return;
  const check = AgentCheck.safeParse(
    await client.workflow.getHandle(checkAgentsId(installation), description.runId).result(),
  );
  if (!check.success) return;
  known.reachable = check.data.reachable;
  known.agents = new Map(check.data.agents.map(({ namespace, name, verdict }) => [`${namespace}/${name}`, verdict]));
  log.debug({ agents: known.agents.size, reachable: known.reachable.status }, 'the agents were checked');
}
