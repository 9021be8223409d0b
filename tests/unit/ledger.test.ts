import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Account, differenceOf, emptyAccount, endedOf, minus, sumOf } from '../../watcher/ledger/account.ts';
import { type Annotations, newOwnEntry, nextWrite, readEntries, totalOf } from '../../watcher/ledger/entries.ts';
import { createLedger } from '../../watcher/ledger/ledger.ts';
import { isBalanced, type LedgerReport, linesOf, lostOf } from '../../watcher/ledger/print.ts';
import { noon } from '../make.ts';

const count = fc.nat({ max: 1000 });
const account = fc.record({
  seen: count,
  started: count,
  joined: count,
  'already-handled': count,
  'incident-failed': count,
  'too-old': count,
  refused: fc.dictionary(fc.constantFrom('Paused', 'LabelsDiffer', 'Intended'), count),
  restarted: count,
  gaps: count,
  gapSeconds: count,
});

const anAccount = (over: Partial<Account> = {}): Account => ({ ...emptyAccount, ...over });

describe('an account', () => {
  it('counts a reason that is called like something that every object has', () => {
    const refused = Object.fromEntries([
      ['constructor', 2],
      ['__proto__', 3],
    ]);
    expect(Object.entries(sumOf([anAccount({ refused }), anAccount()]).refused)).toEqual([
      ['__proto__', 3],
      ['constructor', 2],
    ]);
  });

  it('balances while what was seen has ended or waits, and says how much is missing', () => {
    const ledger = createLedger();
    for (let n = 0; n < 6; n += 1) ledger.saw();
    ledger.ended('started');
    ledger.ended('joined');
    ledger.refused('TooOld');
    ledger.refused('Paused');
    expect(differenceOf(ledger.account(), 2)).toBe(0);
    expect(differenceOf(ledger.account(), 0)).toBe(2);
    expect(ledger.account()).toMatchObject({ seen: 6, started: 1, joined: 1, 'too-old': 1, refused: { Paused: 1 } });
  });

  it('that was given away does not change any more', () => {
    const ledger = createLedger();
    ledger.refused('Paused');
    const given = ledger.account();
    ledger.refused('Paused');
    ledger.saw();
    expect(given).toMatchObject({ seen: 0, refused: { Paused: 1 } });
  });

  it('adds up: a sum without one of its parts is the others', () => {
    fc.assert(
      fc.property(account, account, (one, other) => {
        const sum = sumOf([one, other]);
        expect(endedOf(sum)).toBe(endedOf(one) + endedOf(other));
        expect(endedOf(minus(sum, one))).toBe(endedOf(other));
        expect(minus(sum, one).seen).toBe(other.seen);
      }),
    );
  });
});

/** A Lease, and watchers that write to it. */
function aLease() {
  let annotations: Annotations = {};
  const apply = (patch: Record<string, string | null>) => {
    const kept = Object.entries({ ...annotations, ...patch }).flatMap(([name, text]) =>
      text === null ? [] : [[name, text] as const],
    );
    annotations = Object.fromEntries(kept);
  };
  const open = (key: string) => {
    let own = newOwnEntry(key);
    return (counted: Account, nowMs: number) => {
      const write = nextWrite(annotations, own, { counted, nowMs });
      own = write.own;
      apply(write.patch);
    };
  };
  return { open, total: () => totalOf(readEntries(annotations)), size: () => readEntries(annotations).size, apply };
}

