/**
 * Connects the running parts to the health server and to the metrics.
 *
 * Decides nothing, and runs nothing that has to be shut down.
 */
import type { Check } from '../../runtime/health.ts';
import { keepAskingTemporal } from '../../runtime/temporal-check.ts';
import type { Parts, Watching } from '../context.ts';
import type { OpenExecutions } from '../reporting/count-executions.ts';
import type { OpenHandover } from '../starting/handover.ts';
import type { Loops } from './loops.ts';
import type { Sources } from './metrics.ts';
import { checkWatches } from './watch-checks.ts';

type Given = Pick<Watching, 'health' | 'metrics' | 'client' | 'api' | 'signal'> & Pick<Parts, 'handover' | 'ledger'>;

interface Exposed extends Given {
  executions: OpenExecutions;
  /** Agent runs that wait for people. */
  waiting: Sources['waiting'];
  /** The open streams, and when each was last seen. */
  watches: () => readonly { name: string; path: string; seenMs: () => number }[];
  loops: Pick<Loops, 'checks'>;
}

/** Resolves after the signal was aborted. */
export async function expose(parts: Exposed) {
  const { health, metrics, client, api, handover, executions, ledger, waiting, watches, loops, signal } = parts;
  const ask = (deadlineMs: number) => client.withDeadline(deadlineMs, () => client.workflowService.getSystemInfo({}));
  const temporal = keepAskingTemporal({ ask, signal });
  const streams = () =>
    watches().map(({ name, path, seenMs }) => ({
      name,
      seenMs,
      list: () => api.json({ path, query: { limit: '1' }, signal }),
    }));
  const checks = checkWatches({ streams, isPaused: handover.isFull, signal });
  metrics.observe({ handover, ledger, watches, executions, waiting });
  health.observe({
    ready: () => [temporal.check(), checkHandover(handover), ...checks.ready(), ...loops.checks()],
    alive: checks.alive,
  });
  health.set({ isReady: true, doing: 'watching' });
  await Promise.all([temporal.done, checks.done]);
}

/** It fails while so many wait that the streams of the cluster are paused. */
export function checkHandover({ waiting, isFull }: Pick<OpenHandover, 'waiting' | 'isFull'>): Check {
  const rest = isFull() ? ', so the cluster is not read on until Temporal takes them' : '';
  return { name: 'handover', ok: !isFull(), message: `${waiting()} occurrence(s) wait${rest}` };
}
