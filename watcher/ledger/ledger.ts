/**
 * Counts every occurrence twice: when it is seen, and when it has ended in one way. The two must agree.
 *
 * Told by observe what was seen and refused, by the handover how the rest ended. Counts only; what waits is known by those
 * who keep it waiting.
 */
import { type Account, emptyAccount } from './account.ts';

type Ending = 'started' | 'joined' | 'covered' | 'held';

export interface Ledger {
  saw: () => void;
  ended: (ending: Ending) => void;
  /** `Baseline` is an ending of its own. */
  refused: (reason: string) => void;
  restarted: (occurrences: number) => void;
  gap: (seconds: number) => void;
  /** Since this process has started. */
  account: () => Account;
}

export function createLedger(): Ledger {
  const account: Account = { ...emptyAccount, refused: {} };
  return {
    saw: () => void (account.seen += 1),
    ended: (ending) => void (account[ending] += 1),
    refused: (reason) => {
      if (reason === 'Baseline') account.baseline += 1;
      else account.refused[reason] = (account.refused[reason] ?? 0) + 1;
    },
    restarted: (occurrences) => void (account.restarted += occurrences),
    gap: (seconds) => {
      account.gaps += 1;
      account.gapSeconds += seconds;
    },
    account: () => ({ ...account, refused: { ...account.refused } }),
  };
}
