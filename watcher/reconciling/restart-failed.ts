/**
 * Starts a failed incident again, as its Hook is now, once the reason of the failure is gone.
 *
 * Everything that the failed run knew is read back from its history. Two watchers make one successor, because its request id
 * follows from the failed run.
 */
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { memberLimit } from '../../workflows/contract/plain/names.ts';
import type { KnownAgents } from '../agents/known-agents.ts';
import type { ExecutionList } from '../executions/list-executions.ts';
import { isUndecodable, type Unreadable } from '../executions/unreadable.ts';
import type { LiveHook } from '../hooks/live-hook.ts';
import type { Installation } from '../starting/incident-of.ts';
import { lastRunOf } from '../starting/last-run.ts';
import { startSuccessor } from '../starting/start.ts';
import { decideRestart, renew } from './decide-restart.ts';
import { isolateFailures } from './isolate-failures.ts';
import { type FailedExecution, failedSince } from './open-executions.ts';
import { readFailedRun } from './read-failed-run.ts';

export interface RestartFailed {
  client: Client;
  list: ExecutionList;
  installation: Installation;
  hooks: readonly LiveHook[];
  agents: Pick<KnownAgents, 'becameGoodMs'>;
  trueNow: ReadonlySet<string>;
  log: Logger;
  /** Run ids of failures that something has followed already; kept by the caller from round to round. */
  followed: Set<string>;
  /** Called for a failure that is left alone because its history cannot be decoded. */
  onUnreadable: (left: Unreadable) => void;
  /** Called with how many occurrences were handed over anew. */
  onRestarted: (occurrences: number) => void;
}

/** An older failure is not started again; trouble that still goes on brings another occurrence. */
const horizonMs = 24 * 60 * 60_000;

/** Above, all are forgotten, and only looked up once more. */
const followedLimit = 10_000;

/** Resolves with how many were started again. */
export async function restartFailed(options: RestartFailed): Promise<number> {
  const { list, installation } = options;
  const isolated = isolateFailures(options.log);
  let restarted = 0;
  if (options.followed.size > followedLimit) options.followed.clear();
  for await (const failed of failedSince(list, installation, Date.now() - horizonMs)) {
    if (options.followed.has(failed.runId)) continue;
    const hook = options.hooks.find(({ uid }) => uid === failed.memo.hookUid);
    const change = decideRestart(failed, {
      hook,
      agentBecameGoodMs: options.agents.becameGoodMs(failed.agent),
      isFiring: options.trueNow.has(failed.workflowId),
    });
    if (change === undefined || hook === undefined) continue;
    if (await isolated(failed.workflowId, () => restartReadable(options, failed, { hook, change }))) restarted += 1;
  }
  return restarted;
}

/** One whose key is gone must not keep the others from starting again. */
async function restartReadable(
  options: RestartFailed,
  failed: FailedExecution,
  why: { hook: LiveHook; change: string },
): Promise<boolean> {
  try {
    return await restart(options, failed, why);
  } catch (error) {
    if (!isUndecodable(error)) throw error;
    options.onUnreadable({ workflowId: failed.workflowId, runId: failed.runId, error });
    return false;
  }
}

async function restart(
  { client, installation, log, followed, onRestarted }: RestartFailed,
  failed: FailedExecution,
  { hook, change }: { hook: LiveHook; change: string },
): Promise<boolean> {
  const { workflowId, runId } = failed;
  const newest = await lastRunOf(client, workflowId);
  if (newest?.runId !== runId || newest.status !== 'failed') {
    followed.add(runId);
    return false;
  }
  const known = await readFailedRun(client, failed);
  if (known === undefined) return false;
  const incident = renew(known.incident, hook, installation);
  if (incident === undefined) return false;
  const occurrences = [...known.occurrences, incident.occurrence].slice(-memberLimit); // it would not remember more
  const start = { workflowId, incident, occurrences };
  const result = await startSuccessor(client, start, runId);
  if (result.outcome !== 'refused') onRestarted(occurrences.length);
  log.info({ workflowId, failed: runId, reason: failed.reason, change, ...result }, 'a failed incident starts again');
  return result.outcome !== 'refused';
}
