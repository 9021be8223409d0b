/**
 * Counts every occurrence twice: when it is seen, and when it has ended in one way. The two must agree.
 *
 * Counts only; what still waits is known by those who keep it waiting.
 */
import type { RefusalReason } from '../matching/match.ts';
import { type Account, type Ending, emptyAccount } from './account.ts';

export interface Ledger {
  saw: () => void;
  ended: (ending: Exclude<Ending, 'too-old'>) => void;
  /** `TooOld` is an ending of its own. */
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
      if (reason === ('TooOld' satisfies RefusalReason)) account['too-old'] += 1;
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
