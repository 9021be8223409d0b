/**
 * How a Hook stands to a finding that it has not taken: one configuration takes it now, it waits, or it is refused.
 *
 * Pure. Two agents must not repair one Pod at once, so of several types that see the same fact the most specific one takes it,
 * and the others say why they did not.
 */
import type { IncidentType } from '../../workflows/contract/hook.ts';
import type { RefusalReason } from '../matching/match.ts';
import { type Arbitration, type Candidate, moreSpecific, stanceOf } from './arbitration.ts';
import { type Standing, sinceMs } from './memory.ts';

/** For how long a general type lets a specific one go first: its evidence may be on the way. */
const yieldMs = 2000;

/** Less than what a watcher that starts later looks back over. */
const longestPatienceMs = 60_000;

/** Types whose trouble is seen before its better cause may be. */
const yielding: Partial<Record<IncidentType, readonly IncidentType[]>> = {
  'pod-restart': ['oom-kill', 'probe-failed'],
  'pod-failed': ['oom-kill', 'probe-failed'],
};

export function arbitrate(arbitration: Arbitration, candidate: Candidate): Standing {
  const { seen, claim, refusal } = candidate;
  if (refusal !== undefined) return { state: 'refused', refusal };
  const taker = stanceOf(arbitration).takers.get(seen.finding.fact);
  if (taker !== undefined && taker !== claim.configuration.key)
    return refused('TakenBefore', `The configuration ${taker} of this Hook took it before.`);
  const rival = taker === undefined ? moreSpecific(arbitration, seen) : undefined;
  if (rival === undefined) return fromMs(arbitration, dueOf(arbitration, candidate)) ?? { state: 'taken', claim };
  const { type, key } = rival.claim.configuration;
  return (
    fromMs(arbitration, seen.finding.nature === 'edge' ? patienceOf(arbitration, seen.firstMs, rival) : 0) ??
    refused('TakenByMoreSpecific', `The same trouble is ${type}, which the configuration ${key} of this Hook takes.`)
  );
}

function refused(reason: RefusalReason, message: string): Standing {
  return { state: 'refused', refusal: { reason, message } };
}

/** Undefined once the moment has come. */
function fromMs({ clockMs }: Arbitration, dueMs: number): Standing | undefined {
  return clockMs < dueMs ? { state: 'waiting', dueMs } : undefined;
}

/** A state may end before it counts, and then nobody would take the edge; so long the edge waits for it, and no longer. */
function patienceOf(arbitration: Arbitration, firstMs: number, rival: Candidate): number {
  return Math.min(dueOf(arbitration, rival), firstMs + longestPatienceMs);
}

function dueOf({ listener, holds }: Arbitration, { seen, claim }: Candidate): number {
  const { finding, firstMs } = seen;
  if (finding.nature === 'state') {
    const holdMs = claim.configuration.afterMs ?? holds[finding.type] ?? finding.holdMs ?? 0;
    return sinceMs(seen) + holdMs + (finding.allowedMs ?? 0);
  }
  const specific = yielding[finding.type] ?? [];
  const hasSpecific = listener.hook.configurations.some(({ type }) => specific.includes(type));
  return hasSpecific ? firstMs + yieldMs : 0;
}
