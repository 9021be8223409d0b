/**
 * The ledger in lines for people. Pure.
 */
import { type Account, differenceOf, endings, refusalsOf } from './account.ts';

/** What Temporal's executions know of what was handed to them. */
export interface Remembered {
  executions: number;
  /** Occurrences that they have received, also those that they knew. */
  received: number;
  /** Executions whose key is not here. */
  unreadable: number;
  /** Executions that ended before this moment are forgotten by Temporal. */
  retainedFromMs: number;
}

export interface LedgerReport {
  installation: string;
  sinceMs: number;
  /** Watchers that keep an account. */
  watchers: number;
  account: Account;
  /** What waited when the accounts were written is not in them. */
  remembered: Remembered;
}

/** Occurrences that were handed over and that no execution remembers; undefined where that cannot be known. */
export function lostOf({ account, remembered, sinceMs }: LedgerReport): number | undefined {
  if (remembered.retainedFromMs > sinceMs || remembered.unreadable > 0) return undefined;
  return Math.max(0, handedOverOf(account) - remembered.received);
}

/** Whether everything is accounted for, as far as can be known. */
export function isBalanced(report: LedgerReport): boolean {
  return differenceOf(report.account, 0) === 0 && (lostOf(report) ?? 0) === 0;
}

export function linesOf(report: LedgerReport): string[] {
  const { installation, sinceMs, watchers, account } = report;
  const { seen, refused, gaps, gapSeconds } = account;
  const reasons = Object.entries(refused).toSorted(([a], [b]) => a.localeCompare(b));
  return [
    `Installation ${installation} since ${new Date(sinceMs).toISOString()}, accounts of ${watchers} watcher(s)`,
    row('seen', seen),
    ...endings.map((ending) => row(ending, account[ending])),
    row('refused', refusalsOf(account), reasons.map(([reason, count]) => `${reason} ${count}`).join(', ')),
    row('difference', differenceOf(account, 0)),
    ...rememberedLines(report),
    ...(gaps === 0 ? [] : [`Nobody watched ${gaps} time(s), ${Math.round(gapSeconds)} s in all.`]),
  ];
}

function rememberedLines(report: LedgerReport): string[] {
  const { account, remembered } = report;
  const { restarted } = account;
  const handedOver = `${handedOverOf(account)} handed over${restarted === 0 ? '' : ` (${restarted} of them once more)`}`;
  const lost = lostOf(report);
  if (lost === undefined && remembered.unreadable > 0) {
    return [`${remembered.unreadable} execution(s) cannot be read, because their key is not here: not compared.`];
  }
  if (lost === undefined) {
    return [`Temporal keeps executions from ${new Date(remembered.retainedFromMs).toISOString()} on: not compared.`];
  }
  const again = Math.max(0, remembered.received - handedOverOf(account));
  return [
    `Temporal's ${remembered.executions} execution(s) remember ${remembered.received} of ${handedOver}: ${lost} lost` +
      (again === 0 ? '.' : `, ${again} received again after a restart or a reset.`),
  ];
}

function handedOverOf({ started, joined, restarted }: Account): number {
  return started + joined + restarted;
}

function row(name: string, count: number, note = ''): string {
  return `  ${name.padEnd(15)} ${String(count).padStart(8)}${note === '' ? '' : `   ${note}`}`;
}
