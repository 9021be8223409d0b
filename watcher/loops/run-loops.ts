/**
 * Runs the loops of the watcher: checkpoint, agents, reconciliation, status.
 *
 * A round that fails is logged; it never keeps the next one from running.
 */
import { keepChecking } from '../agents/check-agents.ts';
import type { Parts, Watching } from '../context.ts';
import { createExecutionList } from '../executions/list-executions.ts';
import { logUnreadable } from '../executions/unreadable.ts';
import type { Account } from '../ledger/account.ts';
import { reconcile } from '../reconciling/reconcile.ts';
import { createEventRecorder } from '../recorder/record-events.ts';
import { countExecutions } from '../reporting/count-executions.ts';
import { executionsOf } from '../reporting/executions.ts';
import { createKnownExecutions } from '../reporting/known-executions.ts';
import { type ReportOptions, report } from '../reporting/report.ts';
import { waitingRuns } from '../reporting/waiting-runs.ts';
import { linkInto } from '../reporting/web-ui-link.ts';
import { expose } from '../serving/expose.ts';
import { createLoops } from '../serving/loops.ts';
import { every } from './every.ts';

const checkpointEveryMs = 10_000;

/** Resolves after the signal was aborted. */
export async function workUntilAborted(watching: Watching, parts: Parts): Promise<void> {
  const { config, api, client, log, signal, health, metrics } = watching;
  const { handover, streams, bell, ledger } = parts;
  const { hooks, observer, open } = streams;
  const installation = config.INSTALLATION;
  const onUnreadable = logUnreadable(log);
  const list = createExecutionList(client, { onUnreadable });
  const loops = createLoops();
  const executions = countExecutions(executionsOf(list, installation), {
    sinceMs: Date.now(),
    onEnded: metrics.ended,
  });
  const known = createKnownExecutions({ executions, hooks: hooks.all, recorder: createEventRecorder(parts.events) });
  const waiting = () => waitingRuns(known.rows());
  const { agents, done: checked } = keepChecking({
    client,
    installation,
    hooks: hooks.all,
    everyMs: config.AGENT_CHECK_EVERY,
    onFound: bell.ring,
    loop: loops.watch('agent check', config.AGENT_CHECK_EVERY),
    log,
    signal,
  });
  const found = { list, onUnreadable, observer, hooks: hooks.all, agents };
  const reconciling = { ...watching, ...parts, ...found, followed: new Set<string>(), onRestarted: ledger.restarted };
  await Promise.all([
    every(checkpointEveryMs, { log, signal, what: 'checkpoint', loops }, () => advance(parts)),
    checked,
    expose({ health, metrics, client, api, handover, ledger, watches: open, executions, waiting, loops, signal }),
    every(config.RECONCILE_EVERY, { log, signal, what: 'reconcile', loops, wait: bell.wait }, () =>
      reconcile(reconciling),
    ),
    keepReporting(watching, parts, { executions: known, agents, loops }),
  ]);
}

type Reporting = Pick<ReportOptions, 'executions' | 'agents' | 'loops'>;

function keepReporting(watching: Watching, parts: Parts, reporting: Reporting): Promise<void> {
  const { config, client } = watching;
  return report({
    ...watching,
    ...parts,
    ...reporting,
    hooks: parts.streams.hooks.all,
    linkTo: linkInto(config.TEMPORAL_UI_URL, client.options.namespace),
    everyMs: config.STATUS_EVERY,
  });
}

function advance(parts: Parts): Promise<void> {
  const { checkpoint, handover, streams } = parts;
  const waitingMs = [handover.oldestWaitingMs(), streams.observer.held.oldestMs()];
  return checkpoint.advance(provenMs(waitingMs, streams.open()), countedOf(parts), handedOverVersion(parts));
}

/** The next watcher sees again what still waits, so this one does not count it as seen. */
export function countedOf({ ledger, handover }: Pick<Parts, 'ledger' | 'handover'>): Account {
  const account = ledger.account();
  return { ...account, seen: account.seen - handover.waitingOccurrences() };
}

/** Undefined while something waits: what it is about may have this version. */
function handedOverVersion({ handover, streams }: Parts): string | undefined {
  const isWaiting = handover.waiting() > 0 || streams.observer.held.oldestMs() !== undefined;
  return isWaiting ? undefined : streams.podsVersion();
}

/** Everything up to this moment was seen, and has reached Temporal or was refused. */
function provenMs(waiting: readonly (number | undefined)[], streams: readonly { aliveMs: () => number }[]): number {
  return Math.min(...waiting.filter((ms) => ms !== undefined), ...streams.map(({ aliveMs }) => aliveMs()));
}
