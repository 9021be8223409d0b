/**
 * What is done again and again while the streams feed the observer: checkpoint, agents, reconciliation, status.
 *
 * Called by watch once everything was seen. A round that fails is logged, and the next one comes all the same.
 */
import type { Logger } from 'pino';
import { pause } from './backoff.ts';
import { createExecutionList } from './executions/list-executions.ts';
import { tellUnreadable } from './executions/unreadable.ts';
import type { Account } from './ledger/account.ts';
import type { Parts, Watching } from './parts.ts';
import { reconcile } from './reconciling/reconcile.ts';
import { createNewsRecorder } from './recorder/record-news.ts';
import { report } from './report.ts';
import { keepChecking } from './reporting/check-agents.ts';
import { countExecutions } from './reporting/count-executions.ts';
import { executionsOf } from './reporting/executions.ts';
import { linkInto } from './reporting/web-ui-link.ts';
import { expose } from './serving/expose.ts';
import type { Handover } from './starting/handover.ts';

const checkpointEveryMs = 10_000;

/** Resolves after the signal was aborted. */
export async function workUntilAborted(watching: Watching, parts: Parts): Promise<void> {
  const { config, api, client, log, signal, health, metrics } = watching;
  const { handover, checkpoint, streams, expressionFailures, bell, ledger } = parts;
  const { hooks, observer, open } = streams;
  const installation = config.INSTALLATION;
  const listing = listingOf(watching);
  const executions = countExecutions(executionsOf(listing.list, installation), {
    sinceMs: Date.now(),
    onEnded: metrics.ended,
  });
  const { verdicts, done: checked } = keepChecking({
    client,
    installation,
    hooks: hooks.all,
    everyMs: config.AGENT_CHECK_EVERY,
    onFound: bell.ring,
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
    every(checkpointEveryMs, { log, signal, what: 'checkpoint' }, () =>
      checkpoint.advance(provenMs(handover, open()), countedOf(parts), handedOverVersion(parts)),
    ),
    checked,
    expose({ health, metrics, client, api, handover, ledger, watches: open, executions, signal }),
    every(config.RECONCILE_EVERY, { log, signal, what: 'reconcile', wait: bell.wait }, () => reconcile(reconciling)),
    report({
      api,
      log,
      signal,
      executions,
      hooks: hooks.all,
      verdicts,
      expressionFailures,
      recorder: createNewsRecorder(parts.events),
      linkTo: linkToOf(config.TEMPORAL_UI_URL, client.options.namespace),
      everyMs: config.STATUS_EVERY,
    }),
  ]);
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
  return handover.waiting() === 0 ? streams.podsVersion() : undefined;
}

/** Everything up to this moment was seen, and has reached Temporal or was refused. */
function provenMs(handover: Handover, streams: readonly { aliveMs: () => number }[]): number {
  return Math.min(handover.oldestWaitingMs() ?? Number.POSITIVE_INFINITY, ...streams.map(({ aliveMs }) => aliveMs()));
}

interface Rounds {
  log: Logger;
  signal: AbortSignal;
  what: string;
  wait?: typeof pause;
}

async function every(ms: number, { log, signal, what, wait = pause }: Rounds, work: () => Promise<unknown>) {
  while (!signal.aborted) {
    await work().catch((error: unknown) => log.warn({ error: String(error) }, `${what} failed; it is tried again`));
    await wait(ms, signal);
  }
}

function linkToOf(uiUrl: string | undefined, namespace: string) {
  return uiUrl === undefined ? undefined : linkInto(uiUrl, namespace);
}
