/**
 * Which of the clusters is this worker's: files run at once, and every watcher sees the Hooks of its whole cluster.
 *
 * Vitest numbers the workers of a run from one, and gives no two that run at once the same number.
 */
import { inject } from 'vitest';

/** A kubeconfig of an administrator; scheduler and controllers run, nodes do not. */
export function kubeconfigPath(): string {
  const path = inject('kubeconfigPaths')[Number(process.env['VITEST_POOL_ID']) - 1];
  if (path === undefined) throw new Error(`Worker ${process.env['VITEST_POOL_ID']} has no cluster.`);
  return path;
}
