/**
 * Step 8: the status of every Hook, and Events about it, as a projection of Temporal. The only writer of both.
 *
 * Started by main. Polls what changed, keeps the newest run per execution, writes a Hook at most once per interval and
 * only when something differs. Can start from nothing; a failed write is made again with the next round.
 */
import type { Logger } from 'pino';
import type { HookStatus } from '../workflows/contract/hook-status.ts';
import { pause } from './backoff.ts';
import type { LiveHook } from './hooks/live-hook.ts';
import { type ApiServer, KubeError } from './kube/api-server.ts';
import type { NewsRecorder } from './recorder/record-news.ts';
import type { AgentVerdicts } from './reporting/check-agents.ts';
import type { Executions } from './reporting/executions.ts';
import type { ExpressionFailures } from './reporting/expression-failures.ts';
import { type ExecutionRow, isSameStatus, type StatusContext, statusOf } from './reporting/hook-status.ts';

export interface ReportOptions {
  api: ApiServer;
  executions: Executions;
  hooks: () => LiveHook[];
  verdicts: AgentVerdicts;
  expressionFailures: Pick<ExpressionFailures, 'of'>;
  /** Told of every row; makes Kubernetes Events of what is new. */
  recorder: NewsRecorder;
  linkTo: StatusContext['linkTo'];
  everyMs: number;
  log: Logger;
  signal: AbortSignal;
}

/** How far back a fresh picture reaches. */
const horizonMs = 24 * 60 * 60_000;
/** Visibility may show a change late; what is read twice changes nothing. */
const overlapMs = 5000;
/** Now and then everything is read again, so that nothing that was missed stays missing. */
const wholeEveryMs = 5 * 60_000;
/** Executions kept per picture; the oldest closed ones go first. */
const keptLimit = 10_000;

export async function report(options: ReportOptions): Promise<void> {
  const { signal, log, everyMs } = options;
  const picture = new Map<string, ExecutionRow>();
  const written = new Map<string, HookStatus>();
  let readMs = 0;
  let wholeMs = 0;
  while (!signal.aborted) {
    try {
      const startedMs = Date.now();
      const isWhole = startedMs - wholeMs >= wholeEveryMs;
      await read(options, picture, isWhole ? undefined : readMs - overlapMs);
      readMs = startedMs;
      if (isWhole) wholeMs = startedMs;
    } catch (error) {
      log.warn({ error: String(error) }, 'executions could not be listed; Hook status shows what was known before');
    }
    await writeAll(options, picture, written);
    await pause(everyMs, signal);
  }
}

async function read(
  options: ReportOptions,
  picture: Map<string, ExecutionRow>,
  sinceMs: number | undefined,
): Promise<void> {
  const { executions, recorder } = options;
  const hooks = new Map(options.hooks().map((hook) => [hook.uid, hook]));
  const found = sinceMs === undefined ? executions.since(Date.now() - horizonMs) : executions.changedSince(sinceMs);
  for await (const row of found) {
    recorder.see(row, hooks.get(row.hookUid));
    const known = picture.get(row.workflowId);
    if (known === undefined || isNewer(row, known)) picture.set(row.workflowId, row);
  }
  const surplus = picture.size - keptLimit;
  if (surplus <= 0) return;
  const closed = [...picture.values()].filter(({ isOpen }) => !isOpen);
  const oldestFirst = closed.toSorted((a, b) => (a.closedMs ?? 0) - (b.closedMs ?? 0));
  for (const { workflowId } of oldestFirst.slice(0, surplus)) picture.delete(workflowId);
}

/** A later run wins; of one run, the closed picture wins over the open one. */
function isNewer(row: ExecutionRow, known: ExecutionRow): boolean {
  if (row.runId !== known.runId) return row.startedMs >= known.startedMs;
  return !row.isOpen || known.isOpen;
}

async function writeAll(
  options: ReportOptions,
  picture: Map<string, ExecutionRow>,
  written: Map<string, HookStatus>,
): Promise<void> {
  const byHook = Map.groupBy(picture.values(), ({ hookUid }) => hookUid);
  const hooks = options.hooks();
  for (const hook of hooks) {
    const { verdicts, expressionFailures, linkTo } = options;
    const context = { nowMs: Date.now(), verdicts, linkTo, expressionFailure: expressionFailures.of(hook) };
    const status = statusOf(hook, byHook.get(hook.uid) ?? [], context);
    // The picture of the Hook lags behind our own write; what was written last is compared as well.
    if (isSameStatus(hook.status, status) || isSameStatus(written.get(hook.uid), status)) continue;
    if (await write(options, hook, status)) written.set(hook.uid, status);
  }
  const alive = new Set(hooks.map(({ uid }) => uid));
  for (const uid of written.keys()) if (!alive.has(uid)) written.delete(uid);
}

/** Whether nothing is left to be written. */
async function write({ api, log }: ReportOptions, hook: LiveHook, status: HookStatus): Promise<boolean> {
  const { namespace, name, uid } = hook;
  const lastUpdated = `${new Date().toISOString().slice(0, 19)}Z`;
  try {
    await api.json({
      method: 'PATCH',
      path: `/apis/kagent.dev/v1alpha2/namespaces/${namespace}/hooks/${name}/status`,
      query: { fieldManager: 'kagent-hook-controller', force: 'true' },
      contentType: 'application/apply-patch+yaml',
      body: {
        apiVersion: 'kagent.dev/v1alpha2',
        kind: 'Hook',
        metadata: { namespace, name, uid },
        status: { ...status, lastUpdated },
      },
    });
    return true;
  } catch (error) {
    const isGone = error instanceof KubeError && (error.status === 404 || error.status === 409);
    if (!isGone)
      log.warn({ hook: `${namespace}/${name}`, error: String(error) }, 'the status of a Hook could not be written');
    return isGone;
  }
}
