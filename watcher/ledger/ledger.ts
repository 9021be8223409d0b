/**
 * Counts every occurrence twice: when it is seen, and when it has ended in one way. The two must agree.
 *
 * Counts only; what still waits is known by those who keep it waiting.
 */
import type { RefusalReason } from '../matching/match.ts';
import { type Account, type Ending, emptyAccount } from './account.ts';

export type Ledger = ReturnType<typeof createLedger>;

export function createLedger() {
  const account: Account = { ...emptyAccount, refused: {} };
  return {
    saw: () => void (account.seen += 1),
    ended: (ending: Exclude<Ending, 'too-old'>) => void (account[ending] += 1),
    /** `TooOld` is an ending of its own. */
    refused: (reason: string) => {
      if (reason === ('TooOld' satisfies RefusalReason)) account['too-old'] += 1;
      else account.refused[reason] = (account.refused[reason] ?? 0) + 1;
    },
    restarted: (occurrences: number) => void (account.restarted += occurrences),
    gap: (seconds: number) => {
      account.gaps += 1;
      account.gapSeconds += seconds;
    },
    /** Since this process has started. */
    account: (): Account => ({ ...account, refused: { ...account.refused } }),
  };
}
