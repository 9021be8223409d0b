/**
 * Step 8: lists what changed in Temporal, and now and then everything, and writes the status of every Hook from it.
 *
 * Writes a Hook at most once per interval, and only when something differs. Keeps nothing that a restart would miss; a failed
 * write is made again with the next round.
 */
import type { Logger } from 'pino';
import type { HookStatus } from '../../workflows/contract/hook-status.ts';
import { isoSeconds } from '../../workflows/contract/plain/rfc3339.ts';
import type { LiveHook } from '../hooks/live-hook.ts';
import { type ApiServer, KubeError } from '../kube/api-server.ts';
import { pathOf } from '../kube/path-of.ts';
import { pause } from '../loops/backoff.ts';
import type { Loop, Loops } from '../serving/loops.ts';
import { isSameStatus } from './hook-status.ts';
import type { KnownExecutions } from './known-executions.ts';
import { type Made, makeStatus, type Sources } from './make-status.ts';

export interface ReportOptions extends Sources {
  api: ApiServer;
  executions: KnownExecutions;
  hooks: () => LiveHook[];
  everyMs: number;
  loops: Pick<Loops, 'watch'>;
  wait?: typeof pause;
  log: Logger;
  signal: AbortSignal;
}

/** The API server refuses what is in one object, and would take another one. */
const refusalsOfOne: ReadonlySet<number> = new Set([400, 413, 422]);

/** Everything is listed again after so long, so that a change that was missed shows at last; sooner where it failed. */
const wholeEveryMs = 5 * 60_000;
const wholeAgainMs = 30_000;

export async function report(options: ReportOptions): Promise<void> {
  const { signal, everyMs, executions, loops, wait = pause } = options;
  const all = { loop: loops.watch('reading all executions', wholeEveryMs), what: 'all executions' };
  const changes = { loop: loops.watch('reading changed executions', everyMs), what: 'changed executions' };
  const writing = loops.watch('writing Hook status', everyMs);
  const made = new Map<string, Made>();
  let isWhole = await read(options, all, executions.readAll);

  async function keepReadingAll(): Promise<void> {
    while (!signal.aborted) {
      await wait(isWhole ? wholeEveryMs : wholeAgainMs, signal);
      if (!signal.aborted) isWhole = await read(options, all, executions.readAll);
    }
  }
  async function keepReadingChanges(): Promise<void> {
    while (!signal.aborted) {
      await read(options, changes, executions.readChanges);
      await writeAll(options, writing, made);
      await wait(everyMs, signal);
    }
  }
  await Promise.all([keepReadingAll(), keepReadingChanges()]);
}

/** Whether everything was listed to its end. */
async function read(
  { log, signal }: ReportOptions,
  { loop, what }: { loop: Loop; what: string },
  work: () => Promise<void>,
): Promise<boolean> {
  try {
    await work();
    loop.succeeded();
    return true;
  } catch (error) {
    loop.failed(error);
    if (!signal.aborted)
      log.warn({ error: String(error) }, `${what} could not be listed; Hook status shows what was known before`);
    return false;
  }
}

async function writeAll(options: ReportOptions, loop: Loop, made: Map<string, Made>): Promise<void> {
  const hooks = options.hooks();
  let hasFailed = false;
  for (const hook of hooks) {
    const before = made.get(hook.uid);
    const next = makeStatus(options, hook, before);
    if (next === undefined) continue;
    // The Hook as it is watched lags behind our own writes.
    const shown = before?.status ?? hook.status;
    const outcome = await write(options, hook, { shown, status: next.status });
    if (outcome === 'done') made.set(hook.uid, next);
    if (typeof outcome === 'object') {
      loop.failed(outcome.error);
      hasFailed = true;
    }
  }
  if (!hasFailed) loop.succeeded();
  const alive = new Set(hooks.map(({ uid }) => uid));
  for (const uid of made.keys()) if (!alive.has(uid)) made.delete(uid);
}

/** `done`: nothing is left to be written. `refused`: this Hook is at fault; the others can be written. */
type Write = 'done' | 'refused' | { error: unknown };

async function write(
  { api, log }: ReportOptions,
  hook: LiveHook,
  { shown, status }: { shown: HookStatus | undefined; status: HookStatus },
): Promise<Write> {
  if (isSameStatus(shown, status)) return 'done';
  const { namespace, name, uid } = hook;
  const lastUpdated = isoSeconds(Date.now());
  try {
    await api.json({
      method: 'PATCH',
      path: pathOf('apis', 'kagent.dev', 'v1alpha2', 'namespaces', namespace, 'hooks', name, 'status'),
      query: { fieldManager: 'kagent-hook-controller', force: 'true' },
      contentType: 'application/apply-patch+yaml',
      body: {
        apiVersion: 'kagent.dev/v1alpha2',
        kind: 'Hook',
        metadata: { namespace, name, uid },
        status: { ...status, lastUpdated },
      },
    });
    return 'done';
  } catch (error) {
    const isGone = error instanceof KubeError && (error.status === 404 || error.status === 409);
    if (isGone) return 'done';
    log.warn({ hook: `${namespace}/${name}`, error: String(error) }, 'the status of a Hook could not be written');
    return error instanceof KubeError && refusalsOfOne.has(error.status) ? 'refused' : { error };
  }
}
