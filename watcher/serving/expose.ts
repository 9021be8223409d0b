/**
 * Shows the running parts to the health server and to the metrics.
 *
 * Called by watch once everything was seen the first time. Decides nothing, and keeps nothing running that has to end well.
 */
import type { Client } from '@temporalio/client';
import type { ApiServer } from '../kube/api-server.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { OpenExecutions } from '../reporting/count-executions.ts';
import type { OpenHandover } from '../starting/handover.ts';
import type { Health } from './health.ts';
import type { Loops } from './loops.ts';
import type { Sources, WatcherMetrics } from './metrics.ts';
import { checkHandover, watchTemporal } from './temporal-check.ts';
import { judgeWatches } from './watch-checks.ts';

export interface Parts {
  health: Health;
  metrics: WatcherMetrics;
  client: Client;
  api: ApiServer;
  handover: OpenHandover;
  executions: OpenExecutions;
  ledger: Ledger;
  /** Agent runs that wait for people. */
  waiting: Sources['waiting'];
  /** The open streams, and when each was last seen. */
  watches: () => readonly { name: string; path: string; seenMs: () => number }[];
  loops: Pick<Loops, 'checks'>;
  signal: AbortSignal;
}

/** Resolves after the signal was aborted. */
export async function expose(parts: Parts) {
  const { health, metrics, client, api, handover, executions, ledger, waiting, watches, loops, signal } = parts;
  const temporal = watchTemporal({ client, signal });
  const streams = () =>
    watches().map(({ name, path, seenMs }) => ({
      name,
      seenMs,
      list: () => api.json({ path, query: { limit: '1' }, signal }),
    }));
  const judged = judgeWatches({ streams, isPaused: handover.isFull, signal });
  metrics.observe({ handover, ledger, watches, executions, waiting });
  health.observe({
    ready: () => [temporal.check(), checkHandover(handover), ...judged.ready(), ...loops.checks()],
    alive: judged.alive,
  });
  health.set({ isReady: true, doing: 'watching' });
  await Promise.all([temporal.done, judged.done]);
}