describe('the accounts on the Lease', () => {
  it('of a watcher that died are taken over by the next, once, and nothing is counted twice', () => {
    const lease = aLease();
    lease.open('first')(anAccount({ seen: 5, started: 5 }), noon);
    const second = lease.open('second');
    second(anAccount({ seen: 1, joined: 1 }), noon + 10_000);
    expect([lease.size(), lease.total()]).toEqual([2, anAccount({ seen: 6, started: 5, joined: 1 })]);
    second(anAccount({ seen: 2, joined: 2 }), noon + 200_000);
    expect([lease.size(), lease.total()]).toEqual([1, anAccount({ seen: 7, started: 5, joined: 2 })]);
  });

  it('of a watcher that slept past its time and came back count each occurrence once', () => {
    const lease = aLease();
    const sleeper = lease.open('sleeper');
    sleeper(anAccount({ seen: 5, started: 5 }), noon);
    lease.open('other')(anAccount({ seen: 1, started: 1 }), noon + 200_000);
    expect(lease.total().seen).toBe(6);
    sleeper(anAccount({ seen: 5, started: 5 }), noon + 201_000);
    expect(lease.total().seen).toBe(6);
    sleeper(anAccount({ seen: 8, started: 8 }), noon + 202_000);
    expect(lease.total()).toEqual(anAccount({ seen: 9, started: 9 }));
  });

  it('of a build before the first release are read, in the words of today', () => {
    const lease = aLease();
    const account = { seen: 6, started: 0, joined: 0, covered: 1, held: 2, baseline: 3, refused: {}, gaps: 0 };
    lease.apply({ 'ledger.kagent.dev/old': JSON.stringify({ at: new Date(noon).toISOString(), account }) });
    expect(lease.total()).toEqual(anAccount({ seen: 6, 'already-handled': 1, 'incident-failed': 2, 'too-old': 3 }));
  });

  it('that are no accounts are left alone', () => {
    const lease = aLease();
    lease.apply({ 'ledger.kagent.dev/odd': 'not JSON', 'ledger.kagent.dev/other': '{"at":1}', 'example.com/x': 'y' });
    lease.open('one')(anAccount({ seen: 1 }), noon);
    expect(lease.total()).toEqual(anAccount({ seen: 1 }));
  });
});

describe('the report', () => {
  const report = (over: Partial<LedgerReport> = {}): LedgerReport => ({
    installation: 'demo',
    sinceMs: noon,
    watchers: 1,
    account: anAccount({ seen: 4, started: 1, joined: 2, refused: { Paused: 1 } }),
    remembered: { executions: 1, received: 3, unreadable: 0, retainedFromMs: noon - 1 },
    ...over,
  });

  it('is balanced when all have ended and all that was handed over is remembered', () => {
    expect(isBalanced(report())).toBe(true);
    expect(linesOf(report()).join('\n')).toMatch(
      /refused +1 +Paused 1\n +difference +0\n.*remember 3 of 3.*: 0 lost\./,
    );
  });

  it('is not balanced when an execution remembers less than it was handed', () => {
    const lossy = report({ remembered: { executions: 1, received: 2, unreadable: 0, retainedFromMs: noon - 1 } });
    expect([isBalanced(lossy), lostOf(lossy)]).toEqual([false, 1]);
  });

  it('is not balanced when something was seen and has not ended', () => {
    expect(isBalanced(report({ account: anAccount({ seen: 5, started: 4 }) }))).toBe(false);
  });

  it('counts what was handed over once more, and says what was received again', () => {
    const again = report({
      account: anAccount({ seen: 3, started: 1, joined: 2, restarted: 3, gaps: 1, gapSeconds: 12.4 }),
      remembered: { executions: 2, received: 7, unreadable: 0, retainedFromMs: noon - 1 },
    });
    const text = linesOf(again).join('\n');
    expect(text).toContain('remember 7 of 6 handed over (3 of them once more): 0 lost, 1 received again');
    expect(text).toContain('Nobody watched 1 time(s), 12 s in all.');
  });

  it('compares nothing once Temporal has begun to forget', () => {
    const old = report({ remembered: { executions: 0, received: 0, unreadable: 0, retainedFromMs: noon + 1 } });
    expect([isBalanced(old), lostOf(old)]).toEqual([true, undefined]);
    expect(linesOf(old).join('\n')).toContain('not compared');
  });

  it('calls nothing lost where executions cannot be read, and says how many', () => {
    const sealed = report({ remembered: { executions: 0, received: 0, unreadable: 2, retainedFromMs: noon - 1 } });
    expect([isBalanced(sealed), lostOf(sealed)]).toEqual([true, undefined]);
    expect(linesOf(sealed).join('\n')).toContain('2 execution(s) cannot be read, because their key is not here');
  });
});
