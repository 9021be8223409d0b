/**
 * One trouble, one question per Hook: which of a Hook's configurations takes a finding, and when.
 *
 * Pure. Two agents must not repair one Pod at once, so of several types that see the same fact the most specific one takes it,
 * and the others say why they did not.
 */
import type { IncidentType } from '../../workflows/contract/hook.ts';
import { specificity } from '../detectors/index.ts';
import type { Listener } from '../hooks/listeners.ts';
import type { LiveConfiguration } from '../hooks/read-configuration.ts';
import { type Refusal, refuse, type Sighting } from '../matching/match.ts';
import { findingKey, type Memory, type Seen, sinceMs, takerKey } from './memory.ts';
import type { Own, Rival, Rulings } from './rulings.ts';

/** For how long a general type lets a specific one go first: its evidence may be on the way. */
const yieldMs = 2000;

/** Less than what a watcher that starts later looks back over. */
const longestPatienceMs = 60_000;

/** Types whose trouble is seen before its better cause may be. */
const yielding: Partial<Record<IncidentType, readonly IncidentType[]>> = {
  'pod-restart': ['oom-kill', 'probe-failed'],
  'pod-failed': ['oom-kill', 'probe-failed'],
};

/** By type: how long a state must hold, in place of what its detector says. */
export type Holds = Partial<Record<IncidentType, number>>;

export type Verdict =
  | { kind: 'take'; configuration: LiveConfiguration }
  | { kind: 'wait'; configuration: LiveConfiguration; dueMs: number }
  | { kind: 'refuse'; refusal: Refusal; configuration: LiveConfiguration | undefined };

export interface Case {
  memory: Memory;
  seen: Seen;
  listener: Listener;
  rulings: Rulings;
  holds: Holds;
  clockMs: number;
}

export function arbitrate(matter: Case): Verdict {
  const own = ownOf(matter, matter.seen);
  if ('refusal' in own) return { kind: 'refuse', ...own };
  const { configuration } = own;
  const { memory, seen, listener, clockMs } = matter;
  const taker = memory.takers.get(takerKey(listener.hook.uid, seen.finding));
  if (taker !== undefined && taker !== configuration.key) {
    const message = `The configuration ${taker} of this Hook took it before.`;
    return { kind: 'refuse', refusal: { reason: 'TakenBefore', message }, configuration };
  }
  const rival = taker === undefined ? moreSpecific(matter) : undefined;
  if (rival !== undefined) {
    const untilMs = seen.finding.nature === 'edge' ? patienceOf(matter, rival) : 0;
    if (clockMs < untilMs) return { kind: 'wait', configuration, dueMs: untilMs };
    const { type, key } = rival.configuration;
    const message = `The same trouble is ${type}, which the configuration ${key} of this Hook takes.`;
    return { kind: 'refuse', refusal: { reason: 'TakenByMoreSpecific', message }, configuration };
  }
  const dueMs = dueOf(matter, configuration);
  return clockMs < dueMs ? { kind: 'wait', configuration, dueMs } : { kind: 'take', configuration };
}

/** The first configuration of the type that means it; else the first one's refusal, or that of an expression that failed. */
function configurationFor({ listener, rulings: { allowance } }: Case, sighting: Sighting): Own {
  let first: { configuration: LiveConfiguration; refusal: Refusal } | undefined;
  for (const configuration of listener.hook.configurations) {
    if (configuration.type !== sighting.finding.type) continue;
    const refusal = refuse({ listener, configuration, allowance }, sighting);
    if (refusal === undefined) return { configuration };
    if (first === undefined || isFault(refusal, first.refusal)) first = { configuration, refusal };
  }
  return (
    first ?? { configuration: undefined, refusal: { reason: 'NamespaceNotWatched', message: 'No configuration.' } }
  );
}

/** A fault of the Hook has to be shown, also behind a configuration that only means something else. */
function isFault(refusal: Refusal, shown: Refusal): boolean {
  return refusal.reason === 'ExpressionFailed' && shown.reason !== 'ExpressionFailed';
}

function ownOf(matter: Case, seen: Seen): Own {
  const { rulings, memory } = matter;
  const key = findingKey(seen.finding);
  const own = rulings.own.get(key) ?? configurationFor(matter, rulings.sightingOf(memory, seen));
  rulings.own.set(key, own);
  return own;
}

/** A state may end before it counts, and then nobody would have been told of the edge; so long it waits for that, and no longer. */
function patienceOf(matter: Case, { seen, configuration }: Rival): number {
  return Math.min(dueOf({ ...matter, seen }, configuration), matter.seen.firstMs + longestPatienceMs);
}

function moreSpecific(matter: Case): Rival | undefined {
  const { fact, type } = matter.seen.finding;
  const taker = takerOf(matter, fact);
  return taker !== undefined && rank(taker.configuration.type) < rank(type) ? taker : undefined;
}

/** The configuration of the most specific type that means what it sees of the fact. */
function takerOf(matter: Case, fact: string): Rival | undefined {
  const { takers, byFact } = matter.rulings;
  if (takers.has(fact)) return takers.get(fact);
  const sides = (byFact.get(fact) ?? []).toSorted((a, b) => rank(a.finding.type) - rank(b.finding.type));
  let taker: Rival | undefined;
  for (const seen of sides) {
    const own = ownOf(matter, seen);
    if (!('refusal' in own)) taker = { seen, configuration: own.configuration };
    if (taker !== undefined) break;
  }
  takers.set(fact, taker);
  return taker;
}

function rank(type: IncidentType): number {
  return specificity.indexOf(type);
}

function dueOf({ seen, listener, holds }: Case, configuration: LiveConfiguration): number {
  const { finding, firstMs } = seen;
  if (finding.nature === 'state') {
    const holdMs = configuration.afterMs ?? holds[finding.type] ?? finding.holdMs ?? 0;
    return sinceMs(seen) + holdMs + (finding.allowedMs ?? 0);
  }
  const first = yielding[finding.type] ?? [];
  const hasSpecific = listener.hook.configurations.some(({ type }) => first.includes(type));
  return hasSpecific ? firstMs + yieldMs : 0;
}
