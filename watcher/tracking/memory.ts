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

/** How one Hook stands to what is visible on an object. */
export interface Stance {
  /** By `findingKey`. */
  standings: Map<string, Standing>;
  /** By fact: the key of the configuration that took it, so that what is learned later makes no second incident. */
  takers: Map<string, string>;
}

export interface Memory {
  object: Sighting['object'] & { isBeingDeleted: boolean };
  owners: Sighting['owners'];
  /** Where nobody watched when it changed last, since when at the latest that is. */
  changedSinceMs?: number | undefined;
  /** What is visible on the object as it was last. */
  detect: (clockMs: number) => Finding[];
  /** By `findingKey`. */
  seen: Map<string, Seen>;
  /** By uid of the Hook. */
  stances: Map<string, Stance>;
  /** States that were taken by Hooks which were edited since; they still have to end. By what makes an execution another one. */
  former: Map<string, Claim>;
  /** Sentences by occurrence id: once intended, always intended. */
  dismissed: Map<string, string>;
}

export function newMemory(object: Memory['object']): Memory {
  return {
    object,
    owners: [],
    detect: () => [],
    seen: new Map(),
    stances: new Map(),
    former: new Map(),
    dismissed: new Map(),
  };
}

export function findingKey({ type, occurrence }: Finding): string {
  return `${type}|${occurrence.id}`;
}

export function standingsOf({ stances }: Memory): Standing[] {
  return [...stances.values()].flatMap(({ standings }) => [...standings.values()]);
}

/** What is so of a finding that was not visible before. */
export type Fresh = Omit<Seen, 'finding'>;

/** These findings are what is visible now. */
export function remember(memory: Memory, findings: readonly Finding[], fresh: Fresh): void {
  memory.seen = new Map(findings.map((finding) => [findingKey(finding), seenOf(memory, finding, fresh)]));
}

function seenOf(memory: Memory, found: Finding, fresh: Fresh): Seen {
  const { id } = found.occurrence;
  if (found.dismissed !== undefined) memory.dismissed.set(id, found.dismissed);
  const dismissed = memory.dismissed.get(id);
  const finding = dismissed === undefined ? found : { ...found, dismissed };
  const known = memory.seen.get(findingKey(found));
  return known === undefined ? { ...fresh, finding } : goneOn(known, finding, fresh.firstMs);
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
  const standings = memory.stances.get(hookUid)?.standings;
  for (const [key, standing] of standings ?? []) {
    if (standing.state !== 'taken' || standing.claim.sighting.finding.nature !== 'state') continue;
    memory.former.set(formerKey(key, standing.claim), standing.claim);
  }
  standings?.clear();
}

/** What is taken again after an edit belongs to the same execution, unless the edit leads to another one. */
function formerKey(key: string, { listener, configuration, sighting }: Claim): string {
  const { uid } = listener.hook;
  return JSON.stringify([uid, key, configuration.key, configuration.groupBy, sighting.owners.at(-1)?.uid]);
}

/** Forgets what is not visible any more. */
export function forgetInvisible({ seen, stances, former, dismissed }: Memory): void {
  const findings = [...seen.values()].map(({ finding }) => finding);
  const facts = new Set(findings.map(({ fact }) => fact));
  for (const { standings, takers } of stances.values()) {
    keepOnly(standings, seen);
    keepOnly(takers, facts);
  }
  keepOnly(dismissed, new Set(findings.map(({ occurrence }) => occurrence.id)));
  for (const [key, { sighting }] of former) if (!seen.has(findingKey(sighting.finding))) former.delete(key);
}

function keepOnly(map: Map<string, unknown>, kept: { has: (key: string) => boolean }): void {
  for (const key of map.keys()) if (!kept.has(key)) map.delete(key);
}
