/**
 * Compares what Temporal believes with the cluster: states that ended, Hooks that are gone, failures whose reason is gone.
 *
 * Reads executions of this installation and cluster only, and leaves alone what is in a namespace that is not watched. What
 * fails is done again with the next round, and keeps no other from being done.
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

export interface Reconciled {
  resolved: number;
  orphaned: number;
  restarted: number;
}

export async function reconcile(options: ReconcileOptions): Promise<Reconciled> {
  const { list, installation } = options;
  const hooks = options.hooks();
  const trueNow = options.observer.trueNow();
  const hookUids = new Set(hooks.map(({ uid }) => uid));
  const done = { resolved: 0, orphaned: 0 };
  const place = { installation: installation.name, clusterUid: installation.cluster.uid };
  const alone = isolateFailures(options.log);
  const sees = (namespace: string) => isWatched(options.reach, namespace);
  for await (const execution of openExecutions(list, place)) {
    const { hook, resource, workflowId } = execution;
    await alone(workflowId, async () => {
      if (sees(hook.namespace) && (await endOrphaned({ ...options, hookUids }, execution))) done.orphaned += 1;
      else if (sees(resource.namespace) && (await resolveEnded({ ...options, trueNow }, execution))) done.resolved += 1;
      return true;
    });
  }
  return { ...done, restarted: await restartFailed({ ...options, hooks, trueNow }) };
}
