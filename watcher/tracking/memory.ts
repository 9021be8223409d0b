/**
 * What the tracker remembers of one object in trouble: what is visible on it, and how each Hook stands to that.
 *
 * Objects without trouble have no memory, so that it is bounded by what is open. Types and small pure functions.
 */
import type { Finding } from '../detectors/detector.ts';
import type { Claim, Refusal, Sighting } from '../matching/match.ts';

/** A finding that is visible now. */
export interface Seen {
  finding: Finding;
  /** When we saw it first, or when it last began anew. */
  firstMs: number;
  /** Whether the object was watched when it became visible. */
  isWitnessed: boolean;
  /** Whether we saw it begin: the object was there before, and this was not. */
  begunHere: boolean;
}

/** How one Hook stands to one finding. */
export type Standing =
  | { state: 'taken'; claim: Claim }
  | { state: 'waiting'; dueMs: number }
  | { state: 'refused'; refusal: Refusal };

export interface Memory {
  object: Sighting['object'] & { isBeingDeleted: boolean };
  owners: Sighting['owners'];
  /** Where nobody watched when it changed last, since when at the latest that is. */
  changedSinceMs?: number | undefined;
  /** What is visible on the object as it was last. */
  detect: (clockMs: number) => Finding[];
  seen: Map<string, Seen>;
  /** By `standingKey`. */
  standings: Map<string, Standing>;
  /** States that were taken by Hooks which were edited since; they still have to end. By what makes an execution another one. */
  former: Map<string, { findingKey: string; claim: Claim }>;
  /** By Hook and fact: the key of the configuration that took it, so that what is learned later makes no second incident. */
  takers: Map<string, string>;
  /** Sentences by occurrence id: once intended, always intended. */
  dismissed: Map<string, string>;
}

export function findingKey({ type, occurrence }: Finding): string {
  return `${type}|${occurrence.id}`;
}

export function standingKey(hookUid: string, key: string): string {
  return `${hookUid}|${key}`;
}

export function takerKey(hookUid: string, { fact }: Finding): string {
  return `${hookUid}|${fact}`;
}

/** A finding that is still visible. What we learned first stays: later the object may show less of its past. */
export function goneOn(known: Seen, finding: Finding, clockMs: number): Seen {
  if (beginsAnew(known.finding, finding)) return { finding, firstMs: clockMs, isWitnessed: true, begunHere: true };
  const { sinceMs, counts, allowedMs = 0 } = known.finding;
  const isLess = allowedMs < (finding.allowedMs ?? 0);
  const kept = { ...(sinceMs !== undefined && { sinceMs }), ...(counts && { counts }), ...(isLess && { allowedMs }) };
  return { ...known, finding: { ...finding, ...kept } };
}

function beginsAnew(known: Finding, finding: Finding): boolean {
  if (known.progress !== finding.progress || hasGrown(known.counts, finding.counts)) return true;
  return finding.progress === undefined && known.sinceMs !== finding.sinceMs;
}

/** Counts that fall and come back are no progress: they are compared with the most that they were, the first ones first. */
function hasGrown(most: readonly number[] = [], now: readonly number[] = []): boolean {
  const index = now.findIndex((count, at) => count !== most[at]);
  return index !== -1 && (now[index] ?? 0) > (most[index] ?? 0);
}

/** Since when a state is true, by our clock where we saw it begin: clocks of nodes may be far off. */
export function sinceMs({ finding, firstMs, begunHere }: Seen): number {
  return begunHere ? firstMs : Math.min(finding.sinceMs ?? firstMs, firstMs);
}

/** What it has taken is kept aside: the execution that was started for it still has to be notified of the end. */
export function forgetHook(memory: Memory, hookUid: string): void {
  for (const [key, standing] of memory.standings) {
    if (!key.startsWith(`${hookUid}|`)) continue;
    memory.standings.delete(key);
    if (standing.state !== 'taken' || standing.claim.sighting.finding.nature !== 'state') continue;
    memory.former.set(formerKey(key, standing.claim), { findingKey: afterBar(key), claim: standing.claim });
  }
}

/** What is taken again after an edit belongs to the same execution, unless the edit leads to another one. */
function formerKey(standing: string, { configuration, sighting }: Claim): string {
  return JSON.stringify([standing, configuration.key, configuration.groupBy, sighting.owners.at(-1)?.uid]);
}

/** Nobody is there any more who could take anything; states that it has taken still have to end. */
export function forgetGoneHook(memory: Memory, hookUid: string): void {
  forgetHook(memory, hookUid);
  for (const key of memory.takers.keys()) if (key.startsWith(`${hookUid}|`)) memory.takers.delete(key);
}

/** Forgets what is not visible any more. */
export function forgetInvisible(memory: Memory): void {
  const facts = new Set([...memory.seen.values()].map(({ finding }) => finding.fact));
  const ids = new Set([...memory.seen.values()].map(({ finding }) => finding.occurrence.id));
  for (const key of memory.standings.keys()) if (!memory.seen.has(afterBar(key))) memory.standings.delete(key);
  for (const key of memory.takers.keys()) if (!facts.has(afterBar(key))) memory.takers.delete(key);
  for (const id of memory.dismissed.keys()) if (!ids.has(id)) memory.dismissed.delete(id);
  for (const [key, { findingKey: finding }] of memory.former) if (!memory.seen.has(finding)) memory.former.delete(key);
}

/** What stands behind the uid of the Hook; uids hold no bar. */
export function afterBar(key: string): string {
  return key.slice(key.indexOf('|') + 1);
}
