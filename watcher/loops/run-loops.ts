/**
 * What is done again and again while the streams feed the observer: checkpoint, agents, reconciliation, status.
 *
 * A round that fails is logged, and the next one comes all the same.
 */

import { keepChecking } from '../agents/check-agents.ts';
import type { Parts, Watching } from '../context.ts';
import { createExecutionList } from '../executions/list-executions.ts';
import { tellUnreadable } from '../executions/unreadable.ts';
import type { Account } from '../ledger/account.ts';
import { reconcile } from '../reconciling/reconcile.ts';
import { createNewsRecorder } from '../recorder/record-news.ts';
import { countExecutions } from '../reporting/count-executions.ts';
import { executionsOf } from '../reporting/executions.ts';
import { createPicture } from '../reporting/read-executions.ts';
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
  const { handover, checkpoint, streams, bell, ledger } = parts;
  const { hooks, observer, open } = streams;
  const installation = config.INSTALLATION;
  const listing = listingOf(watching);
  const loops = createLoops();
  const executions = countExecutions(executionsOf(listing.list, installation), {
    sinceMs: Date.now(),
    onEnded: metrics.ended,
  });
  const picture = createPicture({ executions, hooks: hooks.all, recorder: createNewsRecorder(parts.events) });
  const waiting = () => waitingRuns(picture.rows());
  const { agents: verdicts, done: checked } = keepChecking({
    client,
    installation,
    hooks: hooks.all,
    everyMs: config.AGENT_CHECK_EVERY,
    onFound: bell.ring,
    loop: loops.watch('agent check', config.AGENT_CHECK_EVERY),
    log,
    signal,
  });
  const reconciling = {
    ...watching,
    ...parts,
    ...listing,
    observer,
    hooks: hooks.all,
    verdicts,
    followed: new Set<string>(),
    onRestarted: ledger.restarted,
  };
  await Promise.all([
    every(checkpointEveryMs, { log, signal, what: 'checkpoint', loops }, () =>
      checkpoint.advance(
        provenMs([handover.oldestWaitingMs(), observer.held.oldestMs()], open()),
        countedOf(parts),
        handedOverVersion(parts),
      ),
    ),
    checked,
    expose({ health, metrics, client, api, handover, ledger, watches: open, executions, waiting, loops, signal }),
    every(config.RECONCILE_EVERY, { log, signal, what: 'reconcile', loops, wait: bell.wait }, () =>
      reconcile(reconciling),
    ),
    keepReporting(watching, parts, { picture, verdicts, loops }),
  ]);
}

type Reporting = Pick<ReportOptions, 'picture' | 'verdicts' | 'loops'>;

function keepReporting(watching: Watching, parts: Parts, reporting: Reporting): Promise<void> {
  const { config, api, client, log, signal } = watching;
  const { streams, expressionFailures } = parts;
  const hooks = streams.hooks.all;
  return report({
    ...reporting,
    api,
    log,
    signal,
    hooks,
    expressionFailures,
    linkTo: linkToOf(config.TEMPORAL_UI_URL, client.options.namespace),
    everyMs: config.STATUS_EVERY,
  });
}

function listingOf({ client, log }: Watching) {
  const onUnreadable = tellUnreadable(log);
  return { list: createExecutionList(client, { onUnreadable }), onUnreadable };
}

/** What still waits is seen again by the watcher that comes after us, so it is not counted as seen by us. */
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

function linkToOf(uiUrl: string | undefined, namespace: string) {
  return uiUrl === undefined ? undefined : linkInto(uiUrl, namespace);
}
