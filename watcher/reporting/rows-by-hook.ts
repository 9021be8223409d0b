/**
 * The known executions of each Hook, by workflow id.
 *
 * What one Hook has is the same array until something is set or deleted in it, so that a reader sees at once whether it has
 * changed. Knows nothing of what is newer.
 */
import type { KnownExecution } from './executions.ts';

/** What finds a row. */
type Key = Pick<KnownExecution, 'hookUid' | 'workflowId'>;

export type RowsByHook = ReturnType<typeof createRowsByHook>;

const none: readonly KnownExecution[] = [];

export function createRowsByHook() {
  const byHook = new Map<string, Map<string, KnownExecution>>();
  const arrays = new Map<string, readonly KnownExecution[]>();

  function* all(): Generator<KnownExecution> {
    for (const rows of byHook.values()) yield* rows.values();
  }

  return {
    all,
    of: (hookUid: string): readonly KnownExecution[] => {
      const rows = byHook.get(hookUid);
      if (rows === undefined) return none;
      const array = arrays.get(hookUid) ?? [...rows.values()];
      arrays.set(hookUid, array);
      return array;
    },
    get: ({ hookUid, workflowId }: Key) => byHook.get(hookUid)?.get(workflowId),
    set: (row: KnownExecution) => {
      const rows = byHook.get(row.hookUid) ?? new Map<string, KnownExecution>();
      byHook.set(row.hookUid, rows.set(row.workflowId, row));
      arrays.delete(row.hookUid);
    },
    delete: ({ hookUid, workflowId }: Key) => {
      const rows = byHook.get(hookUid);
      rows?.delete(workflowId);
      if (rows?.size === 0) byHook.delete(hookUid);
      arrays.delete(hookUid);
    },
  };
}
