/**
 * The accounts of all watchers as annotations of the Lease: each writes its own, and takes over those of the dead. Pure.
 *
 * A watcher that comes back after another took its account over begins anew with what it counted since.
 */
import { z } from 'zod';
import { Account, type Ending, emptyAccount, minus, sumOf } from './account.ts';

const prefix = 'ledger.kagent.dev/';
/** An account that nobody has written for so long belongs to nobody. */
const abandonedMs = 2 * 60_000;

/** Builds before the first release wrote other words for three endings. */
const earlierWords: Record<string, Ending> = {
  covered: 'already-handled',
  held: 'incident-failed',
  baseline: 'too-old',
};

const Entry = z.object({ at: z.iso.datetime(), account: Account });
export type Entry = z.infer<typeof Entry>;

export type Annotations = Record<string, string>;

export function readEntries(annotations: Annotations): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const [name, text] of Object.entries(annotations)) {
    if (!name.startsWith(prefix)) continue;
    const entry = Entry.safeParse(parsed(text));
    if (entry.success) entries.set(name.slice(prefix.length), entry.data);
  }
  return entries;
}

/** The account of everybody together. */
export function totalOf(entries: ReadonlyMap<string, Entry>): Account {
  return sumOf([...entries.values()].map(({ account }) => account));
}

/** What this process keeps between two writes. */
export type OwnEntry = ReturnType<typeof newOwnEntry>;

/** `key` is unique to this process. */
export function newOwnEntry(key: string) {
  return {
    key,
    /** Taken over from those before it. */
    base: emptyAccount,
    /** What this process had counted when its own entry was taken over by another. */
    given: emptyAccount,
    hasWritten: false,
  };
}

/** The next write, to be merged into the annotations (null removes one), from what stands in the Lease now and what this process has counted up to now. */
export function nextWrite(
  annotations: Annotations,
  own: OwnEntry,
  { counted, nowMs }: { counted: Account; nowMs: number },
): { own: OwnEntry; patch: Record<string, string | null> } {
  const entries = readEntries(annotations);
  const wasTaken = own.hasWritten && !entries.has(own.key);
  const kept: OwnEntry = wasTaken ? { ...own, base: emptyAccount, given: counted } : own;
  const abandoned = [...entries].filter(([key, { at }]) => key !== own.key && nowMs - Date.parse(at) > abandonedMs);
  const base = sumOf([kept.base, ...abandoned.map(([, { account }]) => account)]);
  const entry: Entry = { at: new Date(nowMs).toISOString(), account: sumOf([base, minus(counted, kept.given)]) };
  return {
    own: { ...kept, base, hasWritten: true },
    patch: {
      ...Object.fromEntries(abandoned.map(([key]) => [`${prefix}${key}`, null])),
      [`${prefix}${own.key}`]: JSON.stringify(entry),
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replaceAll(/(?<=")(covered|held|baseline)(?=":)/g, (word) => earlierWords[word] ?? word));
  } catch {
    return undefined;
  }
}
