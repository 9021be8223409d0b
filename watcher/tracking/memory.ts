/**
 * What the tracker remembers of one object in trouble: what is visible on it, and what each Hook was told.
 *
 * Objects without trouble have no memory, so that it is bounded by what is open. Types and small pure functions.
 */
import type { Finding } from '../detectors/detector.ts';
import type { Listener } from '../hooks/listeners.ts';
import type { LiveConfiguration } from '../hooks/read-configuration.ts';
import type { RefusalReason, Sighting } from '../matching/match.ts';

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

export interface Told {
  listener: Listener;
  configuration: LiveConfiguration;
  sighting: Sighting;
}

/** How one Hook stands to one finding. */
export type Standing =
  | { state: 'told'; told: Told }
  | { state: 'waiting'; dueMs: number; configuration: LiveConfiguration }
  | { state: 'refused'; reason: RefusalReason };

export interface Memory {
  object: Sighting['object'] & { isBeingDeleted: boolean };
  owners: Sighting['owners'];
  /** Where nobody watched when it changed last, since when at the latest that is. */
  changedSinceMs?: number | undefined;
  /** Looks at the object as it was last. */
  look: (clockMs: number) => Finding[];
  seen: Map<string, Seen>;
  /** By `standingKey`. */
  standings: Map<string, Standing>;
  /** States that were told to Hooks which were edited since; they still have to end. By what makes an execution another one. */
  former: Map<string, { findingKey: string; told: Told }>;
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

/** What it was told is kept aside, because the execution that was started then still has to hear the end. */
export function forgetHook(memory: Memory, hookUid: string): void {
  for (const [key, standing] of memory.standings) {
    if (!key.startsWith(`${hookUid}|`)) continue;
    memory.standings.delete(key);
    if (standing.state !== 'told' || standing.told.sighting.finding.nature !== 'state') continue;
    memory.former.set(formerKey(key, standing.told), { findingKey: afterBar(key), told: standing.told });
  }
}

/** What is told again after an edit is told to the same execution, unless the edit leads to another one. */
function formerKey(standing: string, { configuration, sighting }: Told): string {
  return JSON.stringify([standing, configuration.key, configuration.groupBy, sighting.owners.at(-1)?.uid]);
}

/** Nobody is there any more who could take anything; an end of what it was told is still heard. */
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
