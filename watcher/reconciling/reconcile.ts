/**
 * Compares executions with the cluster: states that ended, Hooks that are gone, failures whose reason is gone.
 *
 * Reads executions of this installation and cluster only, and never touches what is in a namespace that is not watched. What
 * fails is tried again with the next round, and keeps no other from being done.
 */
import { isWatched, type Reach } from '../hooks/reach.ts';
import type { Observer } from '../observing/observe.ts';
import { type EndOrphaned, endOrphaned } from './end-orphaned.ts';
import { isolateFailures } from './isolate-failures.ts';
import { openExecutions } from './open-executions.ts';
import { type ResolveEnded, resolveEnded } from './resolve-ended.ts';
import { type RestartFailed, restartFailed } from './restart-failed.ts';

export interface ReconcileOptions
  extends Omit<EndOrphaned, 'hookUids'>,
    Omit<ResolveEnded, 'trueNow'>,
    Omit<RestartFailed, 'trueNow' | 'hooks'> {
  observer: Pick<Observer, 'trueNow'>;
  hooks: () => RestartFailed['hooks'];
  reach: Pick<Reach, 'watched'>;
}

export async function reconcile(options: ReconcileOptions): Promise<void> {
  const hooks = options.hooks();
  const trueNow = options.observer.trueNow();
  const hookUids = new Set(hooks.map(({ uid }) => uid));
  const isolated = isolateFailures(options.log);
  const isSeen = ({ namespace }: { namespace: string }) => isWatched(options.reach, namespace);
  for await (const execution of openExecutions(options.list, options.installation)) {
    await isolated(execution.workflowId, async () => {
      const isOrphaned = isSeen(execution.hook) && (await endOrphaned({ ...options, hookUids }, execution));
      if (!isOrphaned && isSeen(execution.resource)) await resolveEnded({ ...options, trueNow }, execution);
      return true;
    });
  }
  await restartFailed({ ...options, hooks, trueNow });
}
